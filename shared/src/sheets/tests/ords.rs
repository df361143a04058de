use std::{collections::HashMap, path::PathBuf};

use super::*;
use crate::{
    sheets::ords::{OrdsOrigin, OrdsWriter, is_ords, read_ords},
    warehouse::{Filter, ValueRef},
};

const SAMPLE: &str = "id,data_provider,country,partner_product_category,product_category,product_category_id,brand,\
year_of_manufacture,product_age,repair_status,repair_barrier_if_end_of_life,group_identifier,event_date,problem\n\
ours_1,Café,POL,Kuchnia ~ Toster,Toaster,31,Bosch,2015,9.5,Fixed,\"\",Grupa,2025-04-01,\"Nie grzeje, iskrzy\"\n\
ours_2,Café,POL,\"\",Misc,18,Unknown,\"\",\"\",End of life,No way to open product,Grupa,2025-04-02,\"\"\n\
ours_3,Café,POL,X,Lamp,15,\"\",\"\",\"\",Repairable,\"\",\"\",\"\",=1+1\n\
ours_4,Café,POL,X,\"\",15,Unknown,\"\",\"\",Other,\"\",\"\",01.02.2025,\"a \"\"b\"\"\"\n";

fn origin() -> OrdsOrigin {
    OrdsOrigin {
        data_provider: "Serwis".to_owned(),
        country: "POL".to_owned(),
        zone: WARSAW,
    }
}

/// Reads a file of the standard and writes its repairs again, names looked up as a warehouse would.
fn again(bytes: &[u8]) -> (Vec<u8>, HashMap<String, usize>) {
    let mut file = open(bytes).unwrap();
    assert!(is_ords(file.header()));
    let mut writer = OrdsWriter::new(origin(), Vec::new());
    let mut names: HashMap<String, String> = HashMap::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let scan = OrdsWriter::<Vec<u8>>::scan(Filter::All).unwrap();
    let summary = read_ords(&mut file, &mut |batch| {
        assert_eq!(batch.problems, []);
        *counts.entry(batch.table.name.to_string()).or_default() += batch.rows.len();
        let at = |name: &str| batch.columns.iter().position(|column| column == name);
        let mut rows = Rows::new(scan.columns.len());
        for row in batch.rows.iter() {
            match batch.table.name.as_ref() {
                "dictionaries" => {
                    let text = |name| row.get(at(name).unwrap()).as_str().unwrap().to_owned();
                    names.insert(text("id"), text("name"));
                }
                "repairs" => rows.push_row(scan.columns.iter().map(|name| match at(name) {
                    Some(index) => row.get(index),
                    None => {
                        let id = row.get(at("type_id").unwrap()).as_str();
                        id.map_or(ValueRef::Null, |id| ValueRef::Text(&names[id]))
                    }
                })),
                _ => {}
            }
        }
        writer.write(&rows).unwrap();
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(summary.rows, writer.rows());
    (writer.finish().unwrap(), counts)
}

#[test]
fn a_file_of_the_standard_comes_back_as_it_was() {
    let (written, counts) = again(SAMPLE.as_bytes());
    assert_eq!(String::from_utf8(written).unwrap(), SAMPLE);
    assert_eq!(counts["repairs"], 4);
    assert_eq!(counts["dictionaries"], 3);
    // Seven that the standard alone has, and three kept because their places could not hold what the cells say.
    assert_eq!(counts["custom_fields"], 7 + 4);
}

#[test]
fn repairs_hold_what_the_standard_says() {
    let mut file = open(SAMPLE).unwrap();
    let mut all = Everything::default();
    read_ords(&mut file, &mut |batch| {
        if batch.table.name == "repairs" {
            gather(&mut all, &batch);
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(all.value(0, "id"), &Value::from("ords:ours_1"));
    assert_eq!(all.value(0, "vendor"), &Value::from("Bosch"));
    assert_eq!(
        all.value(0, "type_id"),
        &Value::from("ords:category:31:Toaster")
    );
    assert_eq!(all.value(1, "vendor"), &Value::Null);
    let statuses: Vec<_> = (0..4).map(|row| all.value(row, "status").clone()).collect();
    assert_eq!(
        statuses,
        ["CLOSED", "NOT_PROCESSABLE", "CANCELED", "REQ_SUMMARY"].map(Value::from)
    );
}

#[test]
fn the_shops_own_repairs_leave_in_the_standard() {
    let mut writer = OrdsWriter::new(origin(), Vec::new());
    let mut rows = Rows::new(8);
    let late = chrono::DateTime::from_timestamp(1_743_463_800, 0).unwrap();
    rows.push_row([
        ValueRef::Text("shop:7"),
        ValueRef::Text("shop:d1"),
        ValueRef::Text("laptop"),
        ValueRef::Null,
        ValueRef::Text("Nie działa"),
        ValueRef::Text("WAITING_FOR_COLLECTION"),
        ValueRef::Timestamp(late),
        ValueRef::Null,
    ]);
    writer.write(&rows).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    let row = text.lines().nth(1).unwrap();
    assert_eq!(
        row,
        "shop:7,Serwis,POL,laptop,Laptop,16,Unknown,\"\",\"\",Fixed,\"\",\"\",2025-04-01,Nie działa"
    );
}

#[test]
fn a_file_without_the_standards_columns_is_refused() {
    let mut file = open("id,brand\n1,Bosch\n").unwrap();
    assert!(!is_ords(file.header()));
    let outcome = read_ords(&mut file, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(
        outcome,
        Err(SheetError::MissingHeader {
            header: "product_category"
        })
    ));
}

#[test]
fn published_files_come_back_cell_for_cell() {
    for name in ["RepairCafeDenmark_202507.csv", "RepairCafeWales_202507.csv"] {
        let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        // Beside the checkout, or beside the folder of several checkouts.
        let places = ["../shared", "../../shared"]
            .map(|place| workspace.join(place).join("data/openrepair").join(name));
        let Some(bytes) = places.iter().find_map(|place| std::fs::read(place).ok()) else {
            println!("skipped: {name} is not there");
            continue;
        };
        let (written, counts) = again(&bytes);
        assert!(written == bytes, "{name} came back otherwise");
        assert_eq!(
            counts["repairs"],
            csv::Reader::from_reader(bytes.as_slice()).records().count()
        );
    }
}

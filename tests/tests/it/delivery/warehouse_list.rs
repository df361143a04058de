use std::sync::Arc;

use wynos::{
    catalog,
    control::{Actor, FileFormat},
    delivery::{self, Order},
    warehouse::{Admit, Filter, Operator, Rows, Rule, Value, ValueRef, Write},
};

use super::{Bed, beds};

/// The ids of deliveries and the names of parts with their types, of a list that was written for programs.
async fn listed(bed: &Bed, filter: Filter) -> Vec<[String; 3]> {
    let path = bed.folder.path().join("taken.csv");
    let order = Order {
        ordered_by: Actor::CommandLine,
        filter,
        plain: true,
        ..bed.order(FileFormat::Csv, Some("warehouse"))
    };
    let made = delivery::build_to(&bed.services, &order, &path)
        .await
        .unwrap();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header = reader.headers().unwrap().clone();
    let cell = |record: &csv::StringRecord, name: &str| {
        let at = header.iter().position(|header| header == name).unwrap();
        record[at].to_owned()
    };
    let rows: Vec<[String; 3]> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            ["id", "part_id.name", "part_id.type_id.name"].map(|name| cell(&record, name))
        })
        .collect();
    assert_eq!(made.counts["warehouse"], rows.len() as i64);
    rows
}

#[tokio::test]
async fn the_list_of_the_warehouse_shows_parts_without_a_delivery_too() {
    for bed in beds().await {
        let table = |name: &str| catalog::table(name).unwrap();
        let types = bed
            .rows(table("dictionaries"), &["id", "type", "name"])
            .await;
        let of_parts = |row: &&Vec<Option<String>>| row[1].as_deref() == Some("COMPONENT_TYPE");
        let ty = types.iter().find(of_parts).unwrap().clone();
        // More than are asked about at once.
        let mut rows = Rows::new(3);
        for number in 0..600 {
            let (id, name) = (format!("bare:{number:04}"), format!("Goła {number}"));
            let ty = ty[0].as_deref().unwrap();
            rows.push_row([&id, ty, &name].map(ValueRef::Text));
        }
        bed.commit(vec![Write::Admit(Admit {
            table: Arc::clone(table("parts")),
            source_id: "local".to_owned(),
            columns: ["id", "type_id", "name"].map(str::to_owned).to_vec(),
            rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        })])
        .await;
        let deliveries = bed.rows(table("part_deliveries"), &["part_id"]).await;
        let parts = bed.rows(table("parts"), &["id"]).await;
        let without = parts
            .iter()
            .filter(|part| !deliveries.contains(part))
            .count();
        assert!(without >= 600);

        let all = listed(&bed, Filter::All).await;
        assert_eq!(all.len(), deliveries.len() + without);
        let bare = all.iter().filter(|row| row[1].starts_with("Goła ")).count();
        assert_eq!(bare, 600);
        assert_eq!(all.last().unwrap()[2], ty[2].clone().unwrap());
        assert!(
            all.iter().all(|row| !row[2].is_empty()),
            "every part has a type"
        );

        let left = Filter::compare("quantity_left", Operator::Greater, Value::Decimal(0.into()));
        let left = listed(&bed, left).await;
        assert!(!left.is_empty() && left.iter().all(|row| !row[0].is_empty()));
        let cards = listed(&bed, Filter::IsNull("id".to_owned())).await;
        assert_eq!(cards.len(), without);
    }
}

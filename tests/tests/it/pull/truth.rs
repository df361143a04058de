use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;
use wynos::{
    catalog::{self, Storage, Table},
    warehouse::Value,
};

use super::Bed;

/// Compares the living rows of these tables with the vendor's truth, row by row and column by column; gives what differs.
pub(super) async fn differences(bed: &Bed, tables: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables {
        let url = format!(
            "{}/sandbox/truth/{table}?company={}",
            bed.sandbox.control_url, bed.company
        );
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        compare(bed, catalog::table(table).unwrap(), &text, &mut found).await;
    }
    found
}

async fn compare(bed: &Bed, table: &Table, truth: &str, found: &mut Vec<String>) {
    let columns: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_ref())
        .collect();
    let key = |row: &dyn Fn(&str) -> String| -> String {
        table
            .key
            .iter()
            .map(|name| row(name))
            .collect::<Vec<_>>()
            .join("/")
    };
    let mut ours = BTreeMap::new();
    for row in bed.rows(&table.name, &columns).await {
        let of = |name: &str| match &row[columns.iter().position(|column| *column == name).unwrap()]
        {
            Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        ours.insert(key(&of), row.clone());
    }
    let mut count = 0;
    for line in truth.lines() {
        let theirs: serde_json::Map<String, Json> = serde_json::from_str(line).unwrap();
        if theirs["_deleted"] == true {
            continue;
        }
        count += 1;
        let name = key(&|part: &str| theirs[part].to_string());
        let Some(row) = ours.remove(&name) else {
            found.push(format!("{} {name} is missing", table.name));
            continue;
        };
        for (column, value) in columns.iter().zip(&row) {
            let Some(said) = theirs.get(*column) else {
                continue;
            };
            let storage = table.column(column).unwrap().ty.storage();
            // The vendor writes phones with a plus and without; the copy writes all of them with one.
            let plus = |text: &str| text.trim_start_matches('+').to_owned();
            if let (true, Value::Text(ours), Json::String(theirs)) =
                (column.contains("phone"), value, said)
                && plus(ours) == plus(theirs)
            {
                continue;
            }
            if !same(storage, value, said) {
                found.push(format!(
                    "{} {name} {column}: {value:?}, and not {said}",
                    table.name
                ));
            }
        }
    }
    for name in ours.keys() {
        found.push(format!("{} {name} is too much", table.name));
    }
    assert!(count > 0 || ours.is_empty(), "{} has no truth", table.name);
}

fn same(storage: Storage, value: &Value, said: &Json) -> bool {
    match (storage, value, said) {
        (_, Value::Null, said) => said.is_null(),
        // The truth has no id where the vendor has 0 for the root of a tree.
        (Storage::Integer, Value::Integer(0), Json::Null) => true,
        (Storage::Integer, Value::Integer(number), said) => said.as_i64() == Some(*number),
        (Storage::Boolean, Value::Boolean(flag), said) => said.as_bool() == Some(*flag),
        (Storage::Decimal(_), Value::Decimal(number), Json::String(text)) => {
            text.parse::<Decimal>().is_ok_and(|said| said == *number)
        }
        (Storage::Date, Value::Date(day), Json::String(text)) => day.to_string() == *text,
        (Storage::Timestamp, Value::Timestamp(at), Json::String(text)) => {
            chrono::DateTime::parse_from_rfc3339(text).is_ok_and(|said| said == *at)
        }
        (Storage::Text, Value::Text(ours), Json::String(text)) => ours == text,
        (Storage::Json, Value::Json(ours), said) => {
            let ours: Json = serde_json::from_str(ours).unwrap();
            ours == *said
                || said
                    .as_str()
                    .and_then(|text| serde_json::from_str(text).ok())
                    == Some(ours)
        }
        _ => false,
    }
}

use std::{collections::BTreeMap, sync::Arc};

use futures::TryStreamExt;
use serde_json::{Map, Value as Json};
use wynos::{
    SourceId,
    catalog::{self, Storage, Table},
    warehouse::{Filter, Scan, Snapshot, Value, WarehouseError},
};

use crate::{Running, truth};

/// How a copy of one company stands beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Rows that the truth has.
    pub rows: u64,
    /// What differs, in words: a row that is missing or too much, a value that is another.
    pub differences: Vec<String>,
}

impl Running {
    /// Compares the living rows that a source's copy holds of these tables with the truth of its company, row by row and
    /// column by column. Fails when the warehouse cannot be read.
    pub async fn compare(
        &self,
        copy: &Snapshot,
        source: &SourceId,
        company: i64,
        tables: &[&str],
    ) -> Result<Comparison, WarehouseError> {
        let mut comparison = Comparison::default();
        for name in tables {
            let Some(table) = catalog::table(name) else {
                comparison.note(format!("there is no table {name}"));
                continue;
            };
            let held = held(copy, source, table).await?;
            let truth = truth::lines(&self.shared, name, company);
            comparison.table(table, held, &truth);
        }
        Ok(comparison)
    }
}

/// Rows by their keys, in words.
type Held = BTreeMap<String, Vec<Value>>;

async fn held(
    copy: &Snapshot,
    source: &SourceId,
    table: &Arc<Table>,
) -> Result<Held, WarehouseError> {
    let names = columns(table);
    let scan = Scan::of(table)
        .columns(names.iter().copied())
        .filter(Filter::equal("_source_id", source.as_str()));
    let mut held = Held::new();
    let mut batches = copy.scan(scan).await?;
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let row: Vec<Value> = row.values().map(|value| value.to_owned()).collect();
            let part = |name: &str| {
                let value = names.iter().zip(&row).find(|(column, _)| *column == &name);
                value.map_or_else(String::new, |(_, value)| match value {
                    Value::Integer(number) => number.to_string(),
                    other => format!("{other:?}"),
                })
            };
            held.insert(key(table, part), row);
        }
    }
    Ok(held)
}

fn columns(table: &Table) -> Vec<&str> {
    let names = table.columns.iter().map(|column| column.name.as_ref());
    names.collect()
}

fn key(table: &Table, part: impl Fn(&str) -> String) -> String {
    let parts: Vec<String> = table.key.iter().map(|name| part(name)).collect();
    parts.join("/")
}

impl Comparison {
    fn note(&mut self, difference: String) {
        self.differences.push(difference);
    }

    fn table(&mut self, table: &Table, mut held: Held, truth: &str) {
        for line in truth.lines() {
            let theirs: Map<String, Json> = match serde_json::from_str(line) {
                Ok(theirs) => theirs,
                Err(error) => {
                    self.note(format!("a line of {}'s truth is none: {error}", table.name));
                    continue;
                }
            };
            if theirs.get("_deleted") == Some(&Json::Bool(true)) {
                continue;
            }
            self.rows += 1;
            let part = |name: &str| theirs.get(name).map_or_else(String::new, Json::to_string);
            let key = key(table, part);
            match held.remove(&key) {
                Some(ours) => self.row(table, &key, &ours, &theirs),
                None => self.note(format!("{} {key} is missing", table.name)),
            }
        }
        for key in held.keys() {
            self.note(format!("{} {key} is too much", table.name));
        }
    }

    fn row(&mut self, table: &Table, key: &str, ours: &[Value], theirs: &Map<String, Json>) {
        for (column, value) in table.columns.iter().zip(ours) {
            let Some(said) = theirs.get(column.name.as_ref()) else {
                continue;
            };
            if same_phone(&column.name, value, said) || same(column.ty.storage(), value, said) {
                continue;
            }
            let name = &column.name;
            self.note(format!(
                "{} {key} {name}: {value:?}, and not {said}",
                table.name
            ));
        }
    }
}

/// The vendor writes phones with a plus and without; the copy writes all of them with one.
fn same_phone(column: &str, value: &Value, said: &Json) -> bool {
    match (value, said) {
        (Value::Text(ours), Json::String(theirs)) if column.contains("phone") => {
            ours.trim_start_matches('+') == theirs.trim_start_matches('+')
        }
        _ => false,
    }
}

fn same(storage: Storage, value: &Value, said: &Json) -> bool {
    match (storage, value, said) {
        (_, Value::Null, said) => said.is_null(),
        // The truth has no id where the vendor has 0 for the root of a tree.
        (Storage::Integer, Value::Integer(0), Json::Null) => true,
        (Storage::Integer, Value::Integer(number), said) => said.as_i64() == Some(*number),
        (Storage::Boolean, Value::Boolean(flag), said) => said.as_bool() == Some(*flag),
        (Storage::Decimal(_), Value::Decimal(number), Json::String(text)) => text
            .parse()
            .is_ok_and(|said: rust_decimal::Decimal| said == *number),
        (Storage::Date, Value::Date(day), Json::String(text)) => day.to_string() == *text,
        (Storage::Timestamp, Value::Timestamp(at), Json::String(text)) => {
            chrono::DateTime::parse_from_rfc3339(text).is_ok_and(|said| said == *at)
        }
        (Storage::Text, Value::Text(ours), Json::String(text)) => ours == text,
        (Storage::Json, Value::Json(ours), said) => same_json(ours, said),
        _ => false,
    }
}

/// The truth tells JSON as it is, or as a text of it.
fn same_json(ours: &str, said: &Json) -> bool {
    let Ok(ours) = serde_json::from_str::<Json>(ours) else {
        return false;
    };
    let as_text = || serde_json::from_str(said.as_str()?).ok();
    ours == *said || as_text() == Some(ours)
}

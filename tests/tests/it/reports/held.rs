//! What a report holds, in the same words as the truth.

use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::Value as Json;
use wynos::{
    catalog::{self, Table},
    control::ReportKind,
    warehouse::{Filter, Scan, Snapshot, Value},
    yclients::reports,
};

use super::{
    Form, Made, Rows,
    kinds::{self, Field, Is, LINE, LINES},
    table_name,
};
use crate::pull::Bed;

impl Bed {
    /// What a report holds.
    pub(super) async fn kept(&self, made: &Made) -> Rows {
        let warehouse = self.services().warehouses.open(&self.stack.shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        self.kept_in(&snapshot, made).await
    }

    /// What a report held at one moment, its lines with it.
    pub(super) async fn kept_in(&self, snapshot: &Snapshot, made: &Made) -> Rows {
        let table = self.table_of(made, &table_name(made.kind, made.form)).await;
        let rows = scanned(snapshot, &table, made).await;
        let place = |name: &str| table.position(name).unwrap();
        match made.form {
            Form::Json => {
                let (key, content) = (place("key"), place("content"));
                let record = |row: &Vec<Value>| {
                    let body = row[content].as_ref().as_str().unwrap();
                    let body: Json = serde_json::from_str(body).unwrap();
                    of_body(made.kind, row[key].as_ref().as_str().unwrap(), &body)
                };
                rows.iter().flat_map(record).collect()
            }
            Form::Fixed if made.kind == ReportKind::Consumables => {
                let (key, lines) = (place("_record"), place("consumables"));
                let record = |row: &Vec<Value>| {
                    let lines = row[lines].as_ref().as_str().unwrap();
                    let body = format!("{{\"consumables\":{lines}}}");
                    let body: Json = serde_json::from_str(&body).unwrap();
                    of_body(made.kind, row[key].as_ref().as_str().unwrap(), &body)
                };
                rows.iter().flat_map(record).collect()
            }
            Form::Described if made.kind == ReportKind::Consumables => {
                let lines = self.table_of(made, LINES).await;
                let parents: Vec<String> = rows.iter().map(|row| word(&row[3])).collect();
                let found = scanned(snapshot, &lines, made).await;
                let own = format!("{}_id", table.name);
                let (parent, line) = (lines.position(&own), lines.position("line"));
                let row = |row: &Vec<Value>| {
                    let parent = word(&row[parent.unwrap()]);
                    assert!(parents.contains(&parent), "a line without its record");
                    let key = format!("{parent}/{}", word(&row[line.unwrap()]));
                    (key, values(&lines, row, &LINE))
                };
                found.iter().map(row).collect()
            }
            Form::Fixed | Form::Described => {
                let key = place("_record");
                let row = |row: &Vec<Value>| {
                    let fields = kinds::fields(made.kind);
                    (word(&row[key]), values(&table, row, fields))
                };
                rows.iter().map(row).collect()
            }
        }
    }

    async fn table_of(&self, made: &Made, name: &str) -> Arc<Table> {
        if made.form == Form::Json {
            return Arc::clone(catalog::table(name).unwrap());
        }
        let services = self.services();
        let found = reports::table(&services.control, &self.stack.shop, name).await;
        found.unwrap().unwrap()
    }
}

/// The report's rows of a table, with every declared column.
async fn scanned(snapshot: &Snapshot, table: &Arc<Table>, made: &Made) -> Vec<Vec<Value>> {
    let own = match made.form {
        Form::Json => Filter::equal("report", made.report.id.as_str()),
        _ => Filter::All,
    };
    let scan = Scan::of(table).filter(own);
    let batches: Vec<_> = snapshot
        .scan(scan)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let rows = batches.iter().flat_map(|rows| rows.iter());
    rows.map(|row| row.values().map(|value| value.to_owned()).collect())
        .collect()
}

/// Rows that a vendor's record comes to.
fn of_body(kind: ReportKind, key: &str, body: &Json) -> Vec<(String, Vec<String>)> {
    let at = |body: &Json, field: &Field| {
        let value = field
            .path
            .split('.')
            .try_fold(body, |body, name| body.get(name));
        match field.is {
            Is::Time => String::new(),
            is => kinds::words(is, value),
        }
    };
    if kind == ReportKind::Consumables {
        let lines = body["consumables"].as_array().unwrap();
        let lines = lines.iter().enumerate().map(|(at_line, line)| {
            let values = LINE.iter().map(|field| at(line, field)).collect();
            (format!("{key}/{}", at_line + 1), values)
        });
        return lines.collect();
    }
    let values = kinds::fields(kind).iter().map(|field| at(body, field));
    vec![(key.to_owned(), values.collect())]
}

/// The fields' values in a row of a table; what did not fit its column stands in one beside it.
fn values(table: &Table, row: &[Value], fields: &[Field]) -> Vec<String> {
    let value = |field: &Field| {
        let name = kinds::column(field.path);
        let beside = format!("{name}__");
        let columns = table.columns.iter().zip(row);
        let own =
            columns.filter(|(column, _)| column.name == name || column.name.starts_with(&beside));
        let mut said = own.map(|(_, value)| match field.is {
            // Where the sample had other texts too, it is kept as it came.
            Is::Time if !matches!(value, Value::Timestamp(_) | Value::Null) => String::new(),
            is => kinds::said(is, word(value)),
        });
        said.find(|words| !words.is_empty()).unwrap_or_default()
    };
    fields.iter().map(value).collect()
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Date(day) => day.to_string(),
        Value::Timestamp(at) => at.to_rfc3339(),
    }
}

mod anything;
mod examples;
mod numbers;
mod parts;
mod records;
mod tables;
mod webhooks;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;

use super::{Body, Branch, Context, Decoded};
use crate::{
    warehouse::{Row, Rows, Value, ValueRef},
    yclients::streams::{Stream, stream},
};

/// When the bodies of these tests were observed.
fn observed_at() -> DateTime<Utc> {
    "2026-04-01T00:00:00Z".parse().unwrap()
}

fn branch(time_zone: Tz) -> Branch {
    Branch {
        source_id: "sampleshop-a1b2c3d4".parse().unwrap(),
        company_id: 4564,
        time_zone,
    }
}

fn of(table: &str) -> &'static Stream {
    stream(table).unwrap()
}

/// Reads bodies of a company in Moscow whose services 1 and 201 are of the categories 10 and 20.
fn decode(table: &str, bodies: &[Json], body: Body) -> Vec<Decoded> {
    let branch = branch(chrono_tz::Europe::Moscow);
    let categories = HashMap::from([(1, 10), (201, 20)]);
    let context = Context {
        branch: &branch,
        observed_at: observed_at(),
        categories: Some(&categories),
    };
    of(table).decode(&context, bodies, body)
}

/// The one row of a whole body, and whatever else it gave.
fn whole(table: &str, body: Json) -> Vec<Decoded> {
    let decoded = decode(table, &[body], Body::Full);
    assert_eq!(decoded[0].rows.len(), 1, "{:?}", decoded[0].unreadable);
    decoded
}

/// The value of a column in a row, as text that is easy to compare.
fn told(columns: &[String], row: Row<'_>, column: &str) -> String {
    let position = columns
        .iter()
        .position(|name| name == column)
        .unwrap_or_else(|| panic!("no column {column} among {columns:?}"));
    match row.get(position) {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Boolean(flag) => flag.to_string(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Decimal(number) => number.to_string(),
        ValueRef::Text(text) | ValueRef::Json(text) => text.to_owned(),
        ValueRef::Date(day) => day.to_string(),
        ValueRef::Timestamp(at) => at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// Checks columns of the first row.
fn check(decoded: &Decoded, expected: &[(&str, &str)]) {
    check_row(&decoded.columns, &decoded.rows, 0, expected);
}

fn check_row(columns: &[String], rows: &Rows, index: usize, expected: &[(&str, &str)]) {
    let row = rows.get(index).unwrap();
    for (column, value) in expected {
        assert_eq!(told(columns, row, column), *value, "{column}");
    }
}

/// Every value of every row, to be compared as a whole.
fn values(rows: &Rows) -> Vec<Vec<Value>> {
    rows.iter()
        .map(|row| row.values().map(ValueRef::to_owned).collect())
        .collect()
}

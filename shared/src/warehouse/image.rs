//! Rows as JSON, so that an import can be undone.

use std::{collections::BTreeMap, sync::Arc};

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::{Admit, Row, Rows, Rule, Value, ValueRef, WarehouseError, sql::misuse, text};
use crate::catalog::{Storage, Table, system};

/// The primary key of a stored row as the text of a JSON array.
pub(super) fn key_of(source: &str, table: &Table, row: Row<'_>) -> String {
    let mut parts = vec![Json::from(source)];
    for name in &table.key {
        let position = table.position(name);
        parts.push(position.map_or(Json::Null, |position| json(row.get(position))));
    }
    Json::Array(parts).to_string()
}

/// Every stored column of a row that is not null, as the text of a JSON object.
pub(super) fn image_of(table: &Table, row: Row<'_>) -> String {
    let mut image = Map::new();
    for (column, value) in table.stored_columns().zip(row.values()) {
        if !value.is_null() {
            image.insert(column.name.to_string(), json(value));
        }
    }
    Json::Object(image).to_string()
}

/// What undoes an import in one table: from `(key, image)` of [`super::internal::undo`], one [`Admit`] per source whose
/// rows go back, and one whose rows are erased. Refuses keys and images that are not of this table.
pub fn restoration<'e>(
    table: &Arc<Table>,
    rule: &Rule,
    entries: impl IntoIterator<Item = (&'e str, Option<&'e str>)>,
) -> Result<Vec<Admit>, WarehouseError> {
    let broken = || misuse(&table.name, "an image of a row cannot be read");
    let stored: Vec<String> = table
        .stored_columns()
        .map(|column| column.name.to_string())
        .collect();
    let key: Vec<String> = table.key.iter().map(ToString::to_string).collect();
    let mut batches: BTreeMap<(String, bool), Rows> = BTreeMap::new();
    for (key_text, image) in entries {
        let Ok(Json::Array(parts)) = serde_json::from_str(key_text) else {
            return Err(broken());
        };
        let Some((Json::String(source), parts)) = parts.split_first() else {
            return Err(broken());
        };
        if parts.len() != key.len() {
            return Err(broken());
        }
        let width = if image.is_some() {
            stored.len()
        } else {
            key.len()
        };
        let rows = batches
            .entry((source.clone(), image.is_some()))
            .or_insert_with(|| Rows::new(width));
        let mut values = match image {
            None => Map::new(),
            Some(image) => serde_json::from_str(image).map_err(|_| broken())?,
        };
        for (name, part) in table.key.iter().zip(parts) {
            values.insert(name.to_string(), part.clone());
        }
        let names = if image.is_some() { &stored } else { &key };
        for name in names {
            let value = read(table, name, values.remove(name)).ok_or_else(broken)?;
            rows.push(value.as_ref());
        }
    }
    let admits = batches
        .into_iter()
        .map(|((source_id, restored), rows)| Admit {
            table: Arc::clone(table),
            source_id,
            columns: if restored {
                stored.clone()
            } else {
                key.clone()
            },
            rows,
            rule: rule.clone(),
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        });
    Ok(admits.collect())
}

/// A value as JSON, in the form that [`read`] takes.
pub(super) fn json(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Boolean(flag) => flag.into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Decimal(number) => number.to_string().into(),
        ValueRef::Text(text) => text.into(),
        ValueRef::Date(day) => text::date(day).map_or(Json::Null, |text| ascii(&text)),
        ValueRef::Timestamp(at) => text::timestamp(at).map_or(Json::Null, |text| ascii(&text)),
        // As text, so that it comes back byte for byte.
        ValueRef::Json(text) => text.into(),
    }
}

fn ascii(text: &[u8]) -> Json {
    String::from_utf8_lossy(text).into_owned().into()
}

/// The value of a stored column out of what [`json`] wrote; `None` where it is not of the column's type.
pub(super) fn read(table: &Table, name: &str, value: Option<Json>) -> Option<Value> {
    let storage = table
        .stored_columns()
        .find(|column| column.name == name)?
        .ty
        .storage();
    let value = match (value, storage) {
        (None | Some(Json::Null), _) => Value::Null,
        (Some(Json::Bool(flag)), Storage::Boolean) => Value::Boolean(flag),
        (Some(Json::Number(number)), Storage::Integer) => Value::Integer(number.as_i64()?),
        (Some(Json::String(text)), Storage::Text) => Value::Text(text),
        (Some(Json::String(text)), Storage::Json) => Value::Json(text),
        (Some(Json::String(text)), Storage::Decimal(_)) => {
            Value::Decimal(text.parse::<Decimal>().ok()?)
        }
        (Some(Json::String(text)), Storage::Date) => Value::Date(text::parse_date(&text)?),
        (Some(Json::String(text)), Storage::Timestamp) => {
            Value::Timestamp(text::parse_timestamp(&text)?)
        }
        _ => return None,
    };
    // The source is part of the key and never part of what is restored.
    Some(if name == system::SOURCE_ID {
        Value::Null
    } else {
        value
    })
}

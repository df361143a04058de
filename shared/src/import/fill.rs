use std::{collections::HashMap, fmt::Write as _};

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{
    ImportError,
    assay::Portion,
    finding::{At, Finding, Severity},
    here::Here,
    judge::edited,
    ledger::Joined,
    shape::Shape,
};
use crate::{
    catalog::{ColumnType, system},
    warehouse::{Row, Rows, Value, ValueRef},
};

/// What a row of the file fills in a row here.
#[derive(Debug)]
pub(super) struct Filled {
    /// The columns, the id first, then in the order of the table.
    pub columns: Vec<String>,
    /// Their values.
    pub values: Vec<Value>,
}

/// Rows of a batch that stand for rows here.
pub(super) struct Waiting<'s> {
    shape: &'s Shape,
    rows: Rows,
    joined: Vec<Joined>,
    fresh: Vec<bool>,
    lines: Vec<Option<u64>>,
}

impl<'s> Waiting<'s> {
    pub fn new(shape: &'s Shape) -> Self {
        Self {
            shape,
            rows: Rows::new(shape.columns.len()),
            joined: Vec::new(),
            fresh: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub fn push(
        &mut self,
        row: Row<'_>,
        edits: &[(usize, Value)],
        joined: Joined,
        fresh: bool,
        line: Option<u64>,
    ) {
        self.rows.push_row(edited(row, edits));
        self.joined.push(joined);
        self.fresh.push(fresh);
        self.lines.push(line);
    }

    /// Compares with the rows here and notes what they are filled with. Only what is empty there is ever filled, and a row
    /// that says what it said when it was joined fills nothing: what was emptied here since stays empty.
    pub fn fill(self, here: &Here, portion: &mut Portion) -> Result<(), ImportError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut ours = self.rows_here(here)?;
        for (index, (row, joined)) in self.rows.iter().zip(&self.joined).enumerate() {
            let origin_id = row.get(self.shape.id).as_str().unwrap_or_default();
            let digest = digest(&self.shape.columns, row);
            if joined.digest.as_ref() == Some(&digest) {
                portion.unchanged += 1;
                continue;
            }
            let Some(values) = ours.get_mut(&joined.local_id) else {
                let at = At {
                    id: Some(origin_id),
                    line: self.lines.get(index).copied().flatten(),
                };
                let finding = Finding::of(
                    Severity::Warning,
                    "merged_gone",
                    &self.shape.table.name,
                    &at,
                );
                portion.findings.push(finding.expected(&joined.local_id));
                portion.unchanged += 1;
                continue;
            };
            let filled = self.filled(row, &joined.local_id, values);
            if filled.values.len() > 1 {
                portion.filled.push(filled);
            } else {
                portion.unchanged += 1;
            }
            portion.merged += u64::from(self.fresh.get(index).copied().unwrap_or_default());
            let joined = Joined {
                local_id: joined.local_id.clone(),
                digest: Some(digest),
            };
            portion.joined.push((origin_id.to_owned(), joined));
        }
        Ok(())
    }

    /// The living rows here, by id.
    fn rows_here(&self, here: &Here) -> Result<HashMap<String, Vec<Value>>, ImportError> {
        let mut columns: Vec<&str> = self.shape.columns.iter().map(String::as_str).collect();
        columns.push(system::DELETED_AT);
        let ids = self.joined.iter().map(|joined| joined.local_id.as_str());
        let rows = here.rows(&self.shape.table, &columns, ids)?;
        let living = rows
            .iter()
            .filter(|row| row.get(self.shape.columns.len()).is_null());
        let by_id = living.filter_map(|row| {
            let id = row.get(self.shape.id).as_str()?.to_owned();
            Some((id, row.values().map(ValueRef::to_owned).collect()))
        });
        Ok(by_id.collect())
    }

    /// What the row fills; `ours` takes it in, so that another row for the same one here fills no more.
    fn filled(&self, row: Row<'_>, local_id: &str, ours: &mut [Value]) -> Filled {
        let mut filled = Filled {
            columns: vec!["id".to_owned()],
            values: vec![local_id.into()],
        };
        for (position, (name, ours)) in self.shape.columns.iter().zip(ours).enumerate() {
            if position == self.shape.id {
                continue;
            }
            let custom = self
                .shape
                .table
                .column(name)
                .is_some_and(|column| column.ty == ColumnType::CustomValues);
            let value = if custom {
                filled_values(ours, row.get(position))
            } else {
                filled_value(ours, row.get(position))
            };
            if let Some(value) = value {
                *ours = value.clone();
                filled.columns.push(name.clone());
                filled.values.push(value);
            }
        }
        filled
    }
}

fn filled_value(ours: &Value, theirs: ValueRef<'_>) -> Option<Value> {
    let empty = match ours {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        Value::Json(text) => text == "[]",
        _ => false,
    };
    let telling = !matches!(
        theirs,
        ValueRef::Null | ValueRef::Text("") | ValueRef::Json("[]")
    );
    (empty && telling).then(|| theirs.to_owned())
}

/// Custom values are filled field by field.
fn filled_values(ours: &Value, theirs: ValueRef<'_>) -> Option<Value> {
    let read = |text: Option<&str>| -> Map<String, Json> {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    };
    let is_empty = |value: &Json| value.is_null() || value.as_str() == Some("");
    let mut values = read(ours.as_ref().as_str());
    let mut changed = false;
    for (field, value) in read(theirs.as_str()) {
        if !is_empty(&value) && values.get(&field).is_none_or(is_empty) {
            values.insert(field, value);
            changed = true;
        }
    }
    changed.then(|| Value::Json(Json::Object(values).to_string()))
}

/// Digest of what a row says.
fn digest(columns: &[String], row: Row<'_>) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for (column, value) in columns.iter().zip(row.values()) {
        part(column.as_bytes());
        match value {
            ValueRef::Null => part(b""),
            ValueRef::Boolean(flag) => part(&[1, u8::from(flag)]),
            ValueRef::Integer(number) => part(&number.to_be_bytes()),
            ValueRef::Decimal(number) => part(number.normalize().to_string().as_bytes()),
            ValueRef::Text(text) | ValueRef::Json(text) => part(format!("={text}").as_bytes()),
            ValueRef::Date(day) => part(day.to_string().as_bytes()),
            ValueRef::Timestamp(at) => part(&at.timestamp_micros().to_be_bytes()),
        }
    }
    let mut hex = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_empty_is_filled() {
        let cases = [
            (Value::Null, ValueRef::Text("x"), Some(Value::from("x"))),
            (
                Value::from(" "),
                ValueRef::Text("x"),
                Some(Value::from("x")),
            ),
            (Value::from("y"), ValueRef::Text("x"), None),
            (Value::Null, ValueRef::Null, None),
            (Value::Null, ValueRef::Text(""), None),
            (
                Value::Json("[]".into()),
                ValueRef::Json("[1]"),
                Some(Value::Json("[1]".into())),
            ),
            (Value::Json("[2]".into()), ValueRef::Json("[1]"), None),
            (Value::from(false), ValueRef::Boolean(true), None),
        ];
        for (ours, theirs, filled) in cases {
            assert_eq!(filled_value(&ours, theirs), filled, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn custom_values_are_filled_field_by_field() {
        let ours = Value::Json(r#"{"a":"1","b":""}"#.into());
        let theirs = ValueRef::Json(r#"{"a":"2","b":"3","c":"4","d":""}"#);
        let filled = filled_values(&ours, theirs);
        assert_eq!(
            filled,
            Some(Value::Json(r#"{"a":"1","b":"3","c":"4"}"#.into()))
        );
        assert_eq!(filled_values(&ours, ValueRef::Json(r#"{"a":"2"}"#)), None);
    }
}

use chrono::{DateTime, Utc};
use serde_json::{Map, Value as Json, json};

use super::{ImportError, finding::At, ledger::Ledger, secrets::MASK, shape::Shape};
use crate::{
    catalog::repair_shop::LOCAL_SOURCE,
    warehouse::{Row, Rows, Value, ValueRef, Write, internal},
};

/// The most rejected rows that one import keeps aside.
pub(super) const MAX_PARKED: u64 = 1_000;

/// A row that stays out, as it is kept aside.
#[derive(Debug)]
pub(super) struct Rejected {
    /// The table.
    pub table: String,
    /// What the row said; values that are or could be secret are masked.
    pub body: Json,
}

impl Rejected {
    /// Copies a row of the file.
    pub fn of(
        shape: &Shape,
        row: Row<'_>,
        at: At<'_>,
        ledger: &Ledger,
    ) -> Result<Self, ImportError> {
        let mut values = Map::new();
        for (position, (name, value)) in shape.columns.iter().zip(row.values()).enumerate() {
            if value.is_null() {
                continue;
            }
            let mut value = json_of(value);
            if shape
                .custom
                .as_ref()
                .is_some_and(|custom| custom.position == position)
            {
                mask(&mut value, ledger)?;
            }
            let list = shape.lists.iter().find(|list| list.position == position);
            if let Some(custom) = list.and_then(|list| list.custom.as_ref()) {
                for record in value.as_array_mut().into_iter().flatten() {
                    if let Some(values) = record.get_mut(&custom.name) {
                        mask(values, ledger)?;
                    }
                }
            }
            values.insert(name.clone(), value);
        }
        Ok(Self {
            table: shape.table.name.to_string(),
            body: json!({ "line": at.line, "values": values }),
        })
    }
}

/// Masks every value whose field is secret or unknown.
fn mask(values: &mut Json, ledger: &Ledger) -> Result<(), ImportError> {
    let Some(values) = values.as_object_mut() else {
        *values = Json::from(MASK);
        return Ok(());
    };
    for (field, value) in values {
        if ledger.field(field)? != Some(false) {
            *value = Json::from(MASK);
        }
    }
    Ok(())
}

fn json_of(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Boolean(flag) => flag.into(),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Decimal(number) => number.to_string().into(),
        ValueRef::Text(text) => text.into(),
        ValueRef::Date(day) => day.to_string().into(),
        ValueRef::Timestamp(at) => at.to_rfc3339().into(),
        ValueRef::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

/// Keeps rejected rows aside, numbered on from those that are, as far as there is room.
pub(super) fn parked(
    import: &str,
    before: &mut u64,
    mut rejected: Vec<Rejected>,
    at: DateTime<Utc>,
) -> Option<Write> {
    let room = usize::try_from(MAX_PARKED.saturating_sub(*before)).unwrap_or(0);
    rejected.truncate(room);
    if rejected.is_empty() {
        return None;
    }
    let mut rows = Rows::new(internal::parked().columns.len());
    for (number, row) in (*before..).zip(&rejected) {
        rows.push_values(&[
            format!("import:{import}:{number:06}").into(),
            row.table.as_str().into(),
            LOCAL_SOURCE.into(),
            "import".into(),
            Value::Json(row.body.to_string()),
            at.into(),
        ]);
    }
    *before += rejected.len() as u64;
    Some(Write::Insert {
        table: internal::parked().clone(),
        rows,
    })
}

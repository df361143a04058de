//! Conditions on a row in memory, with the answers that the databases give.

use std::cmp::Ordering;

use serde_json::Value as Json;
use wynos_base::exact;

use super::{
    Filter, Operator, Row, Value, ValueRef, WarehouseError,
    sql::{fits, misuse},
};
use crate::catalog::{Storage, Table};

/// Conditions inside conditions deeper than this are refused.
const DEEPEST: usize = 64;

/// A filter whose columns were found: it tells of a whole stored row whether it meets the filter.
pub(super) struct Matcher(Test);

enum Test {
    All,
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Compare(usize, Operator, Value),
    In(usize, Vec<Value>),
    Has(usize, Json),
    IsNull(usize),
    IsNotNull(usize),
}

impl Matcher {
    /// Refuses what only a database can answer: columns of referred rows; and what neither could: unknown columns and
    /// values of another type.
    pub fn new(table: &Table, filter: &Filter) -> Result<Self, WarehouseError> {
        compile(table, filter, DEEPEST).map(Self)
    }

    /// Whether a row, every stored column of it, meets the filter.
    pub fn meets(&self, row: Row<'_>) -> bool {
        meets(&self.0, row)
    }
}

fn compile(table: &Table, filter: &Filter, depth: usize) -> Result<Test, WarehouseError> {
    let complain = |problem: String| misuse(&table.name, problem);
    let Some(depth) = depth.checked_sub(1) else {
        return Err(complain("the conditions are nested too deeply".to_owned()));
    };
    let all = |filters: &[Filter]| {
        filters
            .iter()
            .map(|filter| compile(table, filter, depth))
            .collect::<Result<Vec<_>, _>>()
    };
    let find = |name: &str| -> Result<(usize, Storage), WarehouseError> {
        table
            .stored_columns()
            .enumerate()
            .find(|(_, column)| column.name == name)
            .map(|(position, column)| (position, column.ty.storage()))
            .ok_or_else(|| complain(format!("no column of its own is called {name}")))
    };
    let fitting = |name: &str, storage, value: &Value| {
        if matches!(value, Value::Null) || !fits(value.as_ref(), storage) {
            return Err(complain(format!(
                "{name} is compared with a value of another type"
            )));
        }
        Ok(value.clone())
    };
    Ok(match filter {
        Filter::All => Test::All,
        Filter::And(filters) => Test::And(all(filters)?),
        Filter::Or(filters) => Test::Or(all(filters)?),
        Filter::Not(filter) => Test::Not(Box::new(compile(table, filter, depth)?)),
        Filter::Compare {
            column,
            operator,
            value,
        } => {
            let (position, storage) = find(column)?;
            let value = fitting(column, storage, value)?;
            if *operator == Operator::Contains && !matches!(value, Value::Text(_)) {
                return Err(complain(format!(
                    "only text can be searched for text, and {column} is not text"
                )));
            }
            Test::Compare(position, *operator, value)
        }
        Filter::In { column, values } => {
            let (position, storage) = find(column)?;
            let values = values.iter().map(|value| fitting(column, storage, value));
            Test::In(position, values.collect::<Result<_, _>>()?)
        }
        Filter::Has { column, value } => {
            let (position, storage) = find(column)?;
            match (storage, element(value)) {
                (Storage::Json, Some(element)) => Test::Has(position, element),
                _ => {
                    return Err(complain(format!(
                        "{column} is not a list that could hold this value"
                    )));
                }
            }
        }
        Filter::IsNull(column) => Test::IsNull(find(column)?.0),
        Filter::IsNotNull(column) => Test::IsNotNull(find(column)?.0),
    })
}

/// The JSON of what a list may be searched for.
pub(super) fn element(value: &Value) -> Option<Json> {
    match value {
        Value::Integer(number) => Some((*number).into()),
        Value::Text(text) => Some(text.as_str().into()),
        _ => None,
    }
}

fn meets(test: &Test, row: Row<'_>) -> bool {
    match test {
        Test::All => true,
        Test::And(all) => all.iter().all(|test| meets(test, row)),
        Test::Or(any) => any.iter().any(|test| meets(test, row)),
        Test::Not(test) => !meets(test, row),
        Test::Compare(position, operator, value) => {
            compare(row.get(*position), *operator, value.as_ref())
        }
        Test::In(position, values) => values
            .iter()
            .any(|value| compare(row.get(*position), Operator::Equal, value.as_ref())),
        Test::Has(position, element) => {
            let list = row.get(*position).as_str();
            let list = list.and_then(|text| exact::from_str(text).ok());
            list.is_some_and(|list| match list {
                Json::Array(list) => list.contains(element),
                _ => false,
            })
        }
        Test::IsNull(position) => row.get(*position).is_null(),
        Test::IsNotNull(position) => !row.get(*position).is_null(),
    }
}

fn compare(ours: ValueRef<'_>, operator: Operator, theirs: ValueRef<'_>) -> bool {
    if operator == Operator::Contains {
        let texts = ours.as_str().zip(theirs.as_str());
        return texts.is_some_and(|(ours, theirs)| {
            let lower = ours.to_ascii_lowercase();
            lower.contains(&theirs.to_ascii_lowercase())
        });
    }
    let ordering = match (ours, theirs) {
        (ValueRef::Text(a), ValueRef::Text(b)) | (ValueRef::Json(a), ValueRef::Json(b)) => a.cmp(b),
        (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
        (ValueRef::Decimal(a), ValueRef::Decimal(b)) => a.cmp(&b),
        (ValueRef::Boolean(a), ValueRef::Boolean(b)) => a.cmp(&b),
        (ValueRef::Date(a), ValueRef::Date(b)) => a.cmp(&b),
        (ValueRef::Timestamp(a), ValueRef::Timestamp(b)) => a.cmp(&b),
        // Null meets nothing.
        _ => return false,
    };
    match operator {
        Operator::Equal | Operator::Contains => ordering == Ordering::Equal,
        Operator::NotEqual => ordering != Ordering::Equal,
        Operator::Less => ordering == Ordering::Less,
        Operator::AtMost => ordering != Ordering::Greater,
        Operator::Greater => ordering == Ordering::Greater,
        Operator::AtLeast => ordering != Ordering::Less,
    }
}

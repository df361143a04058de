use rand::{RngExt, rngs::StdRng};
use rust_decimal::Decimal;

use crate::{
    catalog::Table,
    warehouse::{Rows, Value},
};

/// A row being made: values by column name, null where none was given.
pub(super) struct Draft<'t> {
    table: &'t Table,
    values: Vec<Value>,
}

impl<'t> Draft<'t> {
    pub(super) fn new(table: &'t Table) -> Self {
        Self {
            table,
            values: vec![Value::Null; table.columns.len()],
        }
    }

    /// Gives a column its value; a name the table does not have is a fault of the sample, caught by its tests.
    pub(super) fn set(&mut self, column: &str, value: impl Into<Value>) -> &mut Self {
        let position = self
            .table
            .columns
            .iter()
            .position(|declared| declared.name == column);
        debug_assert!(
            position.is_some(),
            "{} has no column {column}",
            self.table.name
        );
        if let Some(slot) = position.and_then(|position| self.values.get_mut(position)) {
            *slot = value.into();
        }
        self
    }

    pub(super) fn push_onto(&self, rows: &mut Rows) {
        rows.push_values(&self.values);
    }
}

/// One of a list's entries.
pub(super) fn pick<'a>(dice: &mut StdRng, list: &[&'a str]) -> &'a str {
    list.get(dice.random_range(0..list.len().max(1)))
        .copied()
        .unwrap_or_default()
}

/// Whether something happens that happens this many times out of a hundred.
pub(super) fn chance(dice: &mut StdRng, percent: u32) -> bool {
    dice.random_range(0..100) < percent
}

/// An amount of money between two whole amounts.
pub(super) fn amount(dice: &mut StdRng, from: i64, to: i64) -> Decimal {
    Decimal::new(dice.random_range(from * 100..to * 100), 2)
}

/// JSON in canonical form, as warehouses keep it.
pub(super) fn json(value: &serde_json::Value) -> Value {
    Value::Json(value.to_string())
}

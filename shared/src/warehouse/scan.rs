use std::sync::Arc;

use super::{
    Filter, Value, WarehouseError,
    condition::Conditions,
    sql::{Statement, list},
};
use crate::catalog::Table;

/// A question for the rows of one table, answered in the order of its primary key.
#[derive(Debug, Clone)]
pub struct Scan {
    /// The table.
    pub table: Arc<Table>,
    /// The columns to give, declared and system ones, in this order; empty for every declared column. `customer_id.person`
    /// follows a reference, `part_id.type_id.name` two of them, and gives the referred row's column, null where there is
    /// no such row.
    pub columns: Vec<String>,
    /// Which rows.
    pub filter: Filter,
    /// Only rows after the one with this primary key: the source id, then the declared key.
    pub after: Option<Vec<Value>>,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Whether tombstones are given too.
    pub with_deleted: bool,
    /// Whether a value that is not of its column's type is given as one that could not be read; else it fails the scan,
    /// and the error names the row.
    pub tolerant: bool,
    /// Whether only rows are given whose key is of its columns' types.
    pub named: bool,
}

impl Scan {
    /// Every living row of a table with every declared column.
    pub fn of(table: &Arc<Table>) -> Self {
        Self {
            table: Arc::clone(table),
            columns: Vec::new(),
            filter: Filter::All,
            after: None,
            limit: None,
            with_deleted: false,
            tolerant: false,
            named: false,
        }
    }

    /// Gives these columns only, in this order.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.columns = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Gives only rows that meet this condition.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Gives only rows after the one with this primary key.
    #[must_use]
    pub fn after(mut self, key: Vec<Value>) -> Self {
        self.after = Some(key);
        self
    }

    /// Gives at most this many rows.
    #[must_use]
    pub const fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Gives tombstones too.
    #[must_use]
    pub const fn with_deleted(mut self) -> Self {
        self.with_deleted = true;
        self
    }

    /// Gives a value that is not of its column's type as one that could not be read
    /// ([`Row::is_unreadable`](super::Row::is_unreadable)): for whoever compares, and mends what differs.
    #[must_use]
    pub const fn tolerant(mut self) -> Self {
        self.tolerant = true;
        self
    }

    /// Leaves out rows that nothing names, as something stands in their key that is not of its type: a row that is given can
    /// be gone on from, and fewer than the limit are the last.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.named = true;
        self
    }

    /// The statement that gives its rows in their order, behind a verb.
    pub(super) fn statement(
        &self,
        mut conditions: Conditions<'_>,
        verb: &str,
    ) -> Result<Statement, WarehouseError> {
        conditions.meet(&self.filter)?;
        if let Some(key) = &self.after {
            conditions.after(key)?;
        }
        let mut statement = conditions.into_statement(verb)?;
        statement.text.push_str(" ORDER BY ");
        let key = list("t.", self.table.primary_key())?;
        statement.text.push_str(&key);
        if let Some(limit) = self.limit {
            statement.text.push_str(" LIMIT ");
            statement.bind(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        }
        Ok(statement)
    }
}

//! Stored values that are not of their column's type: SQLite lets anybody write anything into any column, and a server of
//! PostgreSQL keeps days without end and numbers that are none. Whoever compares has them marked, and mends them; whoever takes
//! data out gets an error that names the row, and nothing in the value's place.

use serde_json::Value as Json;

use super::{
    Row, Rows, Scan, Value, WarehouseError, cleaning,
    session::{Session, select},
    sql::Answer,
};

impl Answer {
    /// What becomes of a stored value that is not of the column's type.
    pub fn unreadable(
        &self,
        rows: &mut Rows,
        table: &str,
        tolerant: bool,
    ) -> Result<(), WarehouseError> {
        if !tolerant {
            return Err(WarehouseError::Stored {
                table: table.to_owned(),
                column: self.name.clone(),
                key: None,
            });
        }
        if !rows.any_unreadable() {
            // Once a batch, however many there are.
            let column = self.name.as_str();
            tracing::warn!(table, column, "a stored value is not of the column's type");
        }
        rows.push_unreadable();
        Ok(())
    }
}

impl Rows {
    /// Forgets the last complete row where one of these columns could not be read.
    pub(super) fn drop_unknown(&mut self, key: &[usize]) {
        if !self.any_unreadable() {
            return;
        }
        let last = self.len().checked_sub(1).and_then(|last| self.get(last));
        if last.is_some_and(|row| key.iter().any(|at| row.is_unreadable(*at))) {
            self.pop_row();
        }
    }

    /// The rows but for those of which one of these columns could not be read: without a key nothing names them. Text in the
    /// place of a number is greater than all numbers, so that they come last.
    pub(super) fn known(self, key: &[usize]) -> Self {
        if !self.any_unreadable() {
            return self;
        }
        let mut known = Self::new(self.width());
        for row in self.iter() {
            if !key.iter().any(|at| row.is_unreadable(*at)) {
                known.push_copy(row);
            }
        }
        known
    }
}

/// Names the row in an error about a stored value that a scan met after so many rows. Costs a second reading, of keys only,
/// up to that row.
pub(super) async fn locate<S: Session>(
    session: &mut S,
    scan: &Scan,
    read: u64,
    error: WarehouseError,
) -> WarehouseError {
    match error {
        WarehouseError::Stored {
            table,
            column,
            key: None,
        } => WarehouseError::Stored {
            // The error itself is worth more than why its row could not be found.
            key: key_after(session, scan, read).await.ok().flatten(),
            table,
            column,
        },
        other => other,
    }
}

/// The declared key of the row that a scan comes to after so many others.
async fn key_after<S: Session>(
    session: &mut S,
    scan: &Scan,
    read: u64,
) -> Result<Option<String>, WarehouseError> {
    let names: Vec<&str> = scan.table.key.iter().map(AsRef::as_ref).collect();
    let question = Scan {
        columns: Vec::new(),
        limit: Some(1),
        tolerant: true,
        ..scan.clone()
    };
    let question = question.columns(names.iter().copied());
    let Some(mut asked) = select(session, &question).await? else {
        return Ok(None);
    };
    asked.statement.text.push_str(" OFFSET ");
    let skipped = i64::try_from(read).unwrap_or(i64::MAX);
    asked.statement.bind(Value::Integer(skipped));
    let found = session.query("naming a row", asked).await?;
    let part = |(position, name): (usize, &&str), row: Row<'_>| {
        if row.is_unreadable(position) || cleaning::is_personal(&scan.table, name) {
            return "?".to_owned();
        }
        match row.get(position).to_json() {
            Json::String(text) => text,
            other => other.to_string(),
        }
    };
    Ok(found.get(0).map(|row| {
        let parts = names.iter().enumerate().map(|named| part(named, row));
        parts.collect::<Vec<_>>().join("/")
    }))
}

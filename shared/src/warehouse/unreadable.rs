//! Stored values that are not of their column's type: SQLite lets anybody write anything into any column, and a server of
//! PostgreSQL keeps days without end and numbers that are none. Whoever compares has them marked, and mends them; whoever takes
//! data out gets an error that names the row, and nothing in the value's place. A row whose key is so is named by nothing; who
//! buries or erases it finds it by where the database keeps it.

use serde_json::Value as Json;

use super::{
    Row, Rows, Scan, Value, WarehouseError, cleaning,
    condition::Conditions,
    session::{Session, select, shapes},
    sql::{Answer, Shapes, Statement, qualified, quoted, tables_of},
};
use crate::catalog::{Storage, Table};

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
    /// Forgets the last complete row where one of these columns could not be read; [`Rows::any_unreadable`] goes on to say that
    /// there was one.
    pub(super) fn drop_unknown(&mut self, key: &[usize]) {
        if !self.any_unreadable() {
            return;
        }
        let last = self.len().checked_sub(1).and_then(|last| self.get(last));
        if last.is_some_and(|row| is_unnamed(row, key)) {
            self.pop_row();
        }
    }

    /// The rows but for those of which one of these columns could not be read: without a key nothing names them. Text in the
    /// place of a number is greater than all numbers, so that they come last.
    pub(crate) fn known(self, key: &[usize]) -> Self {
        if !self.any_unreadable() {
            return self;
        }
        let mut known = Self::new(self.width());
        for row in self.iter() {
            if !is_unnamed(row, key) {
                known.push_copy(row);
            }
        }
        known
    }
}

/// The condition that what a column holds can be read, as far as the database tells by one look; null cannot. `None` where
/// nothing else can be there.
pub(super) fn readable(schema: Option<&str>, column: &str, storage: Storage) -> Option<String> {
    let is_file = schema.is_none();
    match storage {
        Storage::Text | Storage::Json if is_file => Some(format!("typeof({column}) = 'text'")),
        Storage::Integer | Storage::Boolean if is_file => {
            Some(format!("typeof({column}) = 'integer'"))
        }
        Storage::Decimal(_) if is_file => {
            Some(format!("typeof({column}) IN ('integer', 'real', 'blob')"))
        }
        Storage::Date | Storage::Timestamp if is_file => Some(format!(
            "(typeof({column}) = 'text' AND {column} GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*')"
        )),
        Storage::Date | Storage::Timestamp => Some(format!(
            "({column} > '-infinity' AND {column} < 'infinity')"
        )),
        Storage::Decimal(_) => Some(format!("{column} <> 'NaN'")),
        Storage::Text | Storage::Json | Storage::Integer | Storage::Boolean => None,
    }
}

/// The conditions that the parts of a row's key are of their columns' types.
pub(super) fn readable_key(
    schema: Option<&str>,
    table: &Table,
    alias: &str,
) -> Result<Vec<String>, WarehouseError> {
    let mut conditions = Vec::with_capacity(table.key.len());
    for column in table.key.iter().filter_map(|name| table.column(name)) {
        let name = format!("{alias}.{}", quoted(&column.name)?);
        conditions.extend(readable(schema, &name, column.ty.storage()));
    }
    Ok(conditions)
}

fn is_unnamed(row: Row<'_>, key: &[usize]) -> bool {
    key.iter().any(|at| row.is_unreadable(*at))
}

/// Changes those of the rows that a scan gave whose key could not be read, or erases them where no changes are named; how many
/// they are. `key` says where the primary key is among the columns. The others stay as they are.
pub(super) async fn change_unnamed<S: Session>(
    session: &mut S,
    scan: &Scan,
    found: &Rows,
    key: &[usize],
    changes: &[(&str, Value)],
) -> Result<u64, WarehouseError> {
    let mut changed = 0;
    for (after, rows) in unnamed(scan, found, key) {
        let these = Scan {
            after,
            limit: Some(rows),
            ..scan.clone()
        };
        changed += change(session, &these, changes).await?;
    }
    Ok(changed)
}

/// The runs of such rows: after which key each begins, and how many it has.
fn unnamed(scan: &Scan, found: &Rows, key: &[usize]) -> Vec<(Option<Vec<Value>>, u64)> {
    let mut runs: Vec<(Option<Vec<Value>>, u64)> = Vec::new();
    if !found.any_unreadable() {
        return runs;
    }
    let whole = |row: Row<'_>| -> Vec<Value> {
        let parts = key.iter().map(|at| row.get(*at).to_owned());
        parts.collect()
    };
    let (mut before, mut goes_on) = (None, false);
    for row in found.iter() {
        if !is_unnamed(row, key) {
            (before, goes_on) = (Some(row), false);
            continue;
        }
        match runs.last_mut().filter(|_| goes_on) {
            Some((_, rows)) => *rows += 1,
            None => {
                let after = before.map_or_else(|| scan.after.clone(), |row| Some(whole(row)));
                runs.push((after, 1));
            }
        }
        goes_on = true;
    }
    runs
}

/// Changes the rows that a scan would give, or erases them where no changes are named; how many they are. They are found by
/// where the database keeps them, whatever stands in them, and nothing of them is read.
pub(super) async fn change<S: Session>(
    session: &mut S,
    scan: &Scan,
    changes: &[(&str, Value)],
) -> Result<u64, WarehouseError> {
    let table = scan.table.as_ref();
    let tables = tables_of(table, &scan.columns, &scan.filter);
    let shapes = shapes(session, &tables).await?;
    if !shapes.contains_key(table.name.as_ref()) {
        return Ok(0);
    }
    let statement = changing(session.schema(), &shapes, scan, changes)?;
    session
        .execute("changing rows where they are", statement)
        .await
}

fn changing(
    schema: Option<&str>,
    shapes: &Shapes,
    scan: &Scan,
    changes: &[(&str, Value)],
) -> Result<Statement, WarehouseError> {
    // Nobody else writes this warehouse now, so rows stay where they were found.
    let (place, there) = match schema {
        Some(_) => ("ctid", "ctid = ANY(ARRAY(SELECT place FROM found))"),
        None => ("_rowid_", "_rowid_ IN (SELECT place FROM found)"),
    };
    let conditions = Conditions::new(schema, shapes, &scan.table, scan.with_deleted);
    let mut statement = scan.statement(conditions, &format!("SELECT t.{place} AS place"))?;
    let name = qualified(schema, &scan.table.name)?;
    let verb = match changes {
        [] => format!("DELETE FROM {name}"),
        _ => format!("UPDATE {name} SET "),
    };
    // Values are numbered in the order they appear: those of the question come first.
    statement.text = format!("WITH found AS ({}) {verb}", statement.text);
    for (at, (column, value)) in changes.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let changed = format!("{comma}{} = ", quoted(column)?);
        statement.text.push_str(&changed);
        statement.bind(value.clone());
    }
    statement.text.push_str(" WHERE ");
    statement.text.push_str(there);
    Ok(statement)
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

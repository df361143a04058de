use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Rows, Value, WarehouseError,
    sql::{self, Select, Shape, Shapes, Statement},
};
use crate::catalog::Table;

/// One transaction of one warehouse: what a database must be able to do for the algorithms written once.
///
/// Rows always have every stored column of their table, in that order; keys are whole primary keys.
pub(super) trait Session: Send {
    /// The schema that the names of its tables carry.
    fn schema(&self) -> Option<&str>;

    /// The columns a table has; `None` where it does not exist.
    fn shape(
        &mut self,
        table: &Table,
    ) -> impl Future<Output = Result<Option<Arc<Shape>>, WarehouseError>> + Send;

    /// Creates the table, or adds the columns it lacks.
    fn define(&mut self, table: &Table) -> impl Future<Output = Result<(), WarehouseError>> + Send;

    /// Runs a statement; how many rows it touched.
    fn execute(
        &mut self,
        operation: &'static str,
        statement: Statement,
    ) -> impl Future<Output = Result<u64, WarehouseError>> + Send;

    /// Asks for few rows.
    fn query(
        &mut self,
        operation: &'static str,
        select: Select,
    ) -> impl Future<Output = Result<Rows, WarehouseError>> + Send;

    /// The stored rows of a source that have one of these keys, in the order of the primary key; keys come in ascending
    /// order. `by` names the declared key's first columns: all of them, or a parent's.
    fn lookup(
        &mut self,
        table: &Table,
        shape: &Shape,
        source: &str,
        by: &[&str],
        keys: &Rows,
    ) -> impl Future<Output = Result<Rows, WarehouseError>> + Send;

    /// Adds rows that are known to be new.
    fn insert(
        &mut self,
        table: &Table,
        rows: &Rows,
    ) -> impl Future<Output = Result<(), WarehouseError>> + Send;

    /// Adds rows but for those whose key is there already; how many were added.
    fn insert_missing(
        &mut self,
        table: &Table,
        rows: &Rows,
    ) -> impl Future<Output = Result<u64, WarehouseError>> + Send;

    /// Puts rows in the place of those with the same key.
    fn replace(
        &mut self,
        table: &Table,
        rows: &Rows,
    ) -> impl Future<Output = Result<(), WarehouseError>> + Send;

    /// Notes that the rows of these primary keys were observed then.
    fn touch(
        &mut self,
        table: &Table,
        keys: &Rows,
        observed_at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), WarehouseError>> + Send;

    /// Erases the rows of these primary keys.
    fn erase(
        &mut self,
        table: &Table,
        keys: &Rows,
    ) -> impl Future<Output = Result<(), WarehouseError>> + Send;

    /// The bytes that the warehouse takes up, exactly enough to tell whether they reach this limit.
    fn stored_bytes(
        &mut self,
        limit: u64,
    ) -> impl Future<Output = Result<u64, WarehouseError>> + Send;
}

/// The shapes of these tables, as far as they exist.
pub(super) async fn shapes<S: Session>(
    session: &mut S,
    tables: &[&Table],
) -> Result<Shapes, WarehouseError> {
    let mut shapes = Shapes::new();
    for table in tables {
        if let Some(shape) = session.shape(table).await? {
            shapes.insert(table.name.to_string(), shape);
        }
    }
    Ok(shapes)
}

/// What a scan asks of the database; `None` where the table does not exist.
pub(super) async fn select<S: Session>(
    session: &mut S,
    scan: &super::Scan,
) -> Result<Option<Select>, WarehouseError> {
    let tables = sql::tables_of(&scan.table, &scan.columns, &scan.filter);
    let shapes = shapes(session, &tables).await?;
    sql::scan(session.schema(), &shapes, scan, "")
}

/// How many living rows meet a condition; none where the table does not exist.
pub(super) async fn count<S: Session>(
    session: &mut S,
    table: &Table,
    filter: &super::Filter,
) -> Result<u64, WarehouseError> {
    let tables = sql::tables_of(table, &[], filter);
    let shapes = shapes(session, &tables).await?;
    let Some(select) = sql::count(session.schema(), &shapes, table, filter)? else {
        return Ok(0);
    };
    let rows = session.query("counting rows", select).await?;
    Ok(first_integer(&rows)
        .and_then(|n| u64::try_from(n).ok())
        .unwrap_or(0))
}

/// Few rows of a table: all that the scan asks for.
pub(super) async fn rows<S: Session>(
    session: &mut S,
    scan: &super::Scan,
) -> Result<Rows, WarehouseError> {
    match select(session, scan).await? {
        Some(select) => session.query("reading internal rows", select).await,
        None => Ok(Rows::new(scan.columns.len().max(1))),
    }
}

/// The number in the first column of the first row.
pub(super) fn first_integer(rows: &Rows) -> Option<i64> {
    rows.get(0)?.get(0).as_integer()
}

/// One row of an internal table.
pub(super) fn one_row<const N: usize>(values: [Value; N]) -> Rows {
    let mut rows = Rows::new(N);
    rows.push_values(values.iter());
    rows
}

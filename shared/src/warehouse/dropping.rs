//! Tables of reports that are removed with their rows.

use super::{
    WarehouseError, schema,
    session::Session,
    sql::{Statement, misuse},
};
use crate::catalog::{self, Table, TableGroup};

/// Drops the table of a report, if it is there. What a process knows of it is then outdated, which is found out by the next
/// commit.
pub(super) async fn drop_table<S: Session>(
    session: &mut S,
    table: &Table,
) -> Result<(), WarehouseError> {
    if table.group != TableGroup::Report || catalog::table(&table.name).is_some() {
        return Err(misuse(&table.name, "only tables of reports are dropped"));
    }
    let statement = |text| Statement {
        text,
        values: Vec::new(),
    };
    let operation = "dropping a table";
    if session.schema().is_some() {
        // An export may read the table for long; whoever loads meanwhile must not wait for it.
        let patience = statement("SET LOCAL lock_timeout = '3s'".to_owned());
        session.execute(operation, patience).await?;
    }
    let drop = statement(schema::dropping(session.schema(), table)?);
    session.execute(operation, drop).await?;
    Ok(())
}

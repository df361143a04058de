use std::sync::Arc;

use serde_json::Value as Json;

use super::ConnectError;
use crate::{
    SourceId,
    catalog::{self, Table, TableGroup, system},
    control::{Actor, SourceTable},
    services::Services,
    warehouse::Filter,
    yclients::selection::{self, Need, SelectionError},
};

/// A table of a source with what the catalog says of it.
#[derive(Debug, Clone)]
pub struct TableView {
    /// The declaration.
    pub table: Arc<Table>,
    /// Tables that come with it, and are loaded and filtered as it is.
    pub children: Vec<Arc<Table>>,
    /// Where it is on: what stays empty because another table is off.
    pub lacks: Vec<Need>,
    /// Selection, filter and freshness.
    pub state: SourceTable,
}

/// What becomes of a table that is turned off: its rows stay as they were last read, and nothing changes them any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staying {
    /// Living rows of the source in the table.
    pub rows: u64,
    /// Columns of other tables of the copy that go on naming its rows, as `table.column`.
    pub named_by: Vec<String>,
}

/// The tables that can be turned on and off by themselves: child tables come with their parent.
pub(super) fn choosable() -> Vec<&'static Arc<Table>> {
    catalog::tables()
        .iter()
        .filter(|table| table.group == TableGroup::Yclients && table.parent.is_none())
        .collect()
}

/// The tables of a source, in the catalog's order.
pub async fn tables(services: &Services, id: &SourceId) -> Result<Vec<TableView>, ConnectError> {
    let stored = services
        .control
        .sources(id.subscription())
        .tables(id)
        .await?;
    let is_on = |table: &str| {
        let known = stored.iter().find(|state| state.table_name == table);
        known.is_none_or(|state| state.enabled)
    };
    let view = |table: &'static Arc<Table>| {
        let state = stored
            .iter()
            .find(|state| state.table_name == table.name)?
            .clone();
        let of_it = |child: &&Arc<Table>| child.parent.as_deref() == Some(table.name.as_ref());
        let mut lacks = selection::needs(&table.name, is_on);
        // Rows that several tables bring come as long as one of them does.
        let comes = lacks
            .iter()
            .any(|need| need.for_column.is_none() && need.met);
        lacks.retain(|need| state.enabled && !need.met && !(comes && need.for_column.is_none()));
        Some(TableView {
            lacks,
            table: Arc::clone(table),
            children: catalog::tables().iter().filter(of_it).cloned().collect(),
            state,
        })
    };
    Ok(choosable().into_iter().filter_map(view).collect())
}

/// What stays of a table of a source where it is off.
pub async fn staying(
    services: &Services,
    id: &SourceId,
    table: &str,
) -> Result<Staying, ConnectError> {
    let known = choosable().into_iter().find(|known| known.name == table);
    let declared = known.ok_or_else(|| ConnectError::NoSuchTable {
        table: table.to_owned(),
    })?;
    let own = Filter::equal(system::SOURCE_ID, id.as_str());
    let warehouse = services.warehouses.open(id.subscription());
    let rows = warehouse.snapshot().await?.count(declared, &own).await?;
    let mut named_by = Vec::new();
    let others = catalog::tables().iter().filter(|other| {
        other.group == TableGroup::Yclients
            && other.name != table
            && other.parent.as_deref() != Some(table)
    });
    for other in others {
        let naming = other
            .columns
            .iter()
            .filter(|column| column.reference.as_deref() == Some(table));
        named_by.extend(naming.map(|column| format!("{}.{}", other.name, column.name)));
    }
    Ok(Staying { rows, named_by })
}

/// Turns a table of a source on or off, and sets or takes away its filter; what is `None` stays. Rows that a filter keeps
/// out from now on become tombstones at the next reading, which is due at once.
pub async fn set_table(
    services: &Services,
    id: &SourceId,
    table: &str,
    enabled: Option<bool>,
    filter: Option<Option<&Json>>,
    by: &Actor,
) -> Result<(), ConnectError> {
    if let Some(Some(filter)) = filter {
        // Lines of other rows are told where their filter belongs.
        let set = selection::set_filter(services, id, table, Some(filter), by.clone());
        match set.await {
            Err(SelectionError::Table { table }) => {
                return Err(ConnectError::NoSuchTable { table });
            }
            set => drop(set?),
        }
    }
    if !choosable().iter().any(|known| known.name == table) {
        return Err(ConnectError::NoSuchTable {
            table: table.to_owned(),
        });
    }
    if filter == Some(None) {
        selection::set_filter(services, id, table, None, by.clone()).await?;
    }
    if let Some(enabled) = enabled {
        selection::set_enabled(services, id, table, enabled, by.clone()).await?;
    }
    Ok(())
}

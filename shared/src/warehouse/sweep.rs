//! Rows that retention removes: a bounded step at a time, each remembered so that it does not come back as it was.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Row, Rows, ValueRef, WarehouseError,
    referenced::{self, Referrers},
    session::Session,
    sql::{Shape, misuse},
    swept::{self, Memory},
};
use crate::catalog::{self, Table, TableGroup, system};

/// One step of a sweep: of these rows, those that may go are erased with their child rows. The same step without writing
/// is [`super::Warehouse::weigh_sweep`].
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The table: a copy of the vendor's, or a report's; none whose rows belong to those of another one.
    pub table: Arc<Table>,
    /// Whose rows.
    pub source_id: String,
    /// Only rows that were received before.
    pub before: DateTime<Utc>,
    /// The tables whose rows go in the same sweep: of facts among them, rows received before do not hold a dimension.
    pub going: Vec<Arc<Table>>,
    /// The declared keys of the rows, in ascending order.
    pub keys: Rows,
}

/// What a step of a sweep erases of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptRows {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// When the first of them was received.
    pub oldest: DateTime<Utc>,
    /// When the last of them was received.
    pub newest: DateTime<Utc>,
}

/// What is to be done for one [`Sweep`].
pub(super) struct Plan {
    /// Primary keys to be erased, table by table, children first.
    pub erases: Vec<(Arc<Table>, Rows)>,
    /// What each of those tables loses.
    pub told: Vec<SweptRows>,
    memories: Vec<Memory>,
}

/// Decides which of the rows go.
pub(super) async fn plan<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<Plan, WarehouseError> {
    check(sweep)?;
    let mut plan = Plan {
        erases: Vec::new(),
        told: Vec::new(),
        memories: Vec::new(),
    };
    let going = old(session, sweep).await?;
    if going.is_empty() {
        return Ok(plan);
    }
    let mut keys = Rows::new(sweep.table.key.len());
    for row in going.iter() {
        keys.push_row(row.values().take(sweep.table.key.len()));
    }
    for child in catalog::children_of(&sweep.table) {
        let there = lookup(session, &narrowed(child), sweep, &keys).await?;
        plan.add(child, sweep, &there);
    }
    plan.add(&sweep.table, sweep, &going);
    plan.memories = memories(session, sweep, &going).await?;
    Ok(plan)
}

/// Erases what was planned, and remembers it.
pub(super) async fn apply<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    for (table, keys) in &plan.erases {
        session.erase(table, keys).await?;
    }
    swept::remember(session, sweep, &plan.memories, now).await
}

impl Plan {
    /// Adds rows of a table, given as [`narrowed`] ones.
    fn add(&mut self, table: &Arc<Table>, sweep: &Sweep, rows: &Rows) {
        let narrow = narrowed(table);
        let received = narrow.position(system::RECEIVED_AT).unwrap_or_default();
        let mut keys = Rows::new(table.key.len() + 1);
        let mut span: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
        for row in rows.iter() {
            keys.push(ValueRef::Text(&sweep.source_id));
            keys.push_row(row.values().take(table.key.len()));
            if let Some(at) = row.get(received).as_timestamp() {
                let (oldest, newest) = span.unwrap_or((at, at));
                span = Some((oldest.min(at), newest.max(at)));
            }
        }
        if let Some((oldest, newest)) = span {
            self.told.push(SweptRows {
                table: table.name.to_string(),
                rows: rows.len() as u64,
                oldest,
                newest,
            });
            self.erases.push((Arc::clone(table), keys));
        }
    }
}

fn check(sweep: &Sweep) -> Result<(), WarehouseError> {
    let table = &sweep.table;
    let copied = matches!(table.group, TableGroup::Yclients | TableGroup::Report);
    if !copied || sweep.source_id.is_empty() {
        return Err(misuse(&table.name, "only rows of a source are swept"));
    }
    if table.parent.is_some() {
        return Err(misuse(&table.name, "child rows go with their parents"));
    }
    if sweep.keys.width() != table.key.len() {
        return Err(misuse(&table.name, "the keys are not its own"));
    }
    Ok(())
}

/// Those of the rows that were received before, and that nothing holds.
async fn old<S: Session>(session: &mut S, sweep: &Sweep) -> Result<Rows, WarehouseError> {
    let narrow = narrowed(&sweep.table);
    let received = narrow.position(system::RECEIVED_AT).unwrap_or_default();
    let there = lookup(session, &narrow, sweep, &sweep.keys).await?;
    let held = if sweep.table.facts {
        Vec::new()
    } else {
        let referrers = Referrers {
            table: &sweep.table,
            source_id: &sweep.source_id,
            going: Some((&sweep.going, sweep.before)),
        };
        let ids = there.iter().filter_map(|row| row.get(0).as_integer());
        referenced::among(session, &referrers, ids.collect()).await?
    };
    let mut old = Rows::new(there.width());
    for row in there.iter() {
        let is_old = row
            .get(received)
            .as_timestamp()
            .is_some_and(|at| at < sweep.before);
        let is_held = row
            .get(0)
            .as_integer()
            .is_some_and(|id| held.binary_search(&id).is_ok());
        if is_old && !is_held {
            old.push_row(row.values());
        }
    }
    Ok(old)
}

/// What is remembered of the rows. Only those whose origin tells no time of change are read wholly.
async fn memories<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    going: &Rows,
) -> Result<Vec<Memory>, WarehouseError> {
    let (table, narrow) = (sweep.table.as_ref(), narrowed(&sweep.table));
    let mut memories = Vec::with_capacity(going.len());
    let mut unclear = Rows::new(table.key.len());
    for row in going.iter() {
        match swept::version_by_time(&narrow, row) {
            Some(version) => memories.push(Memory::new(key_of(table, row), version)),
            None => unclear.push_row(row.values().take(table.key.len())),
        }
    }
    if unclear.is_empty() {
        return Ok(memories);
    }
    let whole = lookup(session, table, sweep, &unclear).await?;
    let positions: Vec<usize> = table
        .key
        .iter()
        .filter_map(|name| table.position(name))
        .collect();
    for row in whole.iter() {
        let key = positions.iter().map(|&at| row.get(at));
        let version = swept::version_by_content(table, row);
        memories.push(Memory::new(key, version));
    }
    Ok(memories)
}

fn key_of<'r>(table: &Table, row: Row<'r>) -> impl Iterator<Item = ValueRef<'r>> + Clone {
    (0..table.key.len()).map(move |at| row.get(at))
}

async fn lookup<S: Session>(
    session: &mut S,
    table: &Table,
    sweep: &Sweep,
    keys: &Rows,
) -> Result<Rows, WarehouseError> {
    let shape: Option<Arc<Shape>> = session.shape(table).await?;
    let Some(shape) = shape else {
        return Ok(Rows::new(table.stored_columns().count()));
    };
    let by: Vec<&str> = table
        .key
        .iter()
        .take(sweep.table.key.len())
        .map(AsRef::as_ref)
        .collect();
    session
        .lookup(table, &shape, &sweep.source_id, &by, keys)
        .await
}

/// The table as if it had only its key, in the key's order, beside the system columns.
fn narrowed(table: &Table) -> Table {
    let columns = table.key.iter().filter_map(|name| table.column(name));
    Table {
        columns: columns.cloned().collect(),
        ..table.clone()
    }
}

//! Rows of dimensions: those that are old and that nothing refers to any more.

use std::sync::Arc;

use super::{Span, Sweep, SweptRows, narrowed};
use crate::{
    catalog::{self, Table, system},
    warehouse::{
        Row, Rows, ValueRef, WarehouseError,
        referenced::{self, Counting, Referrers},
        session::Session,
        sql::Shape,
        swept::{self, Memories, Memory},
    },
};

/// What is to be done.
pub(super) struct Plan {
    /// Primary keys to be erased, table by table, children first.
    pub erases: Vec<(Arc<Table>, Rows)>,
    /// What each of those tables loses.
    pub told: Vec<SweptRows>,
    /// The rows that go, as [`narrowed`] ones.
    going: Rows,
}

/// Decides which of the rows of these keys go.
pub(super) async fn plan<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    keys: &Rows,
) -> Result<Plan, WarehouseError> {
    let going = old(session, sweep, keys).await?;
    let mut plan = Plan {
        erases: Vec::new(),
        told: Vec::new(),
        going,
    };
    if plan.going.is_empty() {
        return Ok(plan);
    }
    let mut keys = Rows::new(sweep.table.key.len());
    for row in plan.going.iter() {
        keys.push_row(row.values().take(sweep.table.key.len()));
    }
    for child in catalog::children_of(&sweep.table) {
        let there = lookup(session, &narrowed(child), sweep, &keys).await?;
        add(&mut plan, child, sweep, &there);
    }
    let going = std::mem::replace(&mut plan.going, Rows::new(0));
    add(&mut plan, &sweep.table, sweep, &going);
    plan.going = going;
    Ok(plan)
}

/// Erases what was planned; what is to be remembered of it.
pub(super) async fn apply<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    plan: &Plan,
) -> Result<Memories, WarehouseError> {
    let each = memories(session, sweep, &plan.going).await?;
    for (table, keys) in &plan.erases {
        session.erase(table, keys).await?;
    }
    let gathered = Vec::new();
    Ok(Memories { each, gathered })
}

/// Adds rows of a table, given as [`narrowed`] ones.
fn add(plan: &mut Plan, table: &Arc<Table>, sweep: &Sweep, rows: &Rows) {
    let narrow = narrowed(table);
    let received = narrow.position(system::RECEIVED_AT).unwrap_or_default();
    let mut keys = Rows::new(table.key.len() + 1);
    let mut span = Span::default();
    for row in rows.iter() {
        keys.push(ValueRef::Text(&sweep.source_id));
        keys.push_row(row.values().take(table.key.len()));
        span.add(row.get(received).as_timestamp());
    }
    if let Some(told) = span.tell(table, sweep.before) {
        plan.told.push(told);
        plan.erases.push((Arc::clone(table), keys));
    }
}

/// Those of the rows that were received before, and that nothing holds.
async fn old<S: Session>(
    session: &mut S,
    sweep: &Sweep,
    keys: &Rows,
) -> Result<Rows, WarehouseError> {
    let narrow = narrowed(&sweep.table);
    let received = narrow.position(system::RECEIVED_AT).unwrap_or_default();
    let there = lookup(session, &narrow, sweep, keys).await?;
    let referrers = Referrers {
        table: &sweep.table,
        source_id: &sweep.source_id,
        counting: Counting::Staying(&sweep.going, sweep.before),
    };
    let ids = there.iter().filter_map(|row| row.get(0).as_integer());
    let held = referenced::among(session, &referrers, ids.collect()).await?;
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
        let of = |name| {
            narrow
                .position(name)
                .map_or(ValueRef::Null, |at| row.get(at))
        };
        match swept::version_by_time(of(system::CHANGED_AT), of(system::DELETED_AT)) {
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

//! Rows that are gone without a body that says so: absent from a whole list, kept out by a filter, of a removed source.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Filter, Operator, Row, Rows, Scan, Value, ValueRef, WarehouseError,
    session::{Session, rows},
    sql::misuse,
    unreadable,
};
use crate::catalog::{self, Table, TableGroup, system};

/// So many rows are held in memory at a time.
const BATCH: u64 = 1_000;
/// The child rows of so many parents are asked for in one question, where their keys have to be looked at.
const PARENTS: usize = 100;

/// Whose rows of which table, and which of them, in which load.
pub(super) struct Bounds<'a> {
    pub table: &'a Arc<Table>,
    pub source_id: &'a str,
    pub filter: &'a Filter,
    pub load_id: i64,
}

/// When a tombstone says that its row was seen last, and that it went.
#[derive(Clone, Copy)]
struct Times {
    observed_at: DateTime<Utc>,
    deleted_at: DateTime<Utc>,
}

/// Makes tombstones of what was last observed before a list was begun that did not have it; how many.
pub(super) async fn absent<S: Session>(
    session: &mut S,
    bounds: &Bounds<'_>,
    seen_since: DateTime<Utc>,
) -> Result<u64, WarehouseError> {
    let unseen = Filter::compare(system::OBSERVED_AT, Operator::Less, seen_since);
    let gone = bounds.filter.clone().and(unseen);
    // An older fact that comes later must not bring it back: the list is an observation too.
    let times = Times {
        observed_at: seen_since,
        deleted_at: seen_since,
    };
    let (mut count, mut after) = (0, None);
    loop {
        let (rows, next) = bury(session, bounds, &gone, after, BATCH, times).await?;
        count += rows;
        if next.is_none() {
            return Ok(count);
        }
        after = next;
    }
}

/// Makes tombstones of what does not meet a filter; how many, and where to go on.
pub(super) async fn keep_out<S: Session>(
    session: &mut S,
    bounds: &Bounds<'_>,
    after: Option<Vec<Value>>,
    limit: u64,
    now: DateTime<Utc>,
) -> Result<(u64, Option<Vec<Value>>), WarehouseError> {
    let out = Filter::Not(Box::new(bounds.filter.clone()));
    // Nothing was seen at the origin: only the deletion is new.
    let times = Times {
        observed_at: DateTime::UNIX_EPOCH,
        deleted_at: now,
    };
    bury(session, bounds, &out, after, limit.min(BATCH), times).await
}

/// Erases rows of a source; how many.
pub(super) async fn remove_source<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    source_id: &str,
    limit: u64,
) -> Result<u64, WarehouseError> {
    if table.group == TableGroup::Internal || source_id.is_empty() {
        return Err(misuse(&table.name, "only rows of a source are removed so"));
    }
    let mut erased = 0;
    while erased < limit {
        let scan = Scan::of(table)
            .filter(Filter::equal(system::SOURCE_ID, source_id))
            .with_deleted()
            .limit(BATCH.min(limit - erased));
        // Whatever somebody wrote into their keys.
        let gone = unreadable::change(session, &scan, &[]).await?;
        if gone == 0 {
            break;
        }
        erased += gone;
    }
    Ok(erased)
}

/// Makes tombstones of living rows that meet a condition, and of their child rows; how many, and the last key where there
/// may be more. Those whose key cannot be read are among them: nothing that comes in ever names them again.
async fn bury<S: Session>(
    session: &mut S,
    bounds: &Bounds<'_>,
    condition: &Filter,
    after: Option<Vec<Value>>,
    limit: u64,
    times: Times,
) -> Result<(u64, Option<Vec<Value>>), WarehouseError> {
    let table = bounds.table;
    if table.group == TableGroup::Internal {
        return Err(misuse(&table.name, "internal rows have no tombstones"));
    }
    let own = Filter::equal(system::SOURCE_ID, bounds.source_id);
    let mut scan = Scan::of(table)
        .columns(table.stored_columns().map(|column| column.name.to_string()))
        .filter(own.and(condition.clone()))
        .limit(limit)
        .tolerant();
    scan.after = after;
    let key = positions(table, table.primary_key());
    let mut count = 0;
    loop {
        let found = rows(session, &scan).await?;
        if found.is_empty() {
            return Ok((count, None));
        }
        let all = found.len() as u64;
        count += all;
        session.define(table).await?;
        let gone = changes(bounds.load_id, times);
        unreadable::change_unnamed(session, &scan, &found, &key, &gone).await?;
        let living = found.known(&key);
        if let Some(last) = primary_key_of_last(table, &living) {
            let buried = tombstones(table, &living, bounds.load_id, times);
            session.replace(table, &buried).await?;
            for child in catalog::children_of(table) {
                bury_children(session, bounds, child, &living, times).await?;
            }
            scan.after = Some(last);
        }
        if all < limit {
            return Ok((count, None));
        }
        // Where nothing names any of the first rows, there is nowhere yet to go on from.
        if scan.after.is_some() {
            return Ok((count, scan.after));
        }
    }
}

/// What becomes of a row that is buried where it is.
fn changes(load_id: i64, times: Times) -> [(&'static str, Value); 2] {
    [
        (system::LOAD_ID, Value::Integer(load_id)),
        (system::DELETED_AT, Value::Timestamp(times.deleted_at)),
    ]
}

async fn bury_children<S: Session>(
    session: &mut S,
    bounds: &Bounds<'_>,
    child: &Arc<Table>,
    parents: &Rows,
    times: Times,
) -> Result<(), WarehouseError> {
    let Some(shape) = session.shape(child).await? else {
        return Ok(());
    };
    let positions: Vec<usize> = positions(bounds.table, bounds.table.key.iter());
    let mut keys = Rows::new(positions.len());
    for parent in parents.iter() {
        keys.push_row(positions.iter().map(|&at| parent.get(at)));
    }
    let by: Vec<&str> = child
        .key
        .iter()
        .take(positions.len())
        .map(AsRef::as_ref)
        .collect();
    let there = session
        .lookup(child, &shape, bounds.source_id, &by, &keys)
        .await?;
    if there.any_unreadable() {
        bury_unnamed_children(session, bounds, child, (by.as_slice(), &keys), times).await?;
    }
    if there.is_empty() {
        return Ok(());
    }
    let buried = tombstones(child, &there, bounds.load_id, times);
    session.define(child).await?;
    session.replace(child, &buried).await
}

/// The child rows of these parents whose own keys cannot be read.
async fn bury_unnamed_children<S: Session>(
    session: &mut S,
    bounds: &Bounds<'_>,
    child: &Arc<Table>,
    (by, parents): (&[&str], &Rows),
    times: Times,
) -> Result<(), WarehouseError> {
    let of = |parent: Row<'_>| {
        let parts = by.iter().zip(parent.values());
        let parts = parts.map(|(name, value)| Filter::equal(*name, value.to_owned()));
        parts.fold(Filter::All, Filter::and)
    };
    let of_each: Vec<Filter> = parents.iter().map(of).collect();
    let key: Vec<usize> = (0..child.primary_key().count()).collect();
    session.define(child).await?;
    for some in of_each.chunks(PARENTS) {
        let own = Filter::equal(system::SOURCE_ID, bounds.source_id);
        let scan = Scan::of(child)
            .columns(child.primary_key())
            .filter(own.and(Filter::Or(some.to_vec())))
            .with_deleted()
            .tolerant();
        let found = rows(session, &scan).await?;
        let gone = changes(bounds.load_id, times);
        unreadable::change_unnamed(session, &scan, &found, &key, &gone).await?;
    }
    Ok(())
}

/// The rows as they are from now on.
fn tombstones(table: &Table, living: &Rows, load_id: i64, times: Times) -> Rows {
    let names: Vec<&str> = table
        .stored_columns()
        .map(|column| column.name.as_ref())
        .collect();
    let mut buried = Rows::new(living.width());
    for row in living.iter() {
        for (name, value) in names.iter().zip(row.values()) {
            buried.push(match *name {
                system::LOAD_ID => ValueRef::Integer(load_id),
                system::DELETED_AT => ValueRef::Timestamp(times.deleted_at),
                system::OBSERVED_AT => match value.as_timestamp() {
                    Some(seen) if seen > times.observed_at => value,
                    _ => ValueRef::Timestamp(times.observed_at),
                },
                _ => value,
            });
        }
    }
    buried
}

/// `None` where there are no rows.
fn primary_key_of_last(table: &Table, rows: &Rows) -> Option<Vec<Value>> {
    let row = rows.get(rows.len().checked_sub(1)?)?;
    let key = positions(table, table.primary_key()).into_iter();
    Some(key.map(|position| row.get(position).to_owned()).collect())
}

fn positions<'n, N: AsRef<str> + ?Sized + 'n>(
    table: &Table,
    names: impl Iterator<Item = &'n N>,
) -> Vec<usize> {
    names
        .filter_map(|name| table.position(name.as_ref()))
        .collect()
}

//! Stored rows that lose what is personal.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Filter, Rows, Scan, ValueRef, WarehouseError, cleaning,
    session::{Session, rows},
    sql::misuse,
    unreadable,
};
use crate::catalog::{Table, TableGroup, system};

/// So many keys are looked at at a time.
const BATCH: u64 = 1_000;

/// Empties the personal columns and unknown fields of the rows of these primary keys, and erases rows whose key is
/// personal, which cannot be without it; how many rows had any, and how many are erased.
pub(super) async fn empty<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    keys: &Rows,
    load_id: i64,
) -> Result<(u64, u64), WarehouseError> {
    if table.group == TableGroup::Internal || keys.width() != table.key.len() + 1 {
        return Err(misuse(&table.name, "only rows by their keys are emptied"));
    }
    let Some(shape) = session.shape(table).await? else {
        return Ok((0, 0));
    };
    let names: Vec<&str> = table
        .stored_columns()
        .map(|column| column.name.as_ref())
        .collect();
    let by: Vec<&str> = table.key.iter().map(AsRef::as_ref).collect();
    let primary: Vec<usize> = table
        .primary_key()
        .filter_map(|name| names.iter().position(|stored| *stored == name))
        .collect();
    let is_key_personal = by.iter().any(|name| cleaning::is_personal(table, name));
    let mut emptied = Rows::new(names.len());
    let mut erased = Rows::new(primary.len());
    for (source, keys) in by_source(keys) {
        let there = session.lookup(table, &shape, &source, &by, &keys).await?;
        for row in there.iter() {
            if is_key_personal {
                erased.push_row(primary.iter().map(|&position| row.get(position)));
                continue;
            }
            let personal = |name: &str| cleaning::is_personal(table, name);
            // What is not of its column's type may say anything.
            let has_any = row.any_unreadable()
                || names
                    .iter()
                    .zip(row.values())
                    .any(|(name, value)| personal(name) && !value.is_null());
            if !has_any {
                continue;
            }
            emptied.push_row(
                names
                    .iter()
                    .zip(row.values())
                    .map(|(name, value)| match *name {
                        system::LOAD_ID => ValueRef::Integer(load_id),
                        name if personal(name) => ValueRef::Null,
                        _ => value,
                    }),
            );
        }
    }
    if !emptied.is_empty() {
        session.define(table).await?;
        session.replace(table, &emptied).await?;
    }
    if !erased.is_empty() {
        session.erase(table, &erased).await?;
    }
    Ok((emptied.len() as u64, erased.len() as u64))
}

/// Erases the rows that meet a condition and whose key cannot be read; how many. Nothing names them, so that nothing would
/// empty them later, and what stands in the place of the key may itself say anything.
pub(super) async fn erase_unnamed<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    filter: &Filter,
) -> Result<u64, WarehouseError> {
    let key: Vec<usize> = (0..table.primary_key().count()).collect();
    let mut scan = Scan::of(table)
        .columns(table.primary_key())
        .filter(filter.clone())
        .with_deleted()
        .limit(BATCH)
        .tolerant();
    let mut erased = 0;
    loop {
        let found = rows(session, &scan).await?;
        let is_last = (found.len() as u64) < BATCH;
        erased += unreadable::change_unnamed(session, &scan, &found, &key, &[]).await?;
        if is_last {
            return Ok(erased);
        }
        let known = found.known(&key);
        if let Some(last) = known.get(known.len().saturating_sub(1)) {
            scan.after = Some(last.values().map(ValueRef::to_owned).collect());
        }
    }
}

fn by_source(keys: &Rows) -> BTreeMap<String, Rows> {
    let mut all: BTreeMap<String, Rows> = BTreeMap::new();
    for key in keys.iter() {
        let source = key.get(0).as_str().unwrap_or_default().to_owned();
        all.entry(source)
            .or_insert_with(|| Rows::new(keys.width() - 1))
            .push_row(key.values().skip(1));
    }
    all
}

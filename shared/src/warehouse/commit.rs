//! The steps of a load, and the small reads of the system's own tables, written once for both databases.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};

use super::{
    Admit, Committed, Counts, Filter, Load, Outcome, Rows, Scan, Sweep, SweptRows, Value,
    WarehouseError, Write,
    children::{self, ChildPlan},
    cleaning, dropping, emptying, erased, internal, kept, outbox,
    plan::{Plan, plan},
    quota, raw, replacement, rewriting,
    session::{Session, first_integer, one_row, rows, shapes},
    sql::{self, misuse},
    subjects, sweep, swept,
    tombstones::{self, Bounds},
};
use crate::catalog::{Table, TableGroup};

/// The counter that numbers loads.
pub(super) const LOADS: &str = "loads";

/// Does everything a load says inside the session's transaction; the caller commits.
pub(super) async fn commit<S: Session>(
    session: &mut S,
    load: &Load,
) -> Result<Committed, WarehouseError> {
    let load_id = last(session, LOADS).await? + 1;
    let mut committed = Committed::default();
    let mut wrote_rows = false;
    let stored = match &load.quota {
        Some(quota) => Some(session.stored_bytes(quota.bytes).await?),
        None => None,
    };
    for write in &load.writes {
        wrote_rows |= step(session, load, write, load_id, &mut committed).await?;
    }
    let mut usage = None;
    if let Some(quota) = &load.quota {
        let used = quota::count(session, quota, &committed.counts, stored).await?;
        committed.used = Some(used.rows);
        usage = quota::fact(quota, used, stored);
    }
    outbox::emit(session, load, usage.as_ref()).await?;
    if wrote_rows {
        committed.load_id = load_id;
        put_last(session, LOADS, load_id).await?;
        let row = one_row([
            Value::Integer(load_id),
            load.origin.into(),
            load.run.as_str().into(),
            load.observed_at.into(),
            Value::Json(json!(committed.counts).to_string()),
        ]);
        add(session, internal::loads(), &row).await?;
    }
    Ok(committed)
}

/// Does one write; whether it wrote rows.
async fn step<S: Session>(
    session: &mut S,
    load: &Load,
    write: &Write,
    load_id: i64,
    committed: &mut Committed,
) -> Result<bool, WarehouseError> {
    let bounds = |table, source_id, filter| Bounds {
        table,
        source_id,
        filter,
        load_id,
    };
    let counts = &mut committed.counts;
    Ok(match write {
        Write::Admit(admit) => {
            let cleaned = cleaning::cleaned(session, admit).await?;
            let admit = cleaned.as_ref().unwrap_or(admit);
            let plan = plan(session, admit, load.observed_at, load_id).await?;
            let mut wrote = apply(session, admit, &plan, load.observed_at).await?;
            for outcome in &plan.outcomes {
                add_to(counts, &admit.table, outcome.name(), 1);
            }
            if plan.any_late {
                committed.late.insert(admit.table.name.to_string());
            }
            let silent = children::unspoken(admit, &plan.parents);
            for children in admit.children.iter().chain(&silent) {
                let (parents, at) = (&plan.parents, load.observed_at);
                let plan = children::plan(session, admit, children, parents, at, load_id).await?;
                wrote |= apply_children(session, &children.table, &plan, counts).await?;
            }
            committed.admitted.push(plan.outcomes);
            wrote
        }
        Write::Absent {
            table,
            source_id,
            filter,
            seen_since,
        } => {
            let bounds = bounds(table, source_id, filter);
            let gone = tombstones::absent(session, &bounds, *seen_since).await?;
            add_to(counts, table, "absent", gone);
            gone > 0
        }
        Write::KeepOut {
            table,
            source_id,
            filter,
            after,
            limit,
        } => {
            let bounds = bounds(table, source_id, filter);
            let (out, next) =
                tombstones::keep_out(session, &bounds, after.clone(), *limit, load.observed_at)
                    .await?;
            add_to(counts, table, Outcome::KeptOut.name(), out);
            committed.next = next;
            out > 0
        }
        Write::RemoveSource {
            table,
            source_id,
            limit,
        } => {
            let erased = tombstones::remove_source(session, table, source_id, *limit).await?;
            add_to(counts, table, "erased", erased);
            erased > 0
        }
        Write::Sweep(sweep) => {
            let last_load = counts.is_empty().then_some(load_id - 1);
            let told = sweep::erase(session, sweep, last_load, load.observed_at).await?;
            for swept in &told {
                *counts
                    .entry(swept.table.clone())
                    .or_default()
                    .entry("swept")
                    .or_default() += swept.rows;
            }
            let wrote = !told.is_empty();
            committed.swept.extend(told);
            wrote
        }
        Write::Forget { person, new_key } => {
            erased::forget(session, person, new_key, load.observed_at).await?;
            false
        }
        Write::Forgotten => {
            erased::turn(session).await?;
            false
        }
        Write::NobodyErased { since } => {
            erased::nobody_since(session, *since).await?;
            false
        }
        Write::Empty { table, keys } => {
            let (emptied, erased) = emptying::empty(session, table, keys, load_id).await?;
            add_to(counts, table, "emptied", emptied);
            add_to(counts, table, "erased", erased);
            emptied + erased > 0
        }
        Write::EraseUnnamed { table, filter } => {
            let erased = emptying::erase_unnamed(session, table, filter).await?;
            add_to(counts, table, "erased", erased);
            erased > 0
        }
        Write::ReplaceReport(replacement) => {
            replacement::replace(session, replacement, load.observed_at, load_id, counts).await?
        }
        Write::RemoveReport {
            table,
            scope,
            limit,
        } => {
            let erased = replacement::remove(session, table, scope, *limit).await?;
            add_to(counts, table, "erased", erased);
            erased > 0
        }
        Write::DropReport { table } => {
            dropping::drop_table(session, table).await?;
            // Another report may take the name: its rows are not those that were swept.
            let own = Filter::equal("table", table.name.as_ref());
            remove_internal(session, internal::swept(), &own, None).await?;
            true
        }
        Write::Insert { table, rows } => insert_internal(session, table, rows).await? > 0,
        Write::Rewrite { table, read, rows } => {
            rewriting::rewrite(session, table, read, rows).await? > 0
        }
        Write::Remove {
            table,
            filter,
            limit,
        } => remove_internal(session, table, filter, *limit).await? > 0,
        Write::Expect { key, value } => {
            kept::expect(session, key, value.as_ref()).await?;
            false
        }
        Write::PutState { key, value } => {
            kept::put(session, key, value.as_ref()).await?;
            false
        }
        Write::PutCounts { key, value } => {
            let kept = json!({ "value": value, "counts": counts });
            kept::put(session, key, Some(&kept)).await?;
            false
        }
        Write::Emit { .. } => false,
    })
}

pub(super) fn add_to(counts: &mut Counts, table: &Table, word: &'static str, rows: u64) {
    let table = counts.entry(table.name.to_string()).or_default();
    if rows > 0 {
        *table.entry(word).or_default() += rows;
    }
}

/// Decides as a commit would, and writes nothing.
pub(super) async fn weigh<S: Session>(
    session: &mut S,
    admit: &Admit,
    observed_at: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Outcome>, WarehouseError> {
    let load_id = last(session, LOADS).await? + 1;
    let cleaned = cleaning::cleaned(session, admit).await?;
    let admit = cleaned.as_ref().unwrap_or(admit);
    Ok(plan(session, admit, observed_at, load_id).await?.outcomes)
}

/// Decides which rows a step of a sweep would erase, and writes nothing.
pub(super) async fn weigh_sweep<S: Session>(
    session: &mut S,
    sweep: &Sweep,
) -> Result<Vec<SweptRows>, WarehouseError> {
    sweep::weigh(session, sweep).await
}

/// Writes what was decided about arriving rows; whether that was anything.
pub(super) async fn apply<S: Session>(
    session: &mut S,
    admit: &Admit,
    plan: &Plan,
    observed_at: DateTime<Utc>,
) -> Result<bool, WarehouseError> {
    let table = admit.table.as_ref();
    if !plan.touches.is_empty() {
        session.touch(table, &plan.touches, observed_at).await?;
    }
    if plan.is_empty() {
        return Ok(false);
    }
    session.define(table).await?;
    if !plan.inserts.is_empty() {
        session.insert(table, &plan.inserts).await?;
        let (back, remembered) = (&plan.inserts, &plan.remembered);
        swept::forget(session, table, back, remembered, observed_at).await?;
    }
    if !plan.replaces.is_empty() {
        session.replace(table, &plan.replaces).await?;
    }
    if !plan.erases.is_empty() {
        session.erase(table, &plan.erases).await?;
    }
    if let Some(import) = &admit.undo {
        add(
            session,
            internal::undo(),
            &plan.undo_rows(import, &table.name),
        )
        .await?;
    }
    if let Some(event) = &admit.personal_data_event {
        let customers = subjects::customers_of(session, admit, &plan.subjects).await?;
        let rows = subjects::rows_of(event, &customers);
        add(session, internal::personal_data_subjects(), &rows).await?;
    }
    Ok(true)
}

async fn apply_children<S: Session>(
    session: &mut S,
    table: &Table,
    plan: &ChildPlan,
    counts: &mut Counts,
) -> Result<bool, WarehouseError> {
    for (word, rows) in [
        (Outcome::New.name(), plan.inserts.len()),
        (Outcome::Changed.name(), plan.replaces.len()),
        ("erased", plan.erases.len()),
        (Outcome::Unchanged.name(), plan.unchanged),
    ] {
        add_to(counts, table, word, rows as u64);
    }
    if plan.is_empty() {
        return Ok(false);
    }
    session.define(table).await?;
    if !plan.erases.is_empty() {
        session.erase(table, &plan.erases).await?;
    }
    if !plan.inserts.is_empty() {
        session.insert(table, &plan.inserts).await?;
    }
    if !plan.replaces.is_empty() {
        session.replace(table, &plan.replaces).await?;
    }
    Ok(true)
}

async fn insert_internal<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    rows: &Rows,
) -> Result<u64, WarehouseError> {
    let columns = table.columns.len();
    if table.group != TableGroup::Internal || table.name == internal::LOG {
        return Err(misuse(&table.name, "only internal rows are inserted so"));
    }
    let fit = rows.iter().all(|row| {
        table
            .columns
            .iter()
            .zip(row.values())
            .all(|(column, value)| sql::fits(value, column.ty.storage()))
    });
    if rows.width() != columns || !fit {
        return Err(misuse(&table.name, "the rows are not of its columns"));
    }
    let cleaned = raw::cleaned(session, table, rows).await?;
    add(session, table, cleaned.as_ref().unwrap_or(rows)).await
}

pub(super) async fn add<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    rows: &Rows,
) -> Result<u64, WarehouseError> {
    if rows.is_empty() {
        return Ok(0);
    }
    session.define(table).await?;
    session.insert_missing(table, rows).await
}

/// Removes rows of one of the system's own tables; how many.
pub(super) async fn remove_internal<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    filter: &Filter,
    limit: Option<u64>,
) -> Result<u64, WarehouseError> {
    let shapes = shapes(session, &[table]).await?;
    match sql::remove(session.schema(), &shapes, table, filter, limit)? {
        Some(statement) => session.execute("removing internal rows", statement).await,
        None => Ok(0),
    }
}

/// The last number that a counter gave; 0 where it gave none.
pub(super) async fn last<S: Session>(
    session: &mut S,
    counter: &str,
) -> Result<i64, WarehouseError> {
    let scan = Scan::of(internal::counters())
        .columns(["last"])
        .filter(Filter::equal("name", counter));
    Ok(first_integer(&rows(session, &scan).await?).unwrap_or(0))
}

pub(super) async fn put_last<S: Session>(
    session: &mut S,
    counter: &str,
    last: i64,
) -> Result<(), WarehouseError> {
    let table = internal::counters();
    session.define(table).await?;
    let row = one_row([counter.into(), Value::Integer(last)]);
    session.replace(table, &row).await
}

pub(super) fn parse(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

//! The steps of a load, and the small reads of the system's own tables, written once for both databases.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value as Json, json};

use super::{
    Admit, Committed, Filter, Load, Operator, OutboxEntry, Outcome, Rows, Scan, Value,
    WarehouseError, Write, internal,
    plan::{Plan, plan},
    session::{Session, first_integer, one_row, rows, shapes},
    sql::{self, misuse},
};
use crate::catalog::{Table, TableGroup};

/// The counter that numbers loads.
const LOADS: &str = "loads";
/// The counter that numbers outbox entries.
const OUTBOX: &str = "outbox";

/// Does everything a load says inside the session's transaction; the caller commits.
pub(super) async fn commit<S: Session>(
    session: &mut S,
    load: &Load,
) -> Result<Committed, WarehouseError> {
    let load_id = last(session, LOADS).await? + 1;
    let mut committed = Committed::default();
    let mut counts: BTreeMap<String, BTreeMap<&'static str, u64>> = BTreeMap::new();
    let mut wrote_rows = false;
    for write in &load.writes {
        match write {
            Write::Admit(admit) => {
                let plan = plan(session, admit, load.observed_at, load_id).await?;
                apply(session, admit, &plan).await?;
                wrote_rows |= !plan.is_empty();
                let table = counts.entry(admit.table.name.to_string()).or_default();
                for outcome in &plan.outcomes {
                    *table.entry(name_of(*outcome)).or_default() += 1;
                }
                committed.admitted.push(plan.outcomes);
            }
            Write::Insert { table, rows } => {
                wrote_rows |= insert_internal(session, table, rows).await? > 0;
            }
            Write::Remove {
                table,
                filter,
                limit,
            } => {
                wrote_rows |= remove_internal(session, table, filter, *limit).await? > 0;
            }
            Write::PutState { key, value } => put_state(session, key, value.as_ref()).await?,
            Write::Emit { .. } => {}
        }
    }
    emit(session, load).await?;
    if wrote_rows {
        committed.load_id = load_id;
        put_last(session, LOADS, load_id).await?;
        let row = one_row([
            Value::Integer(load_id),
            load.origin.into(),
            load.run.as_str().into(),
            load.observed_at.into(),
            Value::Json(json!(counts).to_string()),
        ]);
        add(session, internal::loads(), &row).await?;
    }
    Ok(committed)
}

/// Decides as a commit would, and writes nothing.
pub(super) async fn weigh<S: Session>(
    session: &mut S,
    admit: &Admit,
    observed_at: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Outcome>, WarehouseError> {
    let load_id = last(session, LOADS).await? + 1;
    Ok(plan(session, admit, observed_at, load_id).await?.outcomes)
}

/// The value kept under a name.
pub(super) async fn state<S: Session>(
    session: &mut S,
    key: &str,
) -> Result<Option<Json>, WarehouseError> {
    let scan = Scan::of(internal::state())
        .columns(["value"])
        .filter(Filter::equal("key", key));
    let rows = rows(session, &scan).await?;
    Ok(rows.get(0).and_then(|row| parse(row.get(0).as_str()?)))
}

/// Entries of the outbox after this one, oldest first.
pub(super) async fn outbox<S: Session>(
    session: &mut S,
    after: i64,
    limit: u64,
) -> Result<Vec<OutboxEntry>, WarehouseError> {
    let scan = Scan::of(internal::outbox())
        .columns(["id", "kind", "payload"])
        .after(vec![Value::Integer(after)])
        .limit(limit);
    let rows = rows(session, &scan).await?;
    let entries = rows.iter().map(|row| OutboxEntry {
        id: row.get(0).as_integer().unwrap_or_default(),
        kind: row.get(1).as_str().unwrap_or_default().to_owned(),
        payload: row.get(2).as_str().and_then(parse).unwrap_or_default(),
    });
    Ok(entries.collect())
}

/// Forgets entries of the outbox up to and with this one.
pub(super) async fn forget_outbox<S: Session>(
    session: &mut S,
    up_to: i64,
) -> Result<(), WarehouseError> {
    let told = Filter::compare("id", Operator::AtMost, up_to);
    remove_internal(session, internal::outbox(), &told, None).await?;
    Ok(())
}

async fn apply<S: Session>(
    session: &mut S,
    admit: &Admit,
    plan: &Plan,
) -> Result<(), WarehouseError> {
    if plan.is_empty() {
        return Ok(());
    }
    let table = admit.table.as_ref();
    session.define(table).await?;
    if !plan.inserts.is_empty() {
        session.insert(table, &plan.inserts).await?;
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
        let subjects = internal::personal_data_subjects();
        add(session, subjects, &plan.subject_rows(event)).await?;
    }
    Ok(())
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
    add(session, table, rows).await
}

async fn add<S: Session>(
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

async fn remove_internal<S: Session>(
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

async fn put_state<S: Session>(
    session: &mut S,
    key: &str,
    value: Option<&Json>,
) -> Result<(), WarehouseError> {
    let table = internal::state();
    let Some(value) = value else {
        remove_internal(session, table, &Filter::equal("key", key), None).await?;
        return Ok(());
    };
    session.define(table).await?;
    let row = one_row([key.into(), Value::Json(value.to_string())]);
    session.replace(table, &row).await
}

async fn emit<S: Session>(session: &mut S, load: &Load) -> Result<(), WarehouseError> {
    let facts = load.writes.iter().filter_map(|write| match write {
        Write::Emit { kind, payload } => Some((*kind, payload)),
        _ => None,
    });
    let facts: Vec<_> = facts.collect();
    if facts.is_empty() {
        return Ok(());
    }
    let mut id = last(session, OUTBOX).await?;
    let mut entries = Rows::new(4);
    for (kind, payload) in facts {
        id += 1;
        entries.push_values(&[
            Value::Integer(id),
            kind.into(),
            Value::Json(payload.to_string()),
            load.observed_at.into(),
        ]);
    }
    add(session, internal::outbox(), &entries).await?;
    put_last(session, OUTBOX, id).await
}

/// The last number that a counter gave; 0 where it gave none.
async fn last<S: Session>(session: &mut S, counter: &str) -> Result<i64, WarehouseError> {
    let scan = Scan::of(internal::counters())
        .columns(["last"])
        .filter(Filter::equal("name", counter));
    Ok(first_integer(&rows(session, &scan).await?).unwrap_or(0))
}

async fn put_last<S: Session>(
    session: &mut S,
    counter: &str,
    last: i64,
) -> Result<(), WarehouseError> {
    let table = internal::counters();
    session.define(table).await?;
    let row = one_row([counter.into(), Value::Integer(last)]);
    session.replace(table, &row).await
}

fn parse(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

const fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::New => "new",
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
        Outcome::Conflict => "conflict",
        Outcome::Stale => "stale",
        Outcome::Undone => "undone",
        Outcome::Touched => "touched",
    }
}

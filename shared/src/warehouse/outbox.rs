//! What the shared database is to be told, written with the rows that it speaks of.

use serde_json::Value as Json;

use super::{
    Filter, Load, Operator, OutboxEntry, Rows, Scan, Value, WarehouseError, Write,
    commit::{add, last, parse, put_last, remove_internal},
    internal, quota,
    session::{Session, rows},
};

/// The counter that numbers outbox entries.
const OUTBOX: &str = "outbox";

/// Entries of the outbox after this one, oldest first.
pub(super) async fn after<S: Session>(
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
pub(super) async fn forget<S: Session>(session: &mut S, up_to: i64) -> Result<(), WarehouseError> {
    let told = Filter::compare("id", Operator::AtMost, up_to);
    remove_internal(session, internal::outbox(), &told, None).await?;
    Ok(())
}

/// Adds what a load says, and how much of the quota it used.
pub(super) async fn emit<S: Session>(
    session: &mut S,
    load: &Load,
    usage: Option<&Json>,
) -> Result<(), WarehouseError> {
    let facts = load.writes.iter().filter_map(|write| match write {
        Write::Emit { kind, payload } => Some((*kind, payload)),
        _ => None,
    });
    let usage = usage.map(|usage| (quota::USAGE, usage));
    let facts: Vec<_> = facts.chain(usage).collect();
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

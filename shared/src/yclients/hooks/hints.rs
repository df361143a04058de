//! Sources whose events are hints: an event only tells that an entity is to be read again. That is kept in the warehouse in
//! the transaction that takes the event in, until the entity was read; the message that wakes the pull may be lost.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::json;

use crate::{
    SourceId,
    ports::QueueError,
    services::Services,
    warehouse::{Filter, Operator, Scan, Snapshot, WarehouseError, Write, internal},
    yclients::pull::messages::{self, PullMessage},
};

/// What the names of hints begin with.
const PREFIX: &str = "webhook.hint/";

/// The most hints that are looked at in one go.
const MOST: u64 = 5_000;

/// Events come in bursts (a payment, then the visit it is of): what is hinted at within so many seconds is read together.
const TOGETHER: i64 = 10;

/// An entity to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::yclients) struct Hint {
    /// The name that it is kept under. Every event has its own, so that a reader forgets only what it knew of.
    pub name: String,
    /// The vendor's id of the entity.
    pub id: i64,
    /// Whether the event told that it was deleted.
    pub deleted: bool,
}

/// Keeps a hint, in the transaction that takes its event in.
pub(super) fn keep(
    source: &SourceId,
    table: &str,
    id: i64,
    deleted: bool,
    at: DateTime<Utc>,
) -> Write {
    let at = at.timestamp_micros();
    Write::PutState {
        key: format!("{PREFIX}{source}/{table}/{id}/{at}/{deleted}"),
        value: Some(json!({ "table": table, "id": id, "deleted": deleted })),
    }
}

/// Forgets a hint, in the transaction that commits what it was about.
pub(in crate::yclients) fn heeded(hint: &Hint) -> Write {
    Write::PutState {
        key: hint.name.clone(),
        value: None,
    }
}

/// What is to be read again of a source, by table; a part of it where there is very much.
pub(in crate::yclients) async fn pending(
    snapshot: &Snapshot,
    source: &SourceId,
) -> Result<BTreeMap<String, Vec<Hint>>, WarehouseError> {
    // '0' follows '/': the hints of this source, and of no other whose id begins like it.
    let (from, to) = (format!("{PREFIX}{source}/"), format!("{PREFIX}{source}0"));
    let names = Filter::compare("key", Operator::AtLeast, from).and(Filter::compare(
        "key",
        Operator::Less,
        to,
    ));
    let scan = Scan::of(internal::state())
        .columns(["key", "value"])
        .filter(names)
        .limit(MOST);
    let mut batches = snapshot.scan(scan).await?;
    let mut found: BTreeMap<String, Vec<Hint>> = BTreeMap::new();
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let (name, value) = (row.get(0).as_str(), row.get(1).as_str());
            if let Some((table, hint)) = name.zip(value).and_then(|(name, value)| read(name, value))
            {
                found.entry(table).or_default().push(hint);
            }
        }
    }
    Ok(found)
}

fn read(name: &str, value: &str) -> Option<(String, Hint)> {
    let value: serde_json::Value = serde_json::from_str(value).ok()?;
    let hint = Hint {
        name: name.to_owned(),
        id: value.get("id")?.as_i64()?,
        deleted: value.get("deleted")?.as_bool()?,
    };
    Some((value.get("table")?.as_str()?.to_owned(), hint))
}

/// Has the hints of a source heeded soon, after they were committed: one message for all of a few seconds, delivered when
/// these are over. Were it lost, the next pull of the source would heed them.
pub(super) async fn wake(services: &Services, source: &SourceId) -> Result<(), QueueError> {
    let now = services.clock.now().timestamp();
    let turn = now.div_euclid(TOGETHER);
    let left = (turn + 1) * TOGETHER - now;
    let message = PullMessage::due(source.clone());
    let delay = Duration::from_secs(left.unsigned_abs());
    let dedupe = format!("{}:hints:{source}:{turn}", messages::PULL);
    messages::send(
        &*services.queue,
        messages::PULL,
        &message,
        delay,
        Some(dedupe),
    )
    .await
}

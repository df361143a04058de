//! Events that may not be loaded now: their source is paused, or the plan has no room. They wait in the warehouse's inbox,
//! and a message that comes again and again until they are gone asks whether they may go in.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wynos_base::exact;

use super::{
    HookMessage, IngestError,
    gathering::Gathering,
    known,
    load::{self, Batch},
};
use crate::{
    SourceId,
    ports::{Envelope, QueueError, QueueName},
    services::Services,
    warehouse::{Filter, Rows, Scan, Value, Warehouse, Write, internal},
    yclients::pull::events_wait,
};

/// The kind of message that asks whether waiting events may go in.
pub const DRAIN: &str = "webhook.drain";

/// The version of its body.
pub(super) const DRAIN_VERSION: u16 = 1;

/// Messages of the inbox that go in together.
const PAGE: u64 = 200;

/// Pages of one go; the next message goes on.
const PAGES: usize = 50;

/// How long to wait before asking again: the longest delay that queues elsewhere know.
const AGAIN: Duration = Duration::from_secs(15 * 60);

/// The body of [`DRAIN`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DrainMessage {
    pub source: SourceId,
}

/// The writes that keep messages in the inbox. A message that is there already stays as it is.
pub(super) fn keep(messages: &[(HookMessage, String)]) -> Result<Vec<Write>, serde_json::Error> {
    let table = internal::inbox();
    let mut rows = Rows::new(table.columns.len());
    for (message, id) in messages {
        let mut body = serde_json::to_value(message)?;
        crate::yclients::decode::scrub(&mut body);
        rows.push_values(&[
            message.source.as_str().into(),
            message.received_at.into(),
            id.as_str().into(),
            Value::Json(exact::to_string(&body)),
        ]);
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![Write::Insert {
        table: table.clone(),
        rows,
    }])
}

/// Asks at once whether the waiting events of a source may go in: to be called when it may load again.
pub async fn request_drain(services: &Services, source: &SourceId) -> Result<(), QueueError> {
    send(services, source, Duration::ZERO, None).await
}

/// Asks again in a while, once for every while however many ask for it.
pub(super) async fn ask_again(services: &Services, source: &SourceId) -> Result<(), QueueError> {
    let now = services.clock.now();
    let turn = now.timestamp() / i64::try_from(AGAIN.as_secs()).unwrap_or(1);
    let dedupe = format!("{DRAIN}:{source}:{turn}");
    send(services, source, AGAIN, Some(dedupe)).await
}

async fn send(
    services: &Services,
    source: &SourceId,
    delay: Duration,
    dedupe: Option<String>,
) -> Result<(), QueueError> {
    let envelope = Envelope {
        version: DRAIN_VERSION,
        kind: DRAIN.to_owned(),
        subscription: source.subscription().clone(),
        body: json!({ "source": source }),
    };
    let queue = &services.queue;
    queue.send(QueueName::Ingest, envelope, delay, dedupe).await
}

/// Lets the waiting events of a source in, oldest first, as far as it may load. Each page goes in, and out of the inbox, in
/// one transaction.
pub async fn drain(services: &Services, source: &SourceId) -> Result<(), IngestError> {
    let subscription = source.subscription();
    let warehouse = services.warehouses.open(subscription);
    for _ in 0..PAGES {
        let page = page(&warehouse, source).await?;
        if page.is_empty() {
            return Ok(());
        }
        let needed = known::needed(page.iter().filter_map(|one| one.message.as_ref()));
        let known = known::read(services, subscription, needed).await?;
        if let Some(known) = known.get(source).filter(|known| !known.loads) {
            known.tell_waiting(services, source).await?;
            return Ok(ask_again(services, source).await?);
        }
        let batch = Batch::of(
            page.iter()
                .map(|one| (one.key.id.as_str(), one.key.received_at)),
        );
        let mut gathering = Gathering::default();
        let mut gone = Vec::new();
        for Waiting { key, message } in page {
            match &message {
                // Its address was good when it came.
                Some(message) => gathering.take_honoured(message, known.get(source), &key.id),
                None => {
                    tracing::error!(%source, id = key.id, "an event in the inbox cannot be read");
                }
            }
            gone.push(remove(source, &key));
        }
        if let Some(why) = load::commit(services, subscription, gathering, gone, &batch).await? {
            events_wait(services, source, &why).await?;
            return Ok(ask_again(services, source).await?);
        }
    }
    Ok(request_drain(services, source).await?)
}

/// A message of the inbox.
struct Waiting {
    key: Key,
    message: Option<HookMessage>,
}

struct Key {
    received_at: DateTime<Utc>,
    id: String,
}

async fn page(warehouse: &Warehouse, source: &SourceId) -> Result<Vec<Waiting>, IngestError> {
    let scan = Scan::of(internal::inbox())
        .columns(["received_at", "id", "body"])
        .filter(Filter::equal("source_id", source.as_str()))
        .limit(PAGE);
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut page = Vec::new();
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let body = row.get(2).as_str().unwrap_or_default();
            page.push(Waiting {
                key: Key {
                    received_at: row.get(0).as_timestamp().unwrap_or_default(),
                    id: row.get(1).as_str().unwrap_or_default().to_owned(),
                },
                message: read(body).ok(),
            });
        }
    }
    Ok(page)
}

/// A message as it was kept.
fn read(body: &str) -> Result<HookMessage, serde_json::Error> {
    serde_json::from_value(exact::from_str(body)?)
}

fn remove(source: &SourceId, key: &Key) -> Write {
    let filter = Filter::equal("source_id", source.as_str())
        .and(Filter::equal("received_at", key.received_at))
        .and(Filter::equal("id", key.id.as_str()));
    Write::Remove {
        table: internal::inbox().clone(),
        filter,
        limit: Some(1),
    }
}

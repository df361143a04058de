use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{IngestError, gathering::Gathering, hints, inbox, known};
use crate::{
    SourceId, SubscriptionId,
    control::Actor,
    jobs,
    journal::{self, Category, NewEntry, Severity},
    services::Services,
    warehouse::{Committed, Load, WarehouseError, Write},
    yclients::pull::PullError,
};

/// Which path the rows came by.
const ORIGIN: &str = "webhook";

/// So soon is a table read again whose events came in disorder: one reading for all that come together.
const READ_AGAIN: TimeDelta = TimeDelta::minutes(2);

/// The most contradictions that one entry names; it counts them all.
const NAMED: usize = 20;

/// Bytes of a digest that tell one batch from another.
const DIGEST: usize = 12;

/// Messages that go in together.
#[derive(Debug)]
pub(super) struct Batch {
    /// The same for the same messages, so that going in twice is told once.
    id: String,
    /// When the last of them came.
    received_at: DateTime<Utc>,
}

impl Batch {
    /// Of messages by their ids and times.
    pub fn of<'m>(messages: impl IntoIterator<Item = (&'m str, DateTime<Utc>)>) -> Self {
        let mut received_at = DateTime::UNIX_EPOCH;
        let mut ids = Vec::new();
        for (id, at) in messages {
            received_at = received_at.max(at);
            ids.push(id);
        }
        ids.sort_unstable();
        let mut digest = Sha256::new();
        for id in ids {
            digest.update(id);
            digest.update([0]);
        }
        let digest = digest.finalize();
        Self {
            id: HEXLOWER.encode(digest.get(..DIGEST).unwrap_or_default()),
            received_at,
        }
    }
}

/// Commits what was gathered, and what else belongs into the transaction. Where the plan has no room for the rows nothing was
/// written, and this is why.
pub(super) async fn commit(
    services: &Services,
    subscription: &SubscriptionId,
    mut gathering: Gathering,
    more: Vec<Write>,
    batch: &Batch,
) -> Result<Option<PullError>, IngestError> {
    let now = services.clock.now();
    let mut writes = gathering.writes()?;
    writes.extend(more);
    for (source, counts) in &gathering.counts {
        writes.push(journal::emit(&entry(source, counts, batch, now))?);
    }
    for (source, told) in &gathering.contradicted {
        writes.push(journal::emit(&contradicted(source, told, batch, now))?);
    }
    if writes.is_empty() {
        return Ok(None);
    }
    let load = Load {
        origin: ORIGIN,
        run: batch.id.clone(),
        observed_at: batch.received_at,
        writes,
        quota: Some(known::quota(services, subscription, now).await?),
    };
    let committed = match services.warehouses.open(subscription).commit(load).await {
        Ok(committed) => committed,
        Err(WarehouseError::OverStorage { .. }) => return Ok(Some(PullError::StorageUsed)),
        Err(error) if error.is_no_room() => return Ok(Some(error.into())),
        Err(error) => return Err(error.into()),
    };
    doubt(services, subscription, &gathering, &committed).await?;
    for source in &gathering.waits {
        inbox::ask_again(services, source).await?;
    }
    for source in &gathering.hinted {
        hints::wake(services, source).await?;
    }
    jobs::request_relay(services, subscription).await?;
    Ok(None)
}

/// A body that came late may have told of columns that the later one before it did not: no order of bodies tells what these
/// are now, so their table is read again soon. Until then they keep what they had, which is never newer than what is shown.
async fn doubt(
    services: &Services,
    subscription: &SubscriptionId,
    gathering: &Gathering,
    committed: &Committed,
) -> Result<(), IngestError> {
    let told = gathering.told.iter();
    let doubted: Vec<_> = told
        .filter(|(table, _)| committed.late.contains(table))
        .collect();
    if doubted.is_empty() {
        return Ok(());
    }
    let soon = services.clock.now() + READ_AGAIN;
    let mut tx = services.control.begin().await?;
    for (table, source) in doubted {
        tx.sources(subscription).due_by(source, table, soon).await?;
    }
    Ok(tx.commit().await?)
}

/// What came in, in numbers: `events` that became rows or hints, `kept` that have no table, `parked` that are no use,
/// `waiting` until the source may load again, and by the vendor's words for what they speak of.
fn entry(
    source: &SourceId,
    counts: &BTreeMap<String, i64>,
    batch: &Batch,
    now: DateTime<Utc>,
) -> NewEntry {
    let mut counts = counts.clone();
    for name in super::gathering::ENDS {
        counts.entry((*name).to_owned()).or_default();
    }
    let of = |name: &str| counts.get(name).copied().unwrap_or_default();
    let trouble = of("parked") + of("refused");
    NewEntry {
        at: now,
        category: Category::Webhook,
        severity: if trouble > 0 {
            Severity::Warning
        } else {
            Severity::Info
        },
        source_id: Some(source.to_string()),
        actor: Actor::System,
        code: "webhook.ingested".to_owned(),
        counts,
        details: json!({}),
        dedupe_key: format!("webhook.ingested:{source}:{}", batch.id),
    }
}

/// Which bodies named something else than their envelopes, by ids alone.
fn contradicted(source: &SourceId, told: &[String], batch: &Batch, now: DateTime<Utc>) -> NewEntry {
    let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
    let mut named = told
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>();
    if told.len() > NAMED {
        named.push("…");
    }
    NewEntry {
        at: now,
        category: Category::Webhook,
        severity: Severity::Warning,
        source_id: Some(source.to_string()),
        actor: Actor::System,
        code: "webhook.contradicted".to_owned(),
        counts: BTreeMap::from([("events".to_owned(), count)]),
        details: json!({ "entities": named.join(", ") }),
        dedupe_key: format!("webhook.contradicted:{source}:{}", batch.id),
    }
}

//! What a vendor sent and what could not become a row, tried again once this program can read it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use wynos_base::exact;

use super::{
    HookMessage, IngestError,
    event::Event,
    gathering::Gathering,
    known::{self, Known},
    load::{self, Batch},
};
use crate::{
    SourceId, SubscriptionId, access,
    control::Actor,
    journal::{self, Category},
    services::Services,
    warehouse::{Filter, Scan, Warehouse, WarehouseError, Write, internal},
    yclients::streams::{of_resource, stream},
};

/// What became of a record that was kept aside and tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retried {
    /// It came in, or what is there is newer.
    Done,
    /// It is still kept aside: the reason, as the list of what is kept aside shows it, or the code of a problem.
    Refused(String),
}

/// Something of a source that is kept aside.
struct Kept {
    source: SourceId,
    /// The table, or the vendor's word for what it speaks of.
    table: String,
    reason: String,
    body: Json,
    at: DateTime<Utc>,
}

/// Tries a record or an event again that a pull, a history, a comparison or a webhook kept aside: it is read and let in as it
/// would have been when it came, so that nothing newer is overwritten, and is no longer kept aside. `None` when no source
/// keeps anything of this id.
pub async fn replay(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
    by: &Actor,
) -> Result<Option<Retried>, IngestError> {
    let warehouse = services.warehouses.open(subscription);
    let Some(kept) = kept(&warehouse, subscription, id).await? else {
        return Ok(None);
    };
    let needed = BTreeMap::from([(kept.source.clone(), true)]);
    let known = known::read(services, subscription, needed).await?;
    let refused = |reason: &str| Ok(Some(Retried::Refused(reason.to_owned())));
    let Some(known) = known.get(&kept.source).filter(|known| known.loads) else {
        return refused("pull.not-active");
    };
    let mut gathering = kept.gather(known);
    if let Some(reason) = gathering.refusal() {
        let of_event = kept.reason.starts_with("webhook.");
        return match of_event {
            true => refused(&format!("webhook.{reason}")),
            false => refused(reason),
        };
    }
    // That it came is told already.
    gathering.counts.clear();
    let details = json!({ "table": kept.table, "reason": kept.reason, "record": id });
    let now = services.clock.now();
    let mut entry = access::entry("parked.retried", details, by, now);
    entry.category = Category::Load;
    entry.source_id = Some(kept.source.to_string());
    let more = vec![
        Write::Remove {
            table: internal::parked().clone(),
            filter: Filter::equal("id", id),
            limit: None,
        },
        journal::emit(&entry)?,
    ];
    let batch = Batch::of([(id, kept.at)]);
    match load::commit(services, subscription, gathering, more, &batch).await {
        Ok(None) => Ok(Some(Retried::Done)),
        Ok(Some(why)) => refused(why.code()),
        Err(IngestError::Warehouse(error)) => match &*error {
            WarehouseError::Misuse { problem, .. } => refused(problem),
            _ => Err(IngestError::Warehouse(error)),
        },
        Err(error) => Err(error),
    }
}

impl Kept {
    /// What it comes to: of an event as it came, or of one record of an event or of a list.
    fn gather(&self, known: &Known) -> Gathering {
        let mut gathering = Gathering::default();
        let message = HookMessage {
            source: self.source.clone(),
            key_version: 0,
            received_at: self.at,
            events: Vec::new(),
            unreadable: None,
        };
        let is_record = self.body.get("resource").is_none();
        match stream(&self.table).or_else(|| of_resource(&self.table)) {
            Some(stream) if is_record => {
                let event = Event {
                    company_id: known.branch.company_id,
                    resource: self.table.clone(),
                    resource_id: None,
                    deleted: false,
                    records: vec![self.body.clone()],
                };
                gathering.decode(&message, known, stream, &event, self.at);
            }
            _ => gathering.event(&message, known, &self.body, self.at),
        }
        gathering
    }
}

async fn kept(
    warehouse: &Warehouse,
    subscription: &SubscriptionId,
    id: &str,
) -> Result<Option<Kept>, IngestError> {
    let scan = Scan::of(internal::parked())
        .columns(["table", "source_id", "reason", "body", "at"])
        .filter(Filter::equal("id", id));
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    while let Some(rows) = batches.try_next().await? {
        let Some(row) = rows.get(0) else { continue };
        let said = |column: usize| row.get(column).as_str().unwrap_or_default();
        let source: Option<SourceId> = said(1).parse().ok();
        // What is the shop's own is an import's to try again.
        let source = source.filter(|source| source.subscription() == subscription);
        return Ok(source.map(|source| Kept {
            source,
            table: said(0).to_owned(),
            reason: said(2).to_owned(),
            body: exact::from_str(said(3)).unwrap_or_default(),
            at: row.get(4).as_timestamp().unwrap_or_default(),
        }));
    }
    Ok(None)
}

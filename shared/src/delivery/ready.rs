//! "File ready": the fact that a warehouse tells control once a file's line in the personal-data log is committed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DeliveryError, Digested, journaled, messages, names, personal_log};
use crate::{
    SubscriptionId,
    control::{ControlError, Delivery, DeliveryId, DeliveryStatus, ReadyFile, Tx},
    journal::{Category, NewEntry, Severity},
    ports::ObjectKey,
    services::Services,
    tallies::Tally,
    warehouse::{Warehouse, WarehouseError, Write},
};

/// The kind of the fact in the outbox.
pub(crate) const READY: &str = "export.ready";

/// Objects of a delivery looked at in one page.
const PAGE: usize = 100;

/// A file of one attempt: stored, and logged in the personal-data log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReadyFact {
    pub(super) delivery: DeliveryId,
    pub(super) attempt: i64,
    pub(super) object_key: ObjectKey,
    pub(super) file_name: String,
    pub(super) size: i64,
    pub(super) sha256: String,
    pub(super) counts: BTreeMap<String, i64>,
}

impl ReadyFact {
    pub(super) fn new(
        delivery: &Delivery,
        object_key: ObjectKey,
        file_name: String,
        digested: Digested,
        counts: BTreeMap<String, i64>,
    ) -> Self {
        Self {
            delivery: delivery.id.clone(),
            attempt: delivery.attempt,
            object_key,
            file_name,
            size: i64::try_from(digested.size).unwrap_or(i64::MAX),
            sha256: digested.sha256,
            counts,
        }
    }

    /// Tells control, in the transaction that makes the file's log visible.
    pub(super) fn emit(&self) -> Write {
        let payload = json!({
            "delivery": self.delivery,
            "attempt": self.attempt,
            "object_key": self.object_key,
            "file_name": self.file_name,
            "size": self.size,
            "sha256": self.sha256,
            "counts": self.counts,
        });
        Write::Emit {
            kind: READY,
            payload,
        }
    }

    /// Makes the delivery ready with its journal entry. When the file of another attempt counts already, or the delivery
    /// was given up, nothing changes here and [`ReadyFact::follow_up`] takes this attempt back.
    pub(crate) async fn apply(
        &self,
        services: &Services,
        subscription: &SubscriptionId,
        tx: &mut Tx,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let file = ReadyFile {
            object_key: self.object_key.clone(),
            file_name: self.file_name.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            counts: self.counts.clone(),
        };
        let life = services.settings.link_life();
        match tx
            .deliveries(subscription)
            .ready(&self.delivery, &file, life, now)
            .await
        {
            Ok(delivery) => {
                tx.append_journal(subscription, &self.entry(&delivery, now))
                    .await?;
                Tally::ExportsBuilt.add(1);
                Ok(())
            }
            Err(ControlError::Transition { .. } | ControlError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is done once control knows: the file that counts is mailed and the leftovers of other attempts go; a file
    /// that does not count goes with its log. Done again at every attempt to relay, so it changes nothing when repeated.
    pub(crate) async fn follow_up(
        &self,
        services: &Services,
        subscription: &SubscriptionId,
    ) -> Result<(), DeliveryError> {
        let delivery = match services
            .control
            .deliveries(subscription)
            .get(&self.delivery)
            .await
        {
            Ok(delivery) => Some(delivery),
            Err(ControlError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let warehouse = services.warehouses.open(subscription);
        match delivery.filter(|delivery| delivery.object_key.as_ref() == Some(&self.object_key)) {
            Some(delivery) => {
                if delivery.status == DeliveryStatus::Ready {
                    messages::mail(&*services.queue, subscription, &self.delivery).await?;
                }
                forget_attempts(services, &warehouse, &delivery, Some(self.attempt)).await
            }
            None => {
                let event = names::event_id(&self.delivery, self.attempt);
                personal_log::forget(&warehouse, &[event], services.clock.now()).await?;
                Ok(services.objects.delete(&self.object_key).await?)
            }
        }
    }

    fn entry(&self, delivery: &Delivery, now: DateTime<Utc>) -> NewEntry {
        let more = json!({ "size": self.size, "sha256": self.sha256, "attempt": self.attempt });
        NewEntry {
            at: now,
            category: Category::Export,
            severity: Severity::Info,
            source_id: None,
            actor: delivery.ordered_by.clone(),
            code: "export.built".to_owned(),
            counts: self.counts.clone(),
            details: journaled(delivery, more),
            dedupe_key: format!("export.built:{}", delivery.id),
        }
    }
}

/// Takes back what attempts left behind, but for the one that counts: their noted customers, and their objects.
pub(super) async fn forget_attempts(
    services: &Services,
    warehouse: &Warehouse,
    delivery: &Delivery,
    counts: Option<i64>,
) -> Result<(), DeliveryError> {
    let others: Vec<i64> = (1..=delivery.attempt)
        .filter(|attempt| Some(*attempt) != counts)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    forget_events(services, warehouse, delivery, &others).await?;
    let prefix = names::prefix(warehouse.subscription(), &delivery.id);
    let mut after: Option<ObjectKey> = None;
    loop {
        let page = services.objects.list(&prefix, after.as_ref(), PAGE).await?;
        for object in page
            .iter()
            .filter(|object| Some(&object.key) != delivery.object_key.as_ref())
        {
            services.objects.delete(&object.key).await?;
        }
        if page.len() < PAGE {
            return Ok(());
        }
        after = page.into_iter().next_back().map(|object| object.key);
    }
}

async fn forget_events(
    services: &Services,
    warehouse: &Warehouse,
    delivery: &Delivery,
    attempts: &[i64],
) -> Result<(), WarehouseError> {
    // A condition has at most so many values; there are never more attempts than a few, unless somebody forced them.
    for attempts in attempts.chunks(500) {
        let events: Vec<String> = attempts
            .iter()
            .map(|attempt| names::event_id(&delivery.id, *attempt))
            .collect();
        personal_log::forget(warehouse, &events, services.clock.now()).await?;
    }
    Ok(())
}

//! Deliveries that could not be built: given up, journaled, mailed, and their leftovers removed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{DeliveryError, journaled, messages, ready::forget_attempts};
use crate::{
    SubscriptionId,
    control::{ControlError, Delivery, DeliveryId, Failure},
    journal::{self, Category, NewEntry, Severity},
    services::Services,
};

/// Gives up a delivery whose message is put aside; one that is over stays as it is.
pub async fn give_up_on(
    services: &Services,
    subscription: &SubscriptionId,
    id: &DeliveryId,
) -> Result<(), DeliveryError> {
    let delivery = services.control.deliveries(subscription).get(id).await?;
    let attempts = delivery.attempt;
    give_up(services, &delivery, &DeliveryError::BrokenOff { attempts }).await
}

/// Gives a delivery up: why is kept with it and in the journal, then [`after_failure`].
pub(super) async fn give_up(
    services: &Services,
    delivery: &Delivery,
    error: &DeliveryError,
) -> Result<(), DeliveryError> {
    let subscription = &delivery.subscription_id;
    // What looked like a failure may have been done all the same: then the file counts.
    journal::relay(services, subscription).await?;
    let failure = error.failure();
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let failed = match tx
        .deliveries(subscription)
        .fail(&delivery.id, &failure)
        .await
    {
        Ok(failed) => failed,
        Err(ControlError::Transition { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    tx.append_journal(subscription, &entry(&failed, &failure, now))
        .await?;
    tx.commit().await?;
    tracing::error!(
        %subscription,
        delivery = %delivery.id,
        attempt = delivery.attempt,
        error = error as &dyn std::error::Error,
        "a file could not be built"
    );
    after_failure(services, &failed).await
}

/// What follows when a delivery has failed; done again changes nothing.
pub(super) async fn after_failure(
    services: &Services,
    failed: &Delivery,
) -> Result<(), DeliveryError> {
    let warehouse = services.warehouses.open(&failed.subscription_id);
    forget_attempts(services, &warehouse, failed, None).await?;
    Ok(messages::mail_failed(&*services.queue, &failed.subscription_id, &failed.id).await?)
}

fn entry(delivery: &Delivery, failure: &Failure, now: DateTime<Utc>) -> NewEntry {
    let more = json!({ "failure": failure.code, "failure_details": failure.details });
    NewEntry {
        at: now,
        category: Category::Export,
        severity: Severity::Error,
        source_id: None,
        actor: delivery.ordered_by.clone(),
        code: "export.failed".to_owned(),
        counts: BTreeMap::new(),
        details: journaled(delivery, more),
        dedupe_key: format!("export.failed:{}", delivery.id),
    }
}

//! Files that must not be taken any more because somebody who is in them was erased.

use futures::TryStreamExt;

use super::{DeliveryError, names};
use crate::{
    SubscriptionId,
    control::{Cursor, Delivery},
    services::Services,
    warehouse::{Filter, Scan, Warehouse, WarehouseError, internal},
};

/// Deliveries looked at in one page.
const PAGE: usize = 100;

/// Why such a file is gone.
const ERASED: &str = "export.erased";

/// Removes the files that are still there and that the personal-data log names this customer in, and says so with their
/// deliveries; how many. Doing it again goes on.
pub(crate) async fn withdraw(
    services: &Services,
    subscription: &SubscriptionId,
    customer: &str,
) -> Result<u64, DeliveryError> {
    let warehouse = services.warehouses.open(subscription);
    let deliveries = services.control.deliveries(subscription);
    let mut withdrawn = 0;
    let mut from: Option<Cursor> = None;
    loop {
        let page = deliveries.list(from.as_ref(), PAGE).await?;
        for delivery in &page.items {
            let Some(key) = delivery.object_key.as_ref() else {
                continue;
            };
            if delivery.removed_at.is_none() && holds(&warehouse, delivery, customer).await? {
                // The object first: a delivery that is noted as withdrawn is never looked at again.
                services.objects.delete(key).await?;
                let mut tx = services.control.begin().await?;
                let now = services.clock.now();
                tx.deliveries(subscription)
                    .withdraw(&delivery.id, ERASED, now)
                    .await?;
                tx.commit().await?;
                withdrawn += 1;
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(withdrawn);
        }
    }
}

/// Whether the file of a delivery holds the customer, by the log of whichever attempt counts.
async fn holds(
    warehouse: &Warehouse,
    delivery: &Delivery,
    customer: &str,
) -> Result<bool, WarehouseError> {
    let events = (1..=delivery.attempt.clamp(1, 500))
        .map(|attempt| names::event_id(&delivery.id, attempt).into())
        .collect();
    let these = Filter::In {
        column: "event_id".to_owned(),
        values: events,
    };
    let scan = Scan::of(internal::personal_data_subjects())
        .columns(["event_id"])
        .filter(Filter::equal("customer_id", customer).and(these))
        .limit(1);
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut any = false;
    while let Some(batch) = batches.try_next().await? {
        any |= !batch.is_empty();
    }
    Ok(any)
}

use chrono::{DateTime, TimeDelta, Utc};

use super::{DeliveryError, names};
use crate::{
    control::ControlError,
    ports::{Listed, ObjectKey},
    services::Services,
};

/// Deliveries looked at in one page.
const PAGE: usize = 500;

/// How old an object must be before it can be taken for a leftover: older than any attempt to build lasts.
const LEFTOVER_AFTER: TimeDelta = TimeDelta::hours(24);

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects of files that were claimed a day ago, or never in time.
    pub due: u64,
    /// Objects of attempts that were broken off.
    pub leftovers: u64,
}

/// Removes the objects of files 24 hours after the claim or at the link's expiry, and those that broken attempts left
/// behind. Safe to repeat and to run by several workers at once.
pub async fn sweep(services: &Services) -> Result<Swept, DeliveryError> {
    Ok(Swept {
        due: remove_due(services).await?,
        leftovers: remove_leftovers(services).await?,
    })
}

async fn remove_due(services: &Services) -> Result<u64, DeliveryError> {
    let now = services.clock.now();
    let mut removed = 0;
    loop {
        let due = services
            .control
            .housekeeping()
            .due_for_removal(now, PAGE)
            .await?;
        for file in &due {
            // The object first: a delivery whose object is noted as gone is never looked at again.
            services.objects.delete(&file.object_key).await?;
            let mut tx = services.control.begin().await?;
            removed += u64::from(
                tx.deliveries(&file.subscription)
                    .removed(&file.delivery, now)
                    .await?,
            );
            tx.commit().await?;
        }
        if due.len() < PAGE {
            return Ok(removed);
        }
    }
}

async fn remove_leftovers(services: &Services) -> Result<u64, DeliveryError> {
    let before = services.clock.now() - LEFTOVER_AFTER;
    let mut after: Option<ObjectKey> = None;
    let mut removed = 0;
    loop {
        let page = services
            .objects
            .list(names::PREFIX, after.as_ref(), PAGE)
            .await?;
        for object in &page {
            if is_leftover(services, object, before).await? {
                services.objects.delete(&object.key).await?;
                removed += 1;
            }
        }
        if page.len() < PAGE {
            return Ok(removed);
        }
        after = page.into_iter().next_back().map(|object| object.key);
    }
}

/// Whether no delivery points at the object and none will: it is old, and its delivery is over or has another one.
async fn is_leftover(
    services: &Services,
    object: &Listed,
    before: DateTime<Utc>,
) -> Result<bool, DeliveryError> {
    if object.stored_at >= before {
        return Ok(false);
    }
    let Some((subscription, delivery)) = names::owner(&object.key) else {
        return Ok(false);
    };
    match services
        .control
        .deliveries(&subscription)
        .get(&delivery)
        .await
    {
        // A file that counts goes when it is due.
        Ok(delivery) => Ok(delivery.object_key.is_some_and(|key| key != object.key)
            || delivery.removed_at.is_some()
            || delivery.failure_code.is_some()),
        Err(ControlError::NotFound { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

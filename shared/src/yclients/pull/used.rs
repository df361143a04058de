//! Which sources are used: others are read less often.

use chrono::TimeDelta;
use tracing::warn;

use super::freshness::SELDOM_AFTER;
use crate::{SourceId, SubscriptionId, control::ControlError, services::Services};

/// Use is noted so often, so that looking at a page seldom writes.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);

/// Notes that somebody uses the data of this source, or of all of the subscription's: by a page, a program, a file. Others
/// are read less often; one that is used again is read at once. What cannot be noted is noted the next time.
pub async fn used(services: &Services, subscription: &SubscriptionId, source: Option<&SourceId>) {
    if let Err(error) = note(services, subscription, source).await {
        warn!(
            %subscription,
            error = &error as &dyn std::error::Error,
            "the use of sources was not noted"
        );
    }
}

async fn note(
    services: &Services,
    subscription: &SubscriptionId,
    source: Option<&SourceId>,
) -> Result<(), ControlError> {
    let now = services.clock.now();
    let sources = services.control.sources(subscription);
    if !sources.idle(source, now - NOTED_EVERY).await? {
        return Ok(());
    }
    let mut tx = services.control.begin().await?;
    tx.sources(subscription)
        .used(source, now - SELDOM_AFTER, now)
        .await?;
    tx.commit().await
}

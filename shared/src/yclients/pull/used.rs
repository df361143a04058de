//! Which sources are used: others are read less often.

use chrono::TimeDelta;
use tracing::warn;

use super::{PullError, freshness::SELDOM_AFTER};
use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, Source},
    services::Services,
};

/// Use is noted so often, so that looking at a page seldom writes.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(1);
/// A source that nobody is seen to use for so long may be used by a tool. Well before it is read less often.
const LOOKED_AFTER: TimeDelta = TimeDelta::days(1);

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

/// Who reads the warehouse with a BI login is not seen: where there is one, all sources of the subscription count as used.
pub(super) async fn used_by_tools(services: &Services, source: &Source) -> Result<(), PullError> {
    let since = services.clock.now() - LOOKED_AFTER;
    if source.last_used_at.is_some_and(|at| at > since) {
        return Ok(());
    }
    let warehouse = services.warehouses.open(&source.subscription_id);
    if warehouse.has_bi_login().await? {
        used(services, &source.subscription_id, None).await;
    }
    Ok(())
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

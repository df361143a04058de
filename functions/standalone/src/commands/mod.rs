//! One file per command of `wynos`.

pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod findings;
pub(crate) mod import;
pub(crate) mod imports;
pub(crate) mod job;
pub(crate) mod journal;
mod mapping;
pub(crate) mod migrate;
pub(crate) mod parked;
pub(crate) mod pull;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod retention;
pub(crate) mod sandbox;
pub(crate) mod source;
pub(crate) mod subscription;
pub(crate) mod token;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use wynos::{
    SubscriptionId,
    control::{ControlError, Subscription},
    services::Services,
};

use crate::failure::Failure;

/// The subscription that a command names.
pub(crate) async fn known_subscription(
    services: &Services,
    id: &SubscriptionId,
) -> anyhow::Result<Subscription> {
    match services.control.subscription(id).await {
        Err(ControlError::NotFound { .. }) => Err(Failure::usage(format!(
            "there is no subscription {id}; `wynos subscription list` shows them all"
        ))
        .into()),
        other => Ok(other?),
    }
}

/// The zone that a business counts its days in.
pub(crate) fn zone_of(business: &Subscription) -> Tz {
    business.time_zone.parse().unwrap_or(Tz::UTC)
}

/// A time as people are told it: in the business's zone, with its offset.
pub(crate) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%Y-%m-%d %H:%M %:z")
        .to_string()
}

use chrono::{DateTime, Utc};

use super::{Control, ControlError, DeliveryId, read};
use crate::{SubscriptionId, ports::ObjectKey};

/// The most rows of one look.
const MAX_ROWS: usize = 1_000;

/// At most so many rows, as a database takes it.
pub(super) fn bounded(limit: usize) -> i64 {
    i64::try_from(limit.min(MAX_ROWS)).unwrap_or(1)
}

/// What a worker that serves every subscription must find. It gives out ids alone, each with its subscription, to go on
/// through that subscription's own handle.
#[derive(Debug, Clone, Copy)]
pub struct Housekeeping<'a> {
    pub(super) control: &'a Control,
}

/// A delivered or expired file whose object is to go.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Removable {
    /// The subscription.
    #[sqlx(rename = "subscription_id")]
    pub subscription: SubscriptionId,
    /// The delivery.
    #[sqlx(rename = "id")]
    pub delivery: DeliveryId,
    /// The object.
    pub object_key: ObjectKey,
}

impl Control {
    /// What a worker that serves every subscription must find.
    pub fn housekeeping(&self) -> Housekeeping<'_> {
        Housekeeping { control: self }
    }
}

impl Housekeeping<'_> {
    /// Files whose object is to be removed by now: 24 hours after the claim, or at the link's expiry. Longest due first.
    pub async fn due_for_removal(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Removable>, ControlError> {
        let sql = "SELECT subscription_id, id, object_key FROM deliveries \
                   WHERE removed_at IS NULL AND remove_at IS NOT NULL AND remove_at <= $1 AND object_key IS NOT NULL \
                   ORDER BY remove_at, id LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql).bind(now).bind(bounded(limit)).fetch_all(db).await)
            .map_err(ControlError::database("list files to remove"))
    }

    /// Deliveries ordered before that time that nobody has begun to build, oldest first.
    pub async fn not_started(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(SubscriptionId, DeliveryId)>, ControlError> {
        let sql = "SELECT subscription_id, id FROM deliveries \
                   WHERE status = 'ordered' AND ordered_at < $1 ORDER BY ordered_at, id LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql).bind(before).bind(bounded(limit)).fetch_all(db).await)
            .map_err(ControlError::database("list orders that wait"))
    }

    pub(super) const fn control(&self) -> &Control {
        self.control
    }

    /// Every subscription after the given one in the order of ids, at most 1,000.
    pub async fn subscriptions(
        &self,
        after: Option<&SubscriptionId>,
        limit: usize,
    ) -> Result<Vec<SubscriptionId>, ControlError> {
        let sql = "SELECT id FROM subscriptions WHERE id > $1 ORDER BY id LIMIT $2";
        let after = after.map_or("", SubscriptionId::as_str);
        read!(self.control, db => sqlx::query_scalar(sql).bind(after).bind(bounded(limit)).fetch_all(db).await)
            .map_err(ControlError::database("list subscriptions"))
    }
}

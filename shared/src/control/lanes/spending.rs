use chrono::{DateTime, TimeDelta, Utc};

use super::Purpose;
use crate::{
    SourceId, SubscriptionId,
    control::{Control, ControlError, Tx, read, within},
};

/// The most rows of one list.
const MAX_ROWS: i64 = 2_000;

/// How long what was spent is remembered.
const REMEMBER: TimeDelta = TimeDelta::days(35);

/// Calls that were made in one hour, by one source, for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Spending {
    /// The lane.
    pub lane_id: String,
    /// The beginning of the hour, in UTC.
    pub hour: DateTime<Utc>,
    /// The source, or the subscription where there was no source yet.
    pub spender: String,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// What for.
    pub purpose: Purpose,
    /// Slots that were taken, each for one call.
    pub calls: i64,
    /// Calls that the vendor refused.
    pub refused: i64,
}

impl Spending {
    /// The source, where there was one.
    pub fn source(&self) -> Option<SourceId> {
        self.spender.parse().ok()
    }
}

impl Control {
    /// What the subscription spent calls on since then, newest hour first; at most 2,000 rows.
    pub async fn spending(
        &self,
        subscription: &SubscriptionId,
        since: DateTime<Utc>,
    ) -> Result<Vec<Spending>, ControlError> {
        let sql = "SELECT lane_id, hour, spender, subscription_id, purpose, calls, refused FROM lane_spending \
                   WHERE subscription_id = $1 AND hour >= $2 ORDER BY hour DESC, spender, purpose, lane_id LIMIT $3";
        read!(self, db => sqlx::query_as(sql).bind(subscription).bind(since).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list what calls were spent on"))
    }

    /// What all subscriptions spent a lane's calls on since then, the greatest spenders first; at most 2,000 rows. For
    /// whoever runs the installation.
    pub async fn lane_spending(
        &self,
        lane_id: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Spending>, ControlError> {
        let sql = "SELECT lane_id, hour, spender, subscription_id, purpose, calls, refused FROM lane_spending \
                   WHERE lane_id = $1 AND hour >= $2 ORDER BY hour DESC, calls DESC, spender, purpose LIMIT $3";
        read!(self, db => sqlx::query_as(sql).bind(lane_id).bind(since).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list what a lane's calls were spent on"))
    }
}

impl Tx {
    /// Forgets what was spent longer than 35 days ago.
    pub async fn trim_lane_spending(&mut self, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "DELETE FROM lane_spending WHERE hour < $1";
        within!(self, db => sqlx::query(sql).bind(now - REMEMBER).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("forget what was spent"))
    }
}

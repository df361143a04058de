use chrono::{DateTime, TimeDelta, Utc};

use super::{Purpose, hour_of};
use crate::{
    SourceId, SubscriptionId,
    control::{Control, ControlError, Tx, read, within},
};

/// The most rows of one list.
const MAX_ROWS: i64 = 2_000;

/// The most spenders that are told of one lane.
const MAX_SPENDERS: usize = 200;

/// How long before the present hour calls are in the sums of a day.
const BEFORE: TimeDelta = TimeDelta::hours(23);

/// How long what was spent is remembered.
const REMEMBER: TimeDelta = TimeDelta::days(35);

/// Sums of calls, of an hour that begins at `$3` and of all; sums of whole numbers are whole on both databases.
macro_rules! spent {
    () => {
        "CAST(COALESCE(SUM(CASE WHEN hour >= $3 THEN calls ELSE 0 END), 0) AS BIGINT) AS hour_calls, \
         CAST(COALESCE(SUM(CASE WHEN hour >= $3 THEN refused ELSE 0 END), 0) AS BIGINT) AS hour_refused, \
         CAST(COALESCE(SUM(calls), 0) AS BIGINT) AS day_calls, \
         CAST(COALESCE(SUM(refused), 0) AS BIGINT) AS day_refused"
    };
}

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

/// Calls in the present hour, and in that and the 23 before it, in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct SpentCalls {
    /// Slots that were taken in the present hour, each for one call.
    pub hour_calls: i64,
    /// Calls that the vendor refused in the present hour.
    pub hour_refused: i64,
    /// Slots that were taken in 24 hours.
    pub day_calls: i64,
    /// Calls that the vendor refused in 24 hours.
    pub day_refused: i64,
}

/// Calls of a lane by one spender for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Spent {
    /// The source, or the subscription where there was no source yet.
    pub spender: String,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// What for.
    pub purpose: Purpose,
    /// How many.
    #[sqlx(flatten)]
    pub calls: SpentCalls,
}

impl Spent {
    /// The source, where there was one.
    pub fn source(&self) -> Option<SourceId> {
        self.spender.parse().ok()
    }
}

/// Who spends a lane's calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneSpenders {
    /// The calls of all of them.
    pub all: SpentCalls,
    /// The greatest spenders first, at most 200.
    pub spenders: Vec<Spent>,
    /// Whether there are more than these.
    pub more: bool,
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

    /// Who spends a lane's calls, and on what, in sums over all subscriptions. For whoever runs the installation.
    pub async fn lane_spenders(
        &self,
        lane_id: &str,
        now: DateTime<Utc>,
    ) -> Result<LaneSpenders, ControlError> {
        let hour = hour_of(now);
        let sql = concat!(
            "SELECT ",
            spent!(),
            " FROM lane_spending WHERE lane_id = $1 AND hour >= $2"
        );
        let all: SpentCalls = read!(self, db => sqlx::query_as(sql)
            .bind(lane_id)
            .bind(hour - BEFORE)
            .bind(hour)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("sum up a lane's calls"))?;
        let sql = concat!(
            "SELECT spender, subscription_id, purpose, ",
            spent!(),
            " FROM lane_spending WHERE lane_id = $1 AND hour >= $2 GROUP BY spender, subscription_id, purpose \
             ORDER BY SUM(calls) DESC, spender, purpose LIMIT $4"
        );
        let limit = i64::try_from(MAX_SPENDERS).unwrap_or(MAX_ROWS) + 1;
        let mut spenders: Vec<Spent> = read!(self, db => sqlx::query_as(sql)
            .bind(lane_id)
            .bind(hour - BEFORE)
            .bind(hour)
            .bind(limit)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database(
            "sum up what a lane's calls were spent on",
        ))?;
        let more = spenders.len() > MAX_SPENDERS;
        spenders.truncate(MAX_SPENDERS);
        Ok(LaneSpenders {
            all,
            spenders,
            more,
        })
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

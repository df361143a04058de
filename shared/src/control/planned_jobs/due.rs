use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::QueryBuilder;

use super::{JobKind, PlannedJob, job_columns};
use crate::{
    SubscriptionId,
    control::{Control, ControlError, Housekeeping, JobRunId, Tx, database::Inner, read, within},
};

/// The most jobs claimed in one transaction.
const MOST_CLAIMED: usize = 100;

/// A job whose time has come, now with a run of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The job as it was when it was found due.
    pub job: PlannedJob,
    /// Its run.
    pub run: JobRunId,
}

/// A job whose time has come, as a tick finds it.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct DueJob {
    /// The job.
    #[sqlx(flatten)]
    pub job: PlannedJob,
    /// The zone of its business, in which its next time is.
    pub time_zone: String,
}

/// What is due, longest first, without what waits for a removed source: a look at one row, so that the order is the index's. A
/// transaction of SQLite is alone from its beginning.
#[cfg(feature = "control-sqlite")]
pub(super) const DUE: &str = concat!(
    "SELECT ",
    job_columns!(),
    ", subscriptions.time_zone FROM jobs JOIN subscriptions ON subscriptions.id = jobs.subscription_id \
     WHERE jobs.next_at <= $1 AND jobs.current_run IS NULL \
     AND (jobs.kind = 'retention' \
     OR COALESCE((SELECT sources.state FROM sources WHERE sources.id = jobs.source_id), '') <> 'removed') ORDER BY jobs.next_at, jobs.id LIMIT $2"
);

/// The same for PostgreSQL, without what another transaction is claiming.
pub(super) const DUE_UNCLAIMED: &str = concat!(
    "SELECT ",
    job_columns!(),
    ", subscriptions.time_zone FROM jobs JOIN subscriptions ON subscriptions.id = jobs.subscription_id \
     WHERE jobs.next_at <= $1 AND jobs.current_run IS NULL \
     AND (jobs.kind = 'retention' \
     OR COALESCE((SELECT sources.state FROM sources WHERE sources.id = jobs.source_id), '') <> 'removed') ORDER BY jobs.next_at, jobs.id LIMIT $2 \
     FOR UPDATE OF jobs SKIP LOCKED"
);

/// Whether anything is due: the first entry of either index, compared with the time. A condition on the time alone would let
/// PostgreSQL, once it plans without looking at the time, read the whole table for a row that is not there.
pub(super) const IS_ANY_DUE: &str = "SELECT COALESCE((SELECT next_at FROM jobs WHERE next_at IS NOT NULL AND current_run IS NULL \
     ORDER BY next_at, id LIMIT 1) <= $1, FALSE) \
     OR COALESCE((SELECT silent_after FROM job_runs WHERE finished_at IS NULL ORDER BY silent_after, id LIMIT 1) <= $1, FALSE)";

impl Tx {
    /// Claims jobs whose time has come, longest due first, at most 100: each gets a run that is queued, and its next time
    /// after `now`, so that what was missed is caught up once. A job with a run under way is not due. What another
    /// transaction is claiming is left to it.
    pub async fn claim_due_jobs(
        &mut self,
        now: DateTime<Utc>,
        silent_after: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Claimed>, ControlError> {
        let due = self.due_jobs(now, limit).await?;
        let claimed: Vec<Claimed> = due
            .iter()
            .map(|due| Claimed {
                job: due.job.clone(),
                run: JobRunId::random(),
            })
            .collect();
        if claimed.is_empty() {
            return Ok(claimed);
        }
        let next = due.iter().map(|due| {
            let zone: Tz = due.time_zone.parse().unwrap_or(Tz::UTC);
            let schedule = due.job.schedule.as_ref()?;
            schedule.next(due.job.anchor_at, now, zone)
        });
        let rows: Vec<_> = claimed.iter().zip(next).collect();
        within!(self, db => {
            let mut update = QueryBuilder::new("WITH claimed (id, run, next_at) AS (");
            update.push_values(&rows, |mut row, (claimed, next)| {
                row.push_bind(&claimed.job.id).push_bind(&claimed.run).push_bind(*next);
            });
            update.push(
                ") UPDATE jobs SET current_run = claimed.run, next_at = claimed.next_at FROM claimed \
                 WHERE jobs.id = claimed.id",
            );
            update.build().execute(db).await.map(|_| ())
        })
        .map_err(ControlError::database("claim due jobs"))?;
        let sql = "INSERT INTO job_runs (id, subscription_id, job_id, by_actor, state, attempt, silent_after, row_count, \
                   counts, queued_at) ";
        within!(self, db => {
            let mut insert = QueryBuilder::new(sql);
            insert.push_values(&rows, |mut row, (claimed, _)| {
                row.push_bind(&claimed.run)
                    .push_bind(&claimed.job.subscription_id)
                    .push_bind(&claimed.job.id)
                    .push("'system', 'queued', 0")
                    .push_bind(silent_after)
                    .push("0, '{}'")
                    .push_bind(now);
            });
            insert.build().execute(db).await.map(|_| ())
        })
        .map_err(ControlError::database("queue due jobs"))?;
        Ok(claimed)
    }

    /// Jobs whose time has come, longest due first, at most `limit`, without those that another transaction is claiming. They
    /// are this transaction's until it ends.
    pub async fn due_jobs(
        &mut self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<DueJob>, ControlError> {
        let sql = match &self.inner {
            #[cfg(feature = "control-sqlite")]
            Inner::Sqlite(_) => DUE,
            Inner::Postgres(_) => DUE_UNCLAIMED,
        };
        let limit = i64::try_from(limit.min(MOST_CLAIMED)).unwrap_or(1);
        within!(self, db => sqlx::query_as(sql).bind(now).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("find due jobs"))
    }

    /// Runs of which nothing was heard for too long, and that are given until `until` now; at most `limit`. Their messages
    /// are to be sent again, to where work of their kind waits.
    pub async fn wake_silent_runs(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(SubscriptionId, JobRunId, JobKind)>, ControlError> {
        let sql = "UPDATE job_runs SET silent_after = $2, held_by = NULL WHERE id IN (\
                   SELECT id FROM job_runs WHERE finished_at IS NULL AND silent_after <= $1 ORDER BY silent_after, id LIMIT $3) \
                   AND finished_at IS NULL AND silent_after <= $1 \
                   RETURNING subscription_id, id, (SELECT kind FROM jobs WHERE jobs.id = job_runs.job_id)";
        let limit = i64::try_from(limit).unwrap_or(1);
        within!(self, db => sqlx::query_as(sql).bind(now).bind(until).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("find silent runs"))
    }
}

impl Control {
    /// Whether any job is due: one cheap look, so that an idle tick begins no transaction.
    pub async fn is_any_job_due(&self, now: DateTime<Utc>) -> Result<bool, ControlError> {
        read!(self, db => sqlx::query_scalar(IS_ANY_DUE).bind(now).fetch_one(db).await)
            .map_err(ControlError::database("look for due jobs"))
    }
}

impl Housekeeping<'_> {
    /// Runs whose failing the owners are still to be told about, at most `limit`.
    pub async fn failing_to_tell(
        &self,
        limit: usize,
    ) -> Result<Vec<(SubscriptionId, JobRunId)>, ControlError> {
        let sql = "SELECT subscription_id, untold_run FROM jobs WHERE untold_run IS NOT NULL ORDER BY untold_run LIMIT $1";
        let limit = i64::try_from(limit).unwrap_or(1);
        read!(self.control(), db => sqlx::query_as(sql).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("list failing jobs"))
    }
}

//! What becomes of the jobs of a source that is removed, and connected again.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sqlx::QueryBuilder;

use super::{JobKind, JobWriter, PlannedJob, job_columns};
use crate::{
    SourceId,
    control::{ControlError, JobId, within},
};

/// Jobs that go on in one statement.
const BATCH: i64 = 200;

/// The jobs that ended with their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedJobs {
    /// How many there were.
    pub jobs: u64,
    /// Whether a report was being refreshed.
    pub refreshing: bool,
}

impl PlannedJob {
    /// Whether it stands still until the company of its removed source is connected again. Retention goes on: it takes rows
    /// that were kept.
    pub fn waits_for_source(&self) -> bool {
        self.source_removed && self.kind != JobKind::Retention
    }
}

impl JobWriter<'_> {
    /// Forgets all jobs of a source that is removed with its rows.
    pub async fn remove_of_source(&mut self, source: &SourceId) -> Result<EndedJobs, ControlError> {
        let refreshing = "SELECT COUNT(*) FROM jobs WHERE subscription_id = $1 AND source_id = $2 AND kind = $3 \
                          AND current_run IS NOT NULL";
        let refreshing: i64 = within!(self.tx, db => sqlx::query_scalar(refreshing)
            .bind(self.subscription)
            .bind(source)
            .bind(JobKind::Report)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database(
            "look for runs of a source's reports",
        ))?;
        let sql = "DELETE FROM jobs WHERE subscription_id = $1 AND source_id = $2";
        let jobs = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(source)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("remove the jobs of a source"))?;
        Ok(EndedJobs {
            jobs,
            refreshing: refreshing > 0,
        })
    }

    /// Forgets the jobs that read a source which is removed with its rows kept, or compare it, and lets its reports wait; how
    /// many were forgotten.
    pub async fn halt_of_source(&mut self, source: &SourceId) -> Result<u64, ControlError> {
        let sql =
            "DELETE FROM jobs WHERE subscription_id = $1 AND source_id = $2 AND kind IN ($3, $4)";
        let removed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(source)
            .bind(JobKind::BasePull)
            .bind(JobKind::Reconciliation)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("remove the jobs of a source"))?;
        let sql = "UPDATE jobs SET next_at = NULL WHERE subscription_id = $1 AND source_id = $2 AND kind = $3";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(source)
            .bind(JobKind::Report)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("halt the jobs of a source"))?;
        Ok(removed)
    }

    /// Lets the reports of a source go on whose company is connected again: each next at the first time its schedule names
    /// after `now`, in the business's `zone`. Those that somebody paused stay so.
    pub async fn resume_of_source(
        &mut self,
        source: &SourceId,
        zone: Tz,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let mut last = String::new();
        loop {
            let jobs = self.halted(source, &last).await?;
            let Some(end) = jobs.last() else {
                return Ok(());
            };
            last = end.id.to_string();
            let next: Vec<(JobId, DateTime<Utc>)> = jobs
                .iter()
                .filter_map(|job| {
                    let schedule = job.schedule.as_ref()?;
                    let next = schedule.next(job.anchor_at, now, zone)?;
                    Some((job.id.clone(), next))
                })
                .collect();
            if next.is_empty() {
                continue;
            }
            within!(self.tx, db => {
                let mut update = QueryBuilder::new("WITH resumed (id, next_at) AS (");
                update.push_values(&next, |mut row, (id, next_at)| {
                    row.push_bind(id).push_bind(*next_at);
                });
                update.push(") UPDATE jobs SET next_at = resumed.next_at FROM resumed WHERE jobs.id = resumed.id");
                update.build().execute(db).await.map(|_| ())
            })
            .map_err(ControlError::database("let the jobs of a source go on"))?;
        }
    }

    /// Reports of a source that run by a schedule and have no next time, by id, after that one.
    async fn halted(
        &mut self,
        source: &SourceId,
        after: &str,
    ) -> Result<Vec<PlannedJob>, ControlError> {
        let sql = concat!(
            "SELECT ",
            job_columns!(),
            " FROM jobs WHERE subscription_id = $1 AND source_id = $2 AND kind = $3 AND id > $4 \
             AND schedule IS NOT NULL AND paused_at IS NULL AND next_at IS NULL ORDER BY id LIMIT $5"
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(source)
            .bind(JobKind::Report)
            .bind(after)
            .bind(BATCH)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list the jobs of a source"))
    }
}

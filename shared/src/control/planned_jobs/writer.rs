use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use super::{JobKind, PlannedJob, job_columns};
use crate::{
    SubscriptionId,
    control::{Actor, ControlError, JobId, Tx, within},
    planner::Schedule,
};

/// Changes to one subscription's jobs, within a transaction.
#[derive(Debug)]
pub struct JobWriter<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) subscription: &'a SubscriptionId,
}

/// A job to be kept, or what a job becomes.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPlannedJob {
    /// The source it works on.
    pub source_id: Option<String>,
    /// What it does.
    pub kind: JobKind,
    /// Its name.
    pub name: String,
    /// What exactly it does.
    pub settings: Value,
    /// When it runs by itself.
    pub schedule: Option<Schedule>,
    /// When it does so the next time.
    pub next_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Changes to what that subscription has scheduled.
    pub fn planned_jobs<'a>(&'a mut self, subscription: &'a SubscriptionId) -> JobWriter<'a> {
        JobWriter {
            tx: self,
            subscription,
        }
    }
}

impl JobWriter<'_> {
    /// Keeps a job.
    pub async fn create(
        &mut self,
        new: &NewPlannedJob,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "INSERT INTO jobs (id, subscription_id, source_id, kind, name, settings, schedule, anchor_at, next_at, \
             failures, created_by, created_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $8, $8) RETURNING ",
            job_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(JobId::random())
            .bind(self.subscription)
            .bind(&new.source_id)
            .bind(new.kind)
            .bind(&new.name)
            .bind(Json(&new.settings))
            .bind(&new.schedule)
            .bind(now)
            .bind(new.next_at)
            .bind(by)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("keep a job"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "job" })
    }

    /// Makes a job another one of the same kind: name, source, settings and schedule. Intervals count from now on, and
    /// failures afresh.
    pub async fn change(
        &mut self,
        id: &JobId,
        new: &NewPlannedJob,
        now: DateTime<Utc>,
    ) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "UPDATE jobs SET source_id = $3, name = $4, settings = $5, schedule = $6, anchor_at = $7, next_at = $8, \
             failures = 0, changed_at = $7 WHERE subscription_id = $1 AND id = $2 RETURNING ",
            job_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&new.source_id)
            .bind(&new.name)
            .bind(Json(&new.settings))
            .bind(&new.schedule)
            .bind(now)
            .bind(new.next_at)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("change a job"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "job" })
    }

    /// Keeps a job from running by itself, or lets it do so again, next at `next_at`. A run under way goes on.
    pub async fn set_paused(
        &mut self,
        id: &JobId,
        paused_at: Option<DateTime<Utc>>,
        next_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "UPDATE jobs SET paused_at = $3, next_at = $4, changed_at = $5 WHERE subscription_id = $1 AND id = $2 \
             RETURNING ",
            job_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(paused_at)
            .bind(next_at)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("pause a job"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "job" })
    }

    /// Forgets a job and its runs; the journal keeps what they did. A run under way finds itself gone and ends.
    pub async fn remove(&mut self, id: &JobId) -> Result<(), ControlError> {
        let sql = "DELETE FROM jobs WHERE subscription_id = $1 AND id = $2";
        let removed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("remove a job"))?;
        match removed {
            0 => Err(ControlError::NotFound { what: "job" }),
            _ => Ok(()),
        }
    }

    /// The job as this transaction sees it. On PostgreSQL nobody else changes it until the transaction ends, as on SQLite.
    pub async fn locked(&mut self, id: &JobId) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "UPDATE jobs SET name = name WHERE subscription_id = $1 AND id = $2 RETURNING ",
            job_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_all(db).await)
            .map_err(ControlError::database("read a job"))?
            .pop()
            .ok_or(ControlError::NotFound { what: "job" })
    }
}

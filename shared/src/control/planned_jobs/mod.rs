use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Actor, JobId, JobRunId, text_enum::text_enum};
use crate::{SubscriptionId, planner::Schedule};

mod due;
#[cfg(test)]
mod due_tests;
mod lists;
mod of_source;
mod runs;
#[cfg(test)]
mod tests;
mod writer;

pub use due::{Claimed, DueJob};
pub use lists::PlannedJobs;
pub use of_source::EndedJobs;
pub use writer::{JobWriter, NewPlannedJob};

text_enum! {
    /// What a job does.
    JobKind {
        /// Brings a source up to date.
        BasePull = "base_pull",
        /// Refreshes a report.
        Report = "report",
        /// Compares what is held with what the vendor has.
        Reconciliation = "reconciliation",
        /// Removes what was received long ago.
        Retention = "retention",
    }
}

text_enum! {
    /// How far a run has come.
    JobRunState {
        /// Its message is on the way.
        Queued = "queued",
        /// A worker is at it, or will take it up again.
        Running = "running",
        /// It did all it was to do.
        Done = "done",
        /// It was given up.
        Failed = "failed",
    }
}

/// Something that a user scheduled. Times are in UTC.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct PlannedJob {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// The source it works on.
    pub source_id: Option<String>,
    /// What it does.
    pub kind: JobKind,
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// What exactly it does, as its kind defines it.
    #[sqlx(json)]
    pub settings: serde_json::Value,
    /// When it runs by itself; `None` for by hand only.
    pub schedule: Option<Schedule>,
    /// Since when it does not run by itself.
    pub paused_at: Option<DateTime<Utc>>,
    /// What intervals are counted from.
    pub anchor_at: DateTime<Utc>,
    /// When it runs by itself the next time.
    pub next_at: Option<DateTime<Utc>>,
    /// The run that is queued or under way.
    pub current_run: Option<JobRunId>,
    /// The last run that ended.
    pub last_run: Option<JobRunId>,
    /// Failed runs in a row, up to now.
    pub failures: i64,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// Whether its source is removed; [`Self::waits_for_source`] tells whether it stands still for that.
    pub source_removed: bool,
    /// Whether its run is under way and waits, since another one works on its source. A worker that died counts until
    /// somebody takes the source, which this run does when it is tried the next time after the lease has ended.
    pub source_busy: bool,
}

/// One run of a job. Times are in UTC, days in the business's zone.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct JobRun {
    /// Its id.
    pub id: JobRunId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// The job.
    pub job_id: JobId,
    /// Who asked for it: the system where the schedule did.
    pub by_actor: Actor,
    /// The first day it covers, where somebody named a period.
    pub period_from: Option<NaiveDate>,
    /// The last day.
    pub period_to: Option<NaiveDate>,
    /// How far it has come.
    pub state: JobRunState,
    /// How often a worker took it up.
    pub attempt: i64,
    /// Rows that were read or written, as the kind counts them.
    pub row_count: i64,
    /// Numbers by name.
    #[sqlx(json)]
    pub counts: BTreeMap<String, i64>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: the arguments.
    #[sqlx(json(nullable))]
    pub failure_details: Option<serde_json::Value>,
    /// When it was asked for.
    pub queued_at: DateTime<Utc>,
    /// When a worker first took it up.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

// A run that nobody has waits for its message; where somebody else has the source meanwhile, it is that which it waits for:
// whoever is done with a source gives it back. The name of whoever has it begins with the run's id. A report and retention take
// no source.
macro_rules! job_columns {
    () => {
        "jobs.id, jobs.subscription_id, jobs.source_id, jobs.kind, jobs.name, jobs.settings, jobs.schedule, jobs.paused_at, \
         jobs.anchor_at, jobs.next_at, jobs.current_run, jobs.last_run, jobs.failures, jobs.created_by, jobs.created_at, \
         jobs.changed_at, \
         COALESCE((SELECT sources.state = 'removed' FROM sources WHERE sources.id = jobs.source_id), FALSE) AS source_removed, \
         EXISTS (SELECT 1 FROM job_runs, sources WHERE job_runs.id = jobs.current_run AND job_runs.state = 'running' \
         AND job_runs.held_by IS NULL AND jobs.kind IN ('base_pull', 'reconciliation') AND sources.id = jobs.source_id \
         AND sources.lease_holder IS NOT NULL \
         AND SUBSTR(sources.lease_holder, 1, LENGTH(job_runs.id)) <> job_runs.id) AS source_busy"
    };
}

macro_rules! run_columns {
    () => {
        "id, subscription_id, job_id, by_actor, period_from, period_to, state, attempt, row_count, counts, failure_code, \
         failure_details, queued_at, started_at, finished_at"
    };
}

use {job_columns, run_columns};

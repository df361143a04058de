use super::{JobRun, PlannedJob, job_columns, run_columns};
use crate::{
    SubscriptionId,
    control::{Control, ControlError, Cursor, JobId, JobRunId, Page, read},
};

/// The most last runs given at once.
const MOST_RUNS: i64 = 500;

/// One subscription's jobs, to read.
#[derive(Debug, Clone, Copy)]
pub struct PlannedJobs<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

impl Control {
    /// What that subscription has scheduled.
    pub fn planned_jobs<'a>(&'a self, subscription: &'a SubscriptionId) -> PlannedJobs<'a> {
        PlannedJobs {
            control: self,
            subscription,
        }
    }
}

impl PlannedJobs<'_> {
    /// The job of that id; [`ControlError::NotFound`] when this subscription has none.
    pub async fn get(&self, id: &JobId) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "SELECT ",
            job_columns!(),
            " FROM jobs WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a job"))?
            .ok_or(ControlError::NotFound { what: "job" })
    }

    /// The jobs from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn list(
        &self,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<PlannedJob>, ControlError> {
        let sql = concat!(
            "SELECT ",
            job_columns!(),
            " FROM jobs WHERE subscription_id = $1 AND (created_at, id) < ($2, $3) \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(Page::<PlannedJob>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list jobs"))?;
        Ok(Page::cut(rows, limit, |row: &PlannedJob| Cursor {
            at: row.created_at,
            id: row.id.to_string(),
        }))
    }

    /// The run of that id; [`ControlError::NotFound`] when this subscription has none.
    pub async fn get_run(&self, id: &JobRunId) -> Result<JobRun, ControlError> {
        let sql = concat!(
            "SELECT ",
            run_columns!(),
            " FROM job_runs WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a run"))?
            .ok_or(ControlError::NotFound { what: "run" })
    }

    /// The runs of a job from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn runs(
        &self,
        job: &JobId,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<JobRun>, ControlError> {
        let sql = concat!(
            "SELECT ",
            run_columns!(),
            " FROM job_runs WHERE subscription_id = $1 AND job_id = $2 AND (queued_at, id) < ($3, $4) \
             ORDER BY queued_at DESC, id DESC LIMIT $5"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(job)
            .bind(from.at)
            .bind(&from.id)
            .bind(Page::<JobRun>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list runs"))?;
        Ok(Page::cut(rows, limit, |row: &JobRun| Cursor {
            at: row.queued_at,
            id: row.id.to_string(),
        }))
    }

    /// The last run that ended, of each of these jobs that has one: jobs of one page of [`PlannedJobs::list`].
    pub async fn last_runs(&self, jobs: &[PlannedJob]) -> Result<Vec<JobRun>, ControlError> {
        let times = || jobs.iter().map(|job| job.created_at);
        let (Some(first), Some(last)) = (times().min(), times().max()) else {
            return Ok(Vec::new());
        };
        let sql = concat!(
            "SELECT ",
            run_columns!(),
            " FROM job_runs WHERE id IN (SELECT last_run FROM jobs \
             WHERE subscription_id = $1 AND created_at >= $2 AND created_at <= $3 AND last_run IS NOT NULL) LIMIT $4"
        );
        read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(first)
            .bind(last)
            .bind(MOST_RUNS)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list last runs"))
    }
}

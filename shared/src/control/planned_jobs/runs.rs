use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{JobRun, JobRunState, JobWriter, PlannedJob, job_columns, run_columns};
use crate::{
    control::{Actor, ControlError, Failure, JobId, JobRunId, within},
    planner::Period,
};

impl JobWriter<'_> {
    /// Queues a run that somebody asks for. [`ControlError::Transition`] while another one is queued or under way.
    pub async fn queue_run(
        &mut self,
        id: &JobId,
        by: &Actor,
        period: Option<Period>,
        silent_after: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<JobRun, ControlError> {
        let run = JobRunId::random();
        let sql = "UPDATE jobs SET current_run = $3 WHERE subscription_id = $1 AND id = $2 AND current_run IS NULL";
        let taken = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&run)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("queue a run"))?;
        if taken == 0 {
            self.locked(id).await?;
            return Err(ControlError::Transition {
                what: "job",
                from: "under way",
                to: "run",
            });
        }
        let sql = concat!(
            "INSERT INTO job_runs (id, subscription_id, job_id, by_actor, period_from, period_to, state, attempt, \
             silent_after, row_count, counts, queued_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, 0, $8, $9) RETURNING ",
            run_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(&run)
            .bind(self.subscription)
            .bind(id)
            .bind(by)
            .bind(period.map(|period| period.from))
            .bind(period.map(|period| period.to))
            .bind(silent_after)
            .bind(Json(BTreeMap::<String, i64>::new()))
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("queue a run"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "run" })
    }

    /// Takes a run up as `holder`, who has it until `silent_after` unless it says that it goes on. `None` when it is over,
    /// gone, or in another's hands.
    pub async fn take_run(
        &mut self,
        id: &JobRunId,
        holder: &str,
        silent_after: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<JobRun>, ControlError> {
        let sql = concat!(
            "UPDATE job_runs SET state = 'running', attempt = attempt + 1, held_by = $3, silent_after = $4, \
             started_at = COALESCE(started_at, $5) \
             WHERE subscription_id = $1 AND id = $2 AND finished_at IS NULL AND (held_by IS NULL OR silent_after <= $5) \
             RETURNING ",
            run_columns!()
        );
        let mut taken: Vec<JobRun> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(holder)
            .bind(silent_after)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("take up a run"))?;
        Ok(taken.pop())
    }

    /// Says that `holder` is still at the run; `false` when the run is over, gone, or in another's hands.
    pub async fn hold_run(
        &mut self,
        id: &JobRunId,
        holder: &str,
        silent_after: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE job_runs SET silent_after = $4 \
                   WHERE subscription_id = $1 AND id = $2 AND held_by = $3 AND finished_at IS NULL";
        let held = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(holder)
            .bind(silent_after)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("hold a run"))?;
        Ok(held > 0)
    }

    /// Lets a run go, to be taken up by whoever comes next; it counts as silent at `silent_after`. Where it came further,
    /// attempts count afresh.
    pub async fn release_run(
        &mut self,
        id: &JobRunId,
        holder: &str,
        came_further: bool,
        silent_after: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE job_runs SET held_by = NULL, silent_after = $4, attempt = CASE WHEN $5 THEN 0 ELSE attempt END \
                   WHERE subscription_id = $1 AND id = $2 AND held_by = $3 AND finished_at IS NULL";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(holder)
            .bind(silent_after)
            .bind(came_further)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("release a run"))
    }

    /// Ends a run that `holder` has; `None` when it is over, gone, or in another's hands. The job is free for its next run.
    pub async fn end_run(
        &mut self,
        id: &JobRunId,
        holder: &str,
        outcome: Result<(i64, &BTreeMap<String, i64>), &Failure>,
        now: DateTime<Utc>,
    ) -> Result<Option<JobRun>, ControlError> {
        let state = if outcome.is_ok() {
            JobRunState::Done
        } else {
            JobRunState::Failed
        };
        let none = BTreeMap::new();
        let (rows, counts) = outcome.unwrap_or((0, &none));
        let failure = outcome.err();
        let sql = concat!(
            "UPDATE job_runs SET state = $4, row_count = $5, counts = $6, failure_code = $7, failure_details = $8, \
             finished_at = $9 WHERE subscription_id = $1 AND id = $2 AND held_by = $3 AND finished_at IS NULL RETURNING ",
            run_columns!()
        );
        let mut ended: Vec<JobRun> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(holder)
            .bind(state)
            .bind(rows)
            .bind(Json(counts))
            .bind(failure.map(|failure| &failure.code))
            .bind(failure.map(|failure| Json(&failure.details)))
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("end a run"))?;
        Ok(ended.pop())
    }

    /// What the end of its run makes of a job: free, with so many failures in a row and its next time; `untold` asks for
    /// the owners to be told about this run.
    pub async fn note_end(
        &mut self,
        run: &JobRun,
        failures: i64,
        next_at: Option<DateTime<Utc>>,
        untold: bool,
    ) -> Result<PlannedJob, ControlError> {
        let sql = concat!(
            "UPDATE jobs SET current_run = NULL, last_run = $3, failures = $4, next_at = $5, \
             untold_run = CASE WHEN $6 THEN $3 ELSE untold_run END \
             WHERE subscription_id = $1 AND id = $2 RETURNING ",
            job_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(&run.job_id)
            .bind(&run.id)
            .bind(failures)
            .bind(next_at)
            .bind(untold)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("note the end of a run"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "job" })
    }

    /// The owners were told about this run.
    pub async fn told(&mut self, run: &JobRunId) -> Result<(), ControlError> {
        let sql =
            "UPDATE jobs SET untold_run = NULL WHERE subscription_id = $1 AND untold_run = $2";
        within!(self.tx, db => sqlx::query(sql).bind(self.subscription).bind(run).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("note that the owners were told"))
    }
}

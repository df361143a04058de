//! Runs that have not ended, as they are found by time.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value as Json;
use sqlx::types::Json as Stored;

use super::{Run, RunId, RunState, RunWriter, Runs};
use crate::{
    SourceId,
    control::{ControlError, Failure, Housekeeping, read, within},
};

/// A pull that was begun because tables were due, and handed over to its continuation, is heard of again within so long after
/// it last came further: it is asked for again at half of this. Until then no second one of its source begins.
pub(crate) const HEARD_OF: TimeDelta = TimeDelta::minutes(30);

/// Rows of `runs`: pulls that were begun because tables were due, have handed over and have not ended. Those of jobs are not
/// among them, nor those that somebody ordered: these leave out what failed, and what is due may have to be read beside them.
macro_rules! handed_over {
    () => {
        "kind = 'pull' AND created_by = 'system' AND tables = '[]' AND checkpoint IS NOT NULL \
         AND state IN ('waiting', 'running', 'paused') \
         AND NOT EXISTS (SELECT 1 FROM job_runs WHERE job_runs.id = runs.id)"
    };
}

pub(in crate::control) use handed_over;

/// A pull that was begun because tables were due, and goes on in another message.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub(crate) struct HandedOver {
    /// When it last came further.
    pub changed_at: DateTime<Utc>,
    /// Where it goes on.
    #[sqlx(json)]
    pub checkpoint: Json,
}

impl Run {
    /// Whether it waits until somebody else is done with its source. [`Self::failure_code`] says so too then; a run that waits
    /// for its first worker has none.
    pub fn waits_for_source(&self) -> bool {
        self.state == RunState::Waiting && self.failure_code.is_some()
    }
}

impl RunWriter<'_> {
    /// It waits for its source, for that reason, and is tried again by itself. A run that has ended stays as it is.
    pub(crate) async fn waits(
        &mut self,
        id: &RunId,
        reason: &Failure,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE runs SET state = 'waiting', failure_code = $3, failure_details = $4, changed_at = $5 \
                   WHERE subscription_id = $1 AND id = $2 AND state IN ('waiting', 'running', 'paused')";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&reason.code)
            .bind(Stored(&reason.details))
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note that a run waits"))
    }
}

impl Runs<'_> {
    /// Pulls of a source that were begun because tables were due, and have handed over to a continuation after that time; the
    /// last ones, at most 20.
    pub(crate) async fn handed_over(
        &self,
        source: &SourceId,
        since: DateTime<Utc>,
    ) -> Result<Vec<HandedOver>, ControlError> {
        let sql = concat!(
            "SELECT changed_at, checkpoint FROM runs WHERE subscription_id = $1 AND source_id = $2 AND ",
            handed_over!(),
            " AND changed_at > $3 ORDER BY changed_at DESC, id DESC LIMIT 20"
        );
        read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(source)
            .bind(since)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list pulls that go on"))
    }
}

impl Housekeeping<'_> {
    /// Runs that are asked for or under way and have not come further since that time, longest still first; at most 1,000.
    /// Those of jobs are not among them: who runs jobs sees to these.
    pub async fn runs_standing_still(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(SourceId, RunId)>, ControlError> {
        let sql = "SELECT source_id, id FROM runs WHERE state IN ('waiting', 'running', 'paused') AND changed_at < $1 \
                   AND NOT EXISTS (SELECT 1 FROM job_runs WHERE job_runs.id = runs.id) ORDER BY changed_at, id LIMIT $2";
        let limit = i64::try_from(limit.min(1_000)).unwrap_or(1);
        read!(self.control(), db => sqlx::query_as(sql).bind(before).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("list runs that stand still"))
    }
}

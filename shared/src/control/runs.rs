use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value as Json;
use sqlx::types::Json as Stored;

use super::{
    Actor, Control, ControlError, Cursor, Failure, Page, RunId, Tx, read, text_enum::text_enum,
    within,
};
use crate::{SourceId, SubscriptionId};

#[cfg(test)]
mod tests;
pub(super) mod under_way;

text_enum! {
    /// What a run does.
    RunKind {
        /// The regular reading of what changed.
        Pull = "pull",
        /// The reading of a period of the past.
        History = "history",
        /// A report.
        Report = "report",
        /// The comparison with the vendor.
        Reconciliation = "reconciliation",
    }
}

text_enum! {
    /// How far a run has come.
    RunState {
        /// Asked for, or waiting for its source ([`Run::waits_for_source`]).
        Waiting = "waiting",
        /// Under way.
        Running = "running",
        /// It stands still until it may go on: a limit of the plan, a paused source.
        Paused = "paused",
        /// Done.
        Done = "done",
        /// Done, but not everything could be read.
        Partial = "partial",
        /// Broke off.
        Failed = "failed",
    }
}

/// One execution of a job on a source. Times are in UTC, dates in the company's zone.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Run {
    /// The id.
    pub id: RunId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// The source.
    pub source_id: SourceId,
    /// What it does.
    pub kind: RunKind,
    /// The tables; none for all that are enabled.
    #[sqlx(json)]
    pub tables: Vec<String>,
    /// The first day of its period.
    pub period_from: Option<NaiveDate>,
    /// The last day of its period.
    pub period_to: Option<NaiveDate>,
    /// How far it has come.
    pub state: RunState,
    /// Windows that are read.
    pub windows_done: i64,
    /// Windows to read, as far as is known.
    pub windows_total: i64,
    /// Rows that came.
    pub rows: i64,
    /// Where it goes on.
    #[sqlx(json(nullable))]
    pub checkpoint: Option<Json>,
    /// Why it failed or stands still: the code.
    pub failure_code: Option<String>,
    /// The arguments of the code.
    #[sqlx(json(nullable))]
    pub failure_details: Option<Json>,
    /// Who asked for it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it last came further.
    pub changed_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A run to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// What it does.
    pub kind: RunKind,
    /// The tables; none for all that are enabled.
    pub tables: Vec<String>,
    /// The first and the last day of its period, in the company's zone.
    pub period: Option<(NaiveDate, NaiveDate)>,
    /// Windows to read, as far as is known.
    pub windows_total: i64,
    /// Who asks for it.
    pub created_by: Actor,
}

/// How far a run has come, in absolute numbers: telling it twice changes nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Windows that are read.
    pub windows_done: i64,
    /// Windows to read.
    pub windows_total: i64,
    /// Rows that came.
    pub rows: i64,
    /// Where it goes on.
    pub checkpoint: Option<Json>,
}

/// One subscription's runs, to read.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

/// Changes to one subscription's runs, within a transaction.
#[derive(Debug)]
pub struct RunWriter<'a> {
    tx: &'a mut Tx,
    subscription: &'a SubscriptionId,
}

macro_rules! columns {
    () => {
        "id, subscription_id, source_id, kind, tables, period_from, period_to, state, windows_done, windows_total, rows, \
         checkpoint, failure_code, failure_details, created_by, created_at, changed_at, started_at, finished_at"
    };
}

impl Control {
    /// That subscription's runs.
    pub fn runs<'a>(&'a self, subscription: &'a SubscriptionId) -> Runs<'a> {
        Runs {
            control: self,
            subscription,
        }
    }
}

impl Runs<'_> {
    /// The run of that id.
    pub async fn get(&self, id: &RunId) -> Result<Run, ControlError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM runs WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a run"))?
            .ok_or(ControlError::NotFound { what: "run" })
    }

    /// The runs from the cursor on, of one source and of one kind where these are named, newest first, at most `limit`
    /// (1 to 200).
    pub async fn list(
        &self,
        source: Option<&SourceId>,
        kind: Option<RunKind>,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Run>, ControlError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM runs WHERE subscription_id = $1 AND (created_at, id) < ($2, $3) AND ($4 = '' OR source_id = $4) \
             AND ($5 = '' OR kind = $5) ORDER BY created_at DESC, id DESC LIMIT $6"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(source.map_or("", SourceId::as_str))
            .bind(kind.map_or("", RunKind::as_str))
            .bind(Page::<Run>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list runs"))?;
        Ok(Page::cut(rows, limit, |run: &Run| Cursor {
            at: run.created_at,
            id: run.id.to_string(),
        }))
    }
}

impl Tx {
    /// Changes to that subscription's runs.
    pub fn runs<'a>(&'a mut self, subscription: &'a SubscriptionId) -> RunWriter<'a> {
        RunWriter {
            tx: self,
            subscription,
        }
    }
}

impl RunWriter<'_> {
    /// Makes a run that waits.
    pub async fn create(
        &mut self,
        source: &SourceId,
        new: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        self.create_as(RunId::random(), source, new, now).await
    }

    /// Makes a run of this id that waits.
    pub async fn create_as(
        &mut self,
        id: RunId,
        source: &SourceId,
        new: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        let sql = concat!(
            "INSERT INTO runs (id, subscription_id, source_id, kind, tables, period_from, period_to, state, windows_done, \
             windows_total, rows, created_by, created_at, changed_at) \
             SELECT $1, $2, s.id, $4, $5, $6, $7, 'waiting', 0, $8, 0, $9, $10, $10 FROM sources s \
             WHERE s.subscription_id = $2 AND s.id = $3 AND s.state <> 'removed' RETURNING ",
            columns!()
        );
        let (from, to) = new.period.unzip();
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(id)
            .bind(self.subscription)
            .bind(source)
            .bind(new.kind)
            .bind(Stored(&new.tables))
            .bind(from)
            .bind(to)
            .bind(new.windows_total)
            .bind(&new.created_by)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("make a run"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "source" })
    }

    /// It begins, or goes on. What is done stays done: [`ControlError::Transition`].
    pub async fn started(&mut self, id: &RunId, now: DateTime<Utc>) -> Result<Run, ControlError> {
        self.step(id, RunState::Running, None, None, now).await
    }

    /// It came further.
    pub async fn progressed(
        &mut self,
        id: &RunId,
        progress: &Progress,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        self.step(id, RunState::Running, Some(progress), None, now)
            .await
    }

    /// Somebody works on it: a sign of life, with the rows and the windows so far where they are known. They never become
    /// fewer, and a run that has ended stays as it is.
    pub async fn lives(
        &mut self,
        id: &RunId,
        rows: Option<i64>,
        windows_done: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE runs SET changed_at = $3, rows = CASE WHEN rows < $4 THEN $4 ELSE rows END, \
                   windows_done = CASE WHEN windows_done < $5 THEN $5 ELSE windows_done END \
                   WHERE subscription_id = $1 AND id = $2 AND state = 'running'";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .bind(rows.unwrap_or(0))
            .bind(windows_done.unwrap_or(0))
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note that a run is worked on"))
    }

    /// It stands still until it may go on, with the reason.
    pub async fn paused(
        &mut self,
        id: &RunId,
        reason: &Failure,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        self.step(id, RunState::Paused, None, Some(reason), now)
            .await
    }

    /// It ended as `state` says: done, in part, or failed, with the reason of the latter two.
    pub async fn finished(
        &mut self,
        id: &RunId,
        state: RunState,
        progress: Option<&Progress>,
        reason: Option<&Failure>,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        self.step(id, state, progress, reason, now).await
    }

    /// Ends it as failed where it is there and has not ended yet.
    pub async fn broke_off(
        &mut self,
        id: &RunId,
        reason: &Failure,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let state = match self.state(id).await {
            Err(ControlError::NotFound { .. }) => return Ok(()),
            state => state?,
        };
        if matches!(state, RunState::Done | RunState::Partial | RunState::Failed) {
            return Ok(());
        }
        self.finished(id, RunState::Failed, None, Some(reason), now)
            .await?;
        Ok(())
    }

    async fn step(
        &mut self,
        id: &RunId,
        state: RunState,
        progress: Option<&Progress>,
        reason: Option<&Failure>,
        now: DateTime<Utc>,
    ) -> Result<Run, ControlError> {
        let sql = concat!(
            "UPDATE runs SET state = $3, windows_done = COALESCE($4, windows_done), \
             windows_total = COALESCE($5, windows_total), rows = COALESCE($6, rows), \
             checkpoint = CASE WHEN $7 THEN $8 ELSE checkpoint END, failure_code = $9, failure_details = $10, \
             changed_at = $11, started_at = COALESCE(started_at, $11), \
             finished_at = CASE WHEN $3 IN ('done', 'partial', 'failed') THEN $11 END \
             WHERE subscription_id = $1 AND id = $2 AND (state NOT IN ('done', 'partial', 'failed') OR state = $3) RETURNING ",
            columns!()
        );
        let stepped: Option<Run> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(state)
            .bind(progress.map(|progress| progress.windows_done))
            .bind(progress.map(|progress| progress.windows_total))
            .bind(progress.map(|progress| progress.rows))
            .bind(progress.is_some())
            .bind(progress.and_then(|progress| progress.checkpoint.as_ref()).map(Stored))
            .bind(reason.map(|reason| &reason.code))
            .bind(reason.map(|reason| Stored(&reason.details)))
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("take a run further"))?
        .pop();
        match stepped {
            Some(run) => Ok(run),
            None => Err(ControlError::Transition {
                what: "run",
                from: self.state(id).await?.as_str(),
                to: state.as_str(),
            }),
        }
    }

    async fn state(&mut self, id: &RunId) -> Result<RunState, ControlError> {
        let sql = "SELECT state FROM runs WHERE subscription_id = $1 AND id = $2";
        within!(self.tx, db => sqlx::query_scalar(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a run"))?
            .ok_or(ControlError::NotFound { what: "run" })
    }
}

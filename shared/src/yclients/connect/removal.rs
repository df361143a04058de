//! What ends with a source that is removed, and what goes on when its company is connected again: reports and jobs.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tracing::warn;

use crate::{
    SourceId,
    control::{ControlError, Source, Tx},
    services::Services,
    yclients::reports,
};

/// A source that was removed, or whose rows were given up after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The source.
    pub source: Source,
    /// What ended with it.
    pub ended: Ended,
}

/// What ended with a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// Reports that were removed with their rows; none where the source's rows are kept.
    pub reports: u64,
    /// Jobs that are no more, those of its reports among them.
    pub jobs: u64,
    /// Whether one of the reports was being refreshed, so that its rows go some minutes later.
    refreshing: bool,
}

impl Ended {
    /// The details of the journal's entry about a source of this name: `rows` is what becomes of its rows.
    pub(super) fn details(self, source: &str, rows: Option<&str>) -> Value {
        let mut details = Map::from_iter([("source".to_owned(), json!(source))]);
        if let Some(rows) = rows {
            details.insert("rows".to_owned(), rows.into());
        }
        if self.reports + self.jobs > 0 {
            details.insert("ended".to_owned(), "some".into());
        }
        details.insert("reports".to_owned(), self.reports.into());
        details.insert("jobs".to_owned(), self.jobs.into());
        Value::Object(details)
    }
}

/// Ends what works on a source that is removed: with its `rows` all of its reports and jobs. Where these are kept, what reads
/// or compares it, and its reports wait.
pub(super) async fn end(
    tx: &mut Tx,
    id: &SourceId,
    rows: bool,
    now: DateTime<Utc>,
) -> Result<Ended, ControlError> {
    let subscription = id.subscription();
    if !rows {
        let jobs = tx.planned_jobs(subscription).halt_of_source(id).await?;
        return Ok(Ended {
            jobs,
            ..Ended::default()
        });
    }
    let reports = tx.reports(subscription).remove_of_source(id, now).await?;
    let ended = tx.planned_jobs(subscription).remove_of_source(id).await?;
    Ok(Ended {
        reports,
        jobs: ended.jobs,
        refreshing: ended.refreshing,
    })
}

/// Clears the reports that ended with a source at that time. What is left goes by the housekeeping.
pub(super) async fn clear_reports(
    services: &Services,
    id: &SourceId,
    ended: Ended,
    at: DateTime<Utc>,
) {
    if ended.refreshing {
        return;
    }
    if let Err(error) = Box::pin(reports::clear_of_source(services, id, at)).await {
        warn!(
            source = %id,
            error = &error as &dyn std::error::Error,
            "rows of reports of a removed source wait for the housekeeping"
        );
    }
}

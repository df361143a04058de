use chrono::TimeDelta;
use serde_json::json;

use super::{
    BasePullSettings, JobSettings, Totals, WorkError,
    run::{Task, Worked},
};
use crate::{
    SourceId, retention,
    services::Services,
    yclients::{
        pull::{self, PullError},
        reports,
    },
};

/// How long a pull goes on in one message; what is left goes on by itself.
const TIME: TimeDelta = TimeDelta::minutes(8);

/// Does what a job is for.
pub(super) async fn work(services: &Services, task: Task<'_>) -> Result<Worked, WorkError> {
    match &task.settings {
        JobSettings::Report(settings) => reports::refresh(services, &task, &settings.report).await,
        JobSettings::BasePull(settings) => pull(services, &task, settings).await,
        JobSettings::Retention(settings) => retention::run(services, &task, settings).await,
        JobSettings::Reconciliation(_) => Err(WorkError::hopeless(
            "job.not-served",
            json!({ "kind": task.job.kind }),
        )),
    }
}

/// Brings a source up to date or, where a period was named, orders that period of its history. Both go on by themselves
/// where they take longer, and tell of themselves in the journal.
async fn pull(
    services: &Services,
    task: &Task<'_>,
    settings: &BasePullSettings,
) -> Result<Worked, WorkError> {
    let source = task.job.source_id.as_deref().unwrap_or_default();
    let source: SourceId = source
        .parse()
        .map_err(|_| WorkError::hopeless("job.settings", json!({ "reason": "source" })))?;
    let actor = task.lease.run.by_actor.clone();
    let tables = settings.tables.clone();
    if let Some(period) = task.period {
        let ordered = pull::Ordered {
            from: period.from,
            to: period.to,
            tables,
            actor,
        };
        pull::order(services, &source, ordered)
            .await
            .map_err(failed)?;
        return Ok(Worked::Done(Totals::default()));
    }
    let options = pull::Options {
        deadline: Some(services.clock.now() + TIME),
        tables,
        run: None,
        actor,
        watch: None,
    };
    let finished = pull::run(services, &source, options)
        .await
        .map_err(failed)?;
    let code = finished.failures.iter().next();
    match code {
        Some((table, code)) if finished.loaded.total() == 0 => Err(WorkError::hopeless(
            "job.pull",
            json!({ "table": table, "code": code }),
        )),
        _ => Ok(Worked::Done(Totals {
            rows: finished.loaded.total(),
            counts: finished.loaded.rows,
        })),
    }
}

fn failed(error: PullError) -> WorkError {
    WorkError {
        code: error.code(),
        details: json!({}),
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}

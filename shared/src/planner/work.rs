use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    BasePullSettings, JobSettings, ReconciliationSettings, Totals, WorkError,
    run::{Task, Worked},
};
use crate::{
    SourceId,
    control::{RunId, RunState},
    retention,
    services::Services,
    yclients::{
        pull::{self, PullError},
        reconcile, reports,
    },
};

/// How long a pull goes on in one message; what is left goes on by itself.
const TIME: TimeDelta = TimeDelta::minutes(8);

/// How long a comparison goes on in one message.
const RECONCILE_TIME: TimeDelta = TimeDelta::minutes(4);

/// While somebody else works on the source, a run is tried again after so long …
const BUSY: Duration = Duration::from_secs(300);
/// … for a day: that long it is a history that is loaded.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// Does what a job is for.
pub(super) async fn work(services: &Services, task: Task<'_>) -> Result<Worked, WorkError> {
    match &task.settings {
        JobSettings::Report(settings) => reports::refresh(services, &task, &settings.report).await,
        JobSettings::BasePull(settings) => {
            let work = pull(services, &task, settings);
            Box::pin(task.lease.keep_while(work)).await
        }
        JobSettings::Retention(settings) => retention::run(services, &task, settings).await,
        JobSettings::Reconciliation(settings) => {
            let work = reconcile(services, &task, settings);
            Box::pin(task.lease.keep_while(work)).await
        }
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
    let finished = match pull::run(services, &source, options).await {
        Err(PullError::Busy) if has_patience(services, task) => return Ok(Worked::Later(BUSY)),
        outcome => outcome.map_err(failed)?,
    };
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

/// Compares a source with the vendor, under the id of the job's own run. A named period is compared whole; by itself a job
/// compares what of its period was ever loaded.
async fn reconcile(
    services: &Services,
    task: &Task<'_>,
    settings: &ReconciliationSettings,
) -> Result<Worked, WorkError> {
    let source = task.job.source_id.as_deref().unwrap_or_default();
    let source: SourceId = source
        .parse()
        .map_err(|_| WorkError::hopeless("job.settings", json!({ "reason": "source" })))?;
    let run = task.lease.run.id.as_str().parse::<RunId>();
    let run = run.map_err(|_| WorkError::hopeless("job.settings", json!({ "reason": "run" })))?;
    let named = task.lease.run.period_from.is_some();
    let held = if named {
        BTreeMap::new()
    } else {
        let held = reconcile::held_since(services, &source).await;
        held.map_err(failed)?
    };
    let Some(period) = task.period else {
        return Ok(Worked::Done(Totals::default()));
    };
    let from = held.values().copied().min();
    let from = from.map_or(period.from, |held| held.max(period.from));
    if from > period.to {
        return Ok(Worked::Done(Totals::default()));
    }
    let ordered = reconcile::Ordered {
        from,
        to: period.to,
        tables: settings.tables.clone(),
        actor: task.lease.run.by_actor.clone(),
    };
    let begun = reconcile::begin(services, &source, ordered, run).await;
    let run = begun.map_err(failed)?.id;
    let deadline = Some(services.clock.now() + RECONCILE_TIME);
    let compared = reconcile::proceed_since(services, &source, &run, deadline, None, &held);
    let finished = match compared.await {
        // Loading stands still, which others tell: there is nothing to compare with, and nothing to mend by.
        Err(error) if error.is_plan() || matches!(error, PullError::NotActive) => {
            return Ok(Worked::Done(Totals::default()));
        }
        Err(PullError::Busy) if has_patience(services, task) => return Ok(Worked::Later(BUSY)),
        outcome => outcome.map_err(failed)?,
    };
    let summary = finished.summary;
    match finished.state {
        RunState::Running => Ok(Worked::Later(finished.later)),
        RunState::Failed => {
            let code = summary.reason.unwrap_or_default();
            Err(WorkError::hopeless(
                "job.reconciliation",
                json!({ "code": code }),
            ))
        }
        _ => Ok(Worked::Done(Totals {
            rows: summary.missing + summary.extra + summary.differing,
            counts: [
                ("checked", summary.checked),
                ("not_checked", summary.not_checked),
                ("missing", summary.missing),
                ("extra", summary.extra),
                ("differing", summary.differing),
            ]
            .map(|(name, rows)| (name.to_owned(), rows))
            .into(),
        })),
    }
}

fn has_patience(services: &Services, task: &Task<'_>) -> bool {
    services.clock.now() - task.lease.run.queued_at < PATIENCE
}

fn failed(error: PullError) -> WorkError {
    WorkError {
        code: error.code(),
        details: json!({}),
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}

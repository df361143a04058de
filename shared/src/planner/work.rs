use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    Gap, JobSettings, ReconciliationSettings, Totals, WorkError, pulling,
    run::{Task, Worked},
};
use crate::{
    SourceId,
    control::{Actor, ControlError, RunId, RunState},
    retention,
    services::Services,
    yclients::{
        pull::{self, PullError},
        reconcile, reports,
    },
};

/// How long a comparison goes on in one message.
const RECONCILE_TIME: TimeDelta = TimeDelta::minutes(4);

/// While somebody else works on the source, a run is tried again as often as a pull is, and as patiently: for a day, since
/// that long it is a history that is loaded. Waiting wears no run out: each trial is as if for the first time.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// Does what a job is for.
pub(super) async fn work(services: &Services, task: Task<'_>) -> Result<Worked, WorkError> {
    if task.lease.run.by_actor == Actor::System
        && let Some(problem) = kept_out_by(services, &task).await?
    {
        return Err(WorkError::hopeless(problem, json!({})));
    }
    match &task.settings {
        JobSettings::Report(settings) => {
            let work = reports::refresh(services, &task, &settings.report);
            Box::pin(task.lease.keep_while(work)).await
        }
        JobSettings::BasePull(settings) => {
            let work = pulling::pull(services, &task, settings);
            Box::pin(task.lease.keep_while(work)).await
        }
        JobSettings::Retention(settings) => {
            let work = retention::run(services, &task, settings);
            Box::pin(task.lease.keep_while(work)).await
        }
        JobSettings::Reconciliation(settings) => {
            let work = reconcile(services, &task, settings);
            Box::pin(task.lease.keep_while(work)).await
        }
    }
}

/// What keeps the job's source from being read, its company being closed to its account or without a licence: its reading
/// tries it once a day, and jobs that nobody ran by hand wait for that.
async fn kept_out_by(
    services: &Services,
    task: &Task<'_>,
) -> Result<Option<&'static str>, ControlError> {
    if matches!(task.settings, JobSettings::Retention(_)) {
        return Ok(None);
    }
    let source = task.job.source_id.as_deref().unwrap_or_default();
    match source.parse::<SourceId>() {
        Ok(source) => pull::kept_out_by(services, &source).await,
        Err(_) => Ok(None),
    }
}

/// Compares a source with the vendor, under the id of the job's own run. A named period is compared whole; by itself a job
/// compares what of its period was ever loaded.
async fn reconcile(
    services: &Services,
    task: &Task<'_>,
    settings: &ReconciliationSettings,
) -> Result<Worked, WorkError> {
    let (source, run) = subject(task)?;
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
    // Both inclusive.
    let days = (period.to - period.from).num_days() + 1;
    if from > period.to {
        return Ok(Worked::Done(nothing_compared(days)));
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
        Err(PullError::Busy) if has_patience(services, task.lease.run.queued_at) => {
            return Ok(Worked::Later(pull::BUSY));
        }
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
        _ if summary.is_empty() => Ok(Worked::Done(nothing_compared(days))),
        _ => Ok(Worked::Done(Totals {
            rows: summary.missing + summary.extra + summary.differing,
            counts: [
                ("checked", summary.checked),
                (Gap::Days.name(), summary.not_checked),
                ("missing", summary.missing),
                ("extra", summary.extra),
                ("differing", summary.differing),
            ]
            .map(|(name, rows)| (name.to_owned(), rows))
            .into(),
        })),
    }
}

/// What a comparison of so many days comes to that had nothing to compare: none of them agrees for all that is known.
fn nothing_compared(days: i64) -> Totals {
    Totals {
        rows: 0,
        counts: [(Gap::NothingCompared.name().to_owned(), days)].into(),
    }
}

/// The source of a job, and the id of its run as that of the work on the source.
pub(super) fn subject(task: &Task<'_>) -> Result<(SourceId, RunId), WorkError> {
    let unreadable = |reason| WorkError::hopeless("job.settings", json!({ "reason": reason }));
    let source = task.job.source_id.as_deref().unwrap_or_default();
    let source = source.parse().map_err(|_| unreadable("source"))?;
    let run = task.lease.run.id.as_str().parse();
    Ok((source, run.map_err(|_| unreadable("run"))?))
}

/// Whether a run that came no further since then is to be tried again, because somebody else works on the source.
pub(super) fn has_patience(services: &Services, since: DateTime<Utc>) -> bool {
    services.clock.now() - since < PATIENCE
}

pub(super) fn failed(error: PullError) -> WorkError {
    let details = match &error {
        PullError::TooFarBack { from } => json!({ "from": from.to_string() }),
        PullError::Table { table } => json!({ "table": table }),
        _ => json!({}),
    };
    WorkError {
        code: error.code(),
        details,
        disposition: error.disposition(),
        source: Some(Box::new(error)),
    }
}

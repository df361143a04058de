use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use super::{Gap, PlannerError, Totals, WorkError, manage::zone_of, messages, run::Lease};
use crate::{
    SubscriptionId,
    control::{ControlError, Failure, JobKind, JobRun, JobRunId, PlannedJob, RunId, Tx},
    journal::{Category, NewEntry, Severity},
};

/// Failed runs in a row after which the owners are told, once.
const TOLD_AFTER: i64 = 3;
/// How long a job waits at least after its first failure; twice as long after each further one …
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(10);
/// … up to this, which leaves a daily job its next day.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(12);

/// Ends a run that did its work. What failures before it put off is due again at its time.
pub(super) async fn done(lease: &Lease<'_>, totals: &Totals) -> Result<(), PlannerError> {
    let (services, subscription) = (lease.services(), lease.subscription());
    let zone = zone_of(&services.control.subscription(subscription).await?);
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut jobs = tx.planned_jobs(subscription);
    let outcome = Ok((totals.rows, &totals.counts));
    let Some(run) = jobs
        .end_run(&lease.run.id, lease.holder(), outcome, now)
        .await?
    else {
        return Ok(());
    };
    let job = jobs.locked(&run.job_id).await?;
    // A paused job, and one without a schedule, has no next time and gets none.
    let next_at = job.next_at.map(|planned| {
        let schedule = job.schedule.as_ref().filter(|_| job.failures > 0);
        let meant = schedule.and_then(|schedule| schedule.next(job.anchor_at, now, zone));
        meant.map_or(planned, |meant| meant.min(planned))
    });
    jobs.note_end(&run, 0, next_at, false).await?;
    let gaps = Gap::all_in(&totals.counts);
    let (code, severity, more) = match gaps.first() {
        None => ("job.done", Severity::Info, json!({})),
        Some((gap, _)) => {
            let left_out: i64 = gaps.iter().map(|(_, count)| count).sum();
            let more = json!({ "left_out": left_out });
            (gap.code(), Severity::Warning, more)
        }
    };
    let entry = entry(&job, &run, code, severity, more, now);
    tx.append_journal(subscription, &entry).await?;
    Ok(tx.commit().await?)
}

/// Gives a run up: the job waits longer with every failure in a row, and after the third one the owners are mailed. While
/// loading stands still it is no failure of the job's: it tries again at its time, and the owners hear of it elsewhere.
pub(super) async fn failed(lease: &Lease<'_>, error: &WorkError) -> Result<(), PlannerError> {
    let (services, subscription) = (lease.services(), lease.subscription());
    let zone = zone_of(&services.control.subscription(subscription).await?);
    let now = services.clock.now();
    let failure = error.failure();
    let mut tx = services.control.begin().await?;
    let mut jobs = tx.planned_jobs(subscription);
    let Some(run) = jobs
        .end_run(&lease.run.id, lease.holder(), Err(&failure), now)
        .await?
    else {
        return Ok(());
    };
    let job = match jobs.locked(&run.job_id).await {
        Err(ControlError::NotFound { .. }) => return Ok(()),
        other => other?,
    };
    let stands_still = error.is_standstill();
    let failures = job.failures + i64::from(!stands_still);
    // A paused job, and one without a schedule, has no next time and gets none.
    let next_at = job.next_at.and_then(|planned| {
        if stands_still {
            return Some(planned);
        }
        let earliest = now + wait(failures);
        let after = job.schedule.as_ref()?.next(job.anchor_at, earliest, zone)?;
        Some(after.max(planned))
    });
    let tell = failures == TOLD_AFTER && !stands_still;
    jobs.note_end(&run, failures, next_at, tell).await?;
    end_work(&mut tx, subscription, &run.id, &failure, now).await?;
    let (code, severity) = if stands_still {
        ("job.not-run", Severity::Warning)
    } else {
        ("job.failed", Severity::Error)
    };
    let more = json!({ "failure": failure.code, "failure_details": failure.details, "failures": failures });
    let entry = entry(&job, &run, code, severity, more, now);
    tx.append_journal(subscription, &entry).await?;
    tx.commit().await?;
    if stands_still {
        // A state of the source or the plan, which people are told of.
        tracing::info!(%subscription, job = %job.id, run = %run.id, code = error.code, "a job's run did nothing");
    } else {
        tracing::error!(
            %subscription,
            job = %job.id,
            run = %run.id,
            failures,
            error = error as &dyn std::error::Error,
            "a job's run failed"
        );
    }
    if tell {
        messages::mail_failing(&*services.queue, subscription, &run.id).await?;
    }
    Ok(())
}

/// Ends the work on a source that goes by the id of a job's run, where there is any under way.
pub(super) async fn end_work(
    tx: &mut Tx,
    subscription: &SubscriptionId,
    run: &JobRunId,
    reason: &Failure,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    match run.as_str().parse::<RunId>() {
        Ok(run) => tx.runs(subscription).broke_off(&run, reason, now).await,
        Err(_) => Ok(()),
    }
}

fn wait(failures: i64) -> TimeDelta {
    let doublings = u32::try_from(failures.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_WAIT * (1 << doublings)).min(LONGEST_WAIT)
}

fn entry(
    job: &PlannedJob,
    run: &JobRun,
    code: &str,
    severity: Severity,
    more: Json,
    now: DateTime<Utc>,
) -> NewEntry {
    let started = run.started_at.unwrap_or(now);
    let mut details = json!({
        "job": job.id,
        "run": run.id,
        "name": job.name,
        "kind": job.kind,
        "seconds": (now - started).num_seconds(),
        "done": run.row_count,
    });
    if let (Json::Object(details), Json::Object(more)) = (&mut details, more) {
        details.extend(more);
        if let Some((from, to)) = run.period_from.zip(run.period_to) {
            details.insert("from".to_owned(), json!(from));
            details.insert("to".to_owned(), json!(to));
        }
    }
    NewEntry {
        at: now,
        category: category(job.kind),
        severity,
        source_id: job.source_id.clone(),
        actor: run.by_actor.clone(),
        code: code.to_owned(),
        counts: run.counts.clone(),
        details,
        dedupe_key: format!("{code}:{}", run.id),
    }
}

const fn category(kind: JobKind) -> Category {
    match kind {
        JobKind::BasePull => Category::Load,
        JobKind::Report => Category::Report,
        JobKind::Reconciliation => Category::Reconciliation,
        JobKind::Retention => Category::Retention,
    }
}

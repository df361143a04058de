use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::{
    JobSettings, Period, PlannerError, Schedule, SettingsFault, checks::check, claim::SILENCE,
    finish::end_work, messages,
};
use crate::{
    SourceId, SubscriptionId,
    control::{
        Actor, ControlError, Failure, JobId, JobKind, JobRun, NewPlannedJob, PlannedJob,
        Subscription, Tx,
    },
    journal::{Category, NewEntry, Severity},
    ports::random_text,
    services::Services,
    yclients::pull::PullError,
};

/// The longest name of a job, in characters.
const LONGEST_NAME: usize = 64;

/// What a user says about a job.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its name, 1 to 64 characters.
    pub name: String,
    /// The source it works on; retention alone can do without one.
    pub source: Option<String>,
    /// What it does.
    pub settings: JobSettings,
    /// When it runs by itself; `None` for by hand only.
    pub schedule: Option<Schedule>,
}

/// Makes a job. [`PlannerError::NoSuchSource`] and [`PlannerError::NoSuchTable`] for what there is not,
/// [`PlannerError::OtherTable`] for a table that a job of the kind can do nothing with.
pub async fn add(
    services: &Services,
    subscription: &SubscriptionId,
    new: NewJob,
    by: &Actor,
) -> Result<PlannedJob, PlannerError> {
    let business = services.control.subscription(subscription).await?;
    check(services, subscription, &new, None).await?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let job = add_within(&mut tx, &business, new, by, now).await?;
    tx.commit().await?;
    Ok(job)
}

/// Makes a job in a transaction that makes what it is for.
pub(crate) async fn add_within(
    tx: &mut Tx,
    business: &Subscription,
    new: NewJob,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<PlannedJob, PlannerError> {
    let new = checked(business, new, now)?;
    let job = tx.planned_jobs(&business.id).create(&new, by, now).await?;
    note(tx, &job, "job.created", by, now).await?;
    Ok(job)
}

/// Makes a job another one of the same kind. Errors as of [`add`]; a report's job stays with its report and source:
/// [`PlannerError::OtherReport`].
pub async fn edit(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
    new: NewJob,
    by: &Actor,
) -> Result<PlannedJob, PlannerError> {
    let business = services.control.subscription(subscription).await?;
    let before = services.control.planned_jobs(subscription).get(id).await?;
    check(services, subscription, &new, Some(&before)).await?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let job = edit_within(&mut tx, &business, id, new, by, now).await?;
    tx.commit().await?;
    Ok(job)
}

/// Changes a job in a transaction that changes what it is for.
pub(crate) async fn edit_within(
    tx: &mut Tx,
    business: &Subscription,
    id: &JobId,
    new: NewJob,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<PlannedJob, PlannerError> {
    let mut new = checked(business, new, now)?;
    let mut writer = tx.planned_jobs(&business.id);
    let before = writer.locked(id).await?;
    if before.kind != new.kind {
        let kind = before.kind.as_str();
        return Err(SettingsFault::OtherKind { kind }.into());
    }
    if before.paused_at.is_some() || before.waits_for_source() {
        new.next_at = None;
    }
    let job = writer.change(id, &new, now).await?;
    note(tx, &job, "job.changed", by, now).await?;
    Ok(job)
}

/// Keeps a job from running by itself; a run under way goes on. Doing it again changes nothing.
pub async fn pause(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
    by: &Actor,
) -> Result<PlannedJob, PlannerError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut writer = tx.planned_jobs(subscription);
    let before = writer.locked(id).await?;
    if before.paused_at.is_some() {
        return Ok(before);
    }
    let job = writer.set_paused(id, Some(now), None, now).await?;
    note(&mut tx, &job, "job.paused", by, now).await?;
    tx.commit().await?;
    Ok(job)
}

/// Lets a job run by itself again, next at the first time its schedule names from now on.
pub async fn resume(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
    by: &Actor,
) -> Result<PlannedJob, PlannerError> {
    let zone = zone_of(&services.control.subscription(subscription).await?);
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut writer = tx.planned_jobs(subscription);
    let before = writer.locked(id).await?;
    if before.paused_at.is_none() {
        return Ok(before);
    }
    let runs = !before.waits_for_source();
    let schedule = before.schedule.as_ref().filter(|_| runs);
    let next_at = schedule.and_then(|schedule| schedule.next(before.anchor_at, now, zone));
    let job = writer.set_paused(id, None, next_at, now).await?;
    note(&mut tx, &job, "job.resumed", by, now).await?;
    tx.commit().await?;
    Ok(job)
}

/// Forgets a job; what it brought stays. A run under way finds itself gone and ends. The job of a report goes with the report
/// alone: [`PlannerError::OfReport`].
pub async fn remove(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
    by: &Actor,
) -> Result<(), PlannerError> {
    refuse_of_report(services, subscription, id).await?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut writer = tx.planned_jobs(subscription);
    let job = writer.locked(id).await?;
    writer.remove(id).await?;
    if let Some(run) = &job.current_run {
        let reason = Failure {
            code: PullError::LeaseLost.code().to_owned(),
            details: json!({}),
        };
        end_work(&mut tx, subscription, run, &reason, now).await?;
    }
    note(&mut tx, &job, "job.removed", by, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn refuse_of_report(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
) -> Result<(), PlannerError> {
    let control = &services.control;
    let job = control.planned_jobs(subscription).get(id).await?;
    let Ok(JobSettings::Report(settings)) = JobSettings::read(job.kind, &job.settings) else {
        return Ok(());
    };
    match control.reports(subscription).get(&settings.report).await {
        Ok(report) if report.job_id.as_ref() == Some(id) => Err(PlannerError::OfReport),
        Ok(_) | Err(ControlError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Runs a job now, over this period where one is named. [`PlannerError::UnderWay`] while another run of it is queued or
/// under way; [`PlannerError::NoPeriod`] and [`PlannerError::ReadWhole`] where a period is named of what has none. Its schedule
/// goes on as it was.
pub async fn run_now(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
    period: Option<Period>,
    by: &Actor,
) -> Result<JobRun, PlannerError> {
    let business = services.control.subscription(subscription).await?;
    let now = services.clock.now();
    if let Some(period) = period {
        let today = now.with_timezone(&zone_of(&business)).date_naive();
        Period::new(period.from, period.to, today)?;
        refuse_without_period(services, subscription, id).await?;
    }
    let mut tx = services.control.begin().await?;
    let mut writer = tx.planned_jobs(subscription);
    let job = writer.locked(id).await?;
    let run = match writer.queue_run(id, by, period, now + SILENCE, now).await {
        Err(ControlError::Transition { .. }) => return Err(PlannerError::UnderWay),
        other => other?,
    };
    note(&mut tx, &job, "job.asked", by, now).await?;
    tx.commit().await?;
    messages::run(&*services.queue, subscription, &run.id, job.kind).await?;
    Ok(run)
}

/// Refuses a period for a job that always does all there is. Of what kind a job is, and its report, never changes.
async fn refuse_without_period(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobId,
) -> Result<(), PlannerError> {
    let control = &services.control;
    let job = control.planned_jobs(subscription).get(id).await?;
    match JobSettings::read(job.kind, &job.settings) {
        Ok(JobSettings::Retention(_)) => Err(PlannerError::NoPeriod {
            kind: job.kind.as_str(),
        }),
        Ok(JobSettings::Report(settings)) => {
            match control.reports(subscription).get(&settings.report).await {
                Ok(report) if !report.kind.has_days() => Err(PlannerError::ReadWhole {
                    kind: report.kind.as_str(),
                }),
                // The run says what is wrong with it.
                Ok(_) | Err(ControlError::NotFound { .. }) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        // The run says what is wrong with settings that cannot be read.
        Ok(JobSettings::BasePull(_) | JobSettings::Reconciliation(_)) | Err(_) => Ok(()),
    }
}

pub(crate) fn zone_of(business: &Subscription) -> Tz {
    // It was checked when the subscription was made.
    business.time_zone.parse().unwrap_or(Tz::UTC)
}

fn checked(
    business: &Subscription,
    new: NewJob,
    now: DateTime<Utc>,
) -> Result<NewPlannedJob, PlannerError> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(PlannerError::Name);
    }
    let kind = new.settings.kind();
    if let Some(source) = &new.source {
        let own = source
            .parse::<SourceId>()
            .is_ok_and(|id| *id.subscription() == business.id);
        if !own {
            return Err(PlannerError::NoSuchSource {
                source_id: source.clone(),
            });
        }
    } else if kind != JobKind::Retention {
        return Err(PlannerError::NoSource {
            kind: kind.as_str(),
        });
    }
    let zone = zone_of(business);
    new.settings.check(now, zone)?;
    let schedule = new.schedule.as_ref();
    Ok(NewPlannedJob {
        next_at: schedule.and_then(|schedule| schedule.next(now, now, zone)),
        source_id: new.source,
        kind,
        name: name.to_owned(),
        settings: new.settings.to_json(),
        schedule: new.schedule,
    })
}

async fn note(
    tx: &mut Tx,
    job: &PlannedJob,
    code: &str,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let entry = NewEntry {
        at: now,
        category: Category::Settings,
        severity: Severity::Info,
        source_id: job.source_id.clone(),
        actor: by.clone(),
        code: code.to_owned(),
        counts: BTreeMap::new(),
        details: json!({
            "job": job.id,
            "name": job.name,
            "kind": job.kind,
            "schedule": job.schedule.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
        }),
        // Each of these is said once, in the transaction that does it.
        dedupe_key: format!("{code}:{}:{}", job.id, random_text::<12>()),
    };
    tx.append_journal(&job.subscription_id, &entry).await?;
    Ok(())
}

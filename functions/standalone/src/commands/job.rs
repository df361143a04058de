use std::time::Duration;

use anyhow::Context;
use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{Actor, Cursor, JobId, JobRun, JobRunState, PlannedJob, Run, RunKind},
    journal,
    planner::{self, Gap, JobSettings, NewJob, Period, PlannerError},
    services::Services,
    yclients::pull,
};

use crate::{
    args::{AddJob, EditJob, JobCommand, JobsOf, RunJob},
    commands::{known_subscription, moment_or, standing, zone_of},
    failure::{Ending, Failure},
    interrupt::{self, Interrupted},
    output::Output,
};

/// Jobs asked for at a time.
const PAGE: usize = 200;
/// Pages of histories that are looked through, newest first, for those that are not over: those give up after a week.
const HISTORY_PAGES: usize = 5;
/// A run that is not over is gone on with after so long.
const PAUSE: Duration = Duration::from_secs(5);
/// The most messages of one run that are worked off here.
const MOST_MESSAGES: usize = 10_000;

/// Lists, makes, runs and changes jobs.
pub(crate) async fn run(
    services: &Services,
    command: JobCommand,
    output: Output,
) -> anyhow::Result<Ending> {
    let by = Actor::CommandLine;
    match command {
        JobCommand::List(of) => list(services, &of, output).await,
        JobCommand::Add(new) => add(services, *new, output).await,
        JobCommand::Run(run) => run_now(services, &run, output).await,
        JobCommand::Pause(one) => {
            let job = planner::pause(services, &one.subscription, &one.job, &by).await;
            told(&job.map_err(failed)?, "is paused", output)
        }
        JobCommand::Resume(one) => {
            let job = planner::resume(services, &one.subscription, &one.job, &by).await;
            told(&job.map_err(failed)?, "goes on", output)
        }
        JobCommand::Edit(edit) => change(services, *edit, output).await,
        JobCommand::Remove(one) => {
            let removed = planner::remove(services, &one.subscription, &one.job, &by).await;
            removed.map_err(failed)?;
            output.say("The job is removed. What it brought stays.");
            output.result(&json!({ "id": one.job }));
            Ok(Ending::Done)
        }
    }
}

async fn list(services: &Services, of: &JobsOf, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &of.subscription).await?;
    let zone = zone_of(&business);
    let jobs = services.control.planned_jobs(&business.id);
    let mut shown = Vec::new();
    let mut from: Option<Cursor> = None;
    loop {
        let page = jobs.list(from.as_ref(), PAGE).await?;
        let last_runs = jobs.last_runs(&page.items).await?;
        for job in &page.items {
            let last = last_runs
                .iter()
                .find(|run| job.last_run.as_ref() == Some(&run.id));
            output.say(line(job, last, zone));
            shown.push(described(job, last));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    if shown.is_empty() {
        output.say("There are no jobs.");
    }
    let histories = histories(services, &business.id, output).await?;
    let mut tables = Vec::new();
    for fresh in pull::freshness(services, &business.id).await? {
        if fresh.enabled {
            let (next_at, due_since) = (fresh.next_at, fresh.due_since);
            let (outcome, refused) = (fresh.outcome.as_deref(), fresh.forbidden_since);
            output.say(format!(
                "{}  {}  last read {}  {}",
                fresh.source_name,
                fresh.table,
                moment_or(fresh.last_at, zone, "-"),
                standing(&fresh.table, next_at, due_since, outcome, refused, zone),
            ));
        }
        tables.push(json!({
            "source": fresh.source, "table": fresh.table, "enabled": fresh.enabled, "last_at": fresh.last_at,
            "last_rows": fresh.last_rows, "next_at": fresh.next_at, "due_since": fresh.due_since,
            "outcome": fresh.outcome,
        }));
    }
    output.result(&json!({ "jobs": shown, "histories": histories, "tables": tables }));
    Ok(Ending::Done)
}

/// Shows the periods of the past that were ordered and are not read to their end.
async fn histories(
    services: &Services,
    subscription: &SubscriptionId,
    output: Output,
) -> anyhow::Result<Vec<Json>> {
    let runs = services.control.runs(subscription);
    let mut all = Vec::new();
    let mut from: Option<Cursor> = None;
    for _ in 0..HISTORY_PAGES {
        let kind = Some(RunKind::History);
        let page = runs.list(None, kind, from.as_ref(), PAGE).await?;
        for run in page.items.iter().filter(|run| run.finished_at.is_none()) {
            let why = why(run);
            output.say(format!(
                "{}  history  {} to {}  {}  {} of {} windows, {} rows{}",
                run.id,
                run.period_from.unwrap_or_default(),
                run.period_to.unwrap_or_default(),
                run.state.as_str(),
                run.windows_done,
                run.windows_total,
                run.rows,
                why.as_ref().map_or(String::new(), |why| format!("  {why}")),
            ));
            all.push(json!({
                "id": run.id, "source": run.source_id, "state": run.state.as_str(), "from": run.period_from,
                "to": run.period_to, "tables": run.tables, "windows_done": run.windows_done,
                "windows_total": run.windows_total, "rows": run.rows, "failure": run.failure_code, "reason": why,
                "created_at": run.created_at, "changed_at": run.changed_at,
            }));
        }
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    Ok(all)
}

/// Why a run stands still.
fn why(run: &Run) -> Option<String> {
    let code = run.failure_code.as_deref()?;
    let details = run.failure_details.as_ref();
    Some(journal::reason(Locale::En, code, details))
}

fn line(job: &PlannedJob, last: Option<&JobRun>, zone: Tz) -> String {
    let schedule = job
        .schedule
        .as_ref()
        .map_or_else(|| "by hand".to_owned(), ToString::to_string);
    let state = match (&job.current_run, job.paused_at) {
        (Some(_), _) if job.source_busy => "waits: another run works on its source".to_owned(),
        (Some(_), _) => "running".to_owned(),
        (None, _) if job.waits_for_source() => {
            "paused until its removed source is connected again".to_owned()
        }
        (None, Some(_)) => "paused".to_owned(),
        (None, None) => format!("next {}", moment_or(job.next_at, zone, "-")),
    };
    let last = last.map_or_else(
        || "not run yet".to_owned(),
        |run| {
            let seconds = run
                .started_at
                .zip(run.finished_at)
                .map(|(from, to)| (to - from).num_seconds());
            let outcome = match &run.failure_code {
                Some(code) => journal::reason(Locale::En, code, run.failure_details.as_ref()),
                None => {
                    let mut words = vec![format!("{} rows", run.row_count)];
                    words.extend(left_out(run));
                    words.join("; ")
                }
            };
            let at = moment_or(run.finished_at, zone, "-");
            format!(
                "last {at}, {} s: {} ({outcome})",
                seconds.unwrap_or(0),
                run.state
            )
        },
    );
    format!(
        "{}  {}  {}  {schedule}  {state}  {last}",
        job.id, job.kind, job.name
    )
}

/// A job as programs read it.
pub(crate) fn described(job: &PlannedJob, last: Option<&JobRun>) -> Json {
    json!({
        "id": job.id, "kind": job.kind, "name": job.name, "source": job.source_id, "settings": job.settings,
        "schedule": job.schedule, "paused_at": job.paused_at, "next_at": job.next_at,
        "waits_for_source": job.waits_for_source(), "running": job.current_run.is_some(),
        "source_busy": job.source_busy, "failures": job.failures,
        "last_run": last.map(described_run),
    })
}

fn described_run(run: &JobRun) -> Json {
    json!({
        "id": run.id, "state": run.state, "rows": run.row_count, "counts": run.counts, "from": run.period_from,
        "to": run.period_to, "started_at": run.started_at, "finished_at": run.finished_at,
        "failure": run.failure_code, "failure_details": run.failure_details,
    })
}

async fn add(services: &Services, new: AddJob, output: Output) -> anyhow::Result<Ending> {
    let settings = new.settings().map_err(Failure::usage)?;
    let business = known_subscription(services, &new.subscription).await?;
    let job = NewJob {
        name: new.name,
        source: new.source.map(|source| source.to_string()),
        settings,
        schedule: new.schedule,
    };
    let made = planner::add(services, &business.id, job, &Actor::CommandLine).await;
    let made = made.map_err(failed)?;
    output.say(line(&made, None, zone_of(&business)));
    output.result(&described(&made, None));
    Ok(Ending::Done)
}

async fn change(services: &Services, edit: EditJob, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &edit.job.subscription).await?;
    let before = services
        .control
        .planned_jobs(&business.id)
        .get(&edit.job.job)
        .await;
    let before = before.map_err(PlannerError::from).map_err(failed)?;
    let settings = match &edit.settings {
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Failure::usage(format!("--settings is no JSON: {error}")))?,
        None => before.settings.clone(),
    };
    let new = NewJob {
        name: edit.name.unwrap_or(before.name),
        source: before.source_id,
        settings: JobSettings::read(before.kind, &settings).map_err(failed)?,
        schedule: edit.schedule.map_or(before.schedule, |schedule| schedule.0),
    };
    let job = planner::edit(services, &business.id, &before.id, new, &Actor::CommandLine).await;
    told(&job.map_err(failed)?, "is changed", output)
}

async fn run_now(services: &Services, run: &RunJob, output: Output) -> anyhow::Result<Ending> {
    let business = known_subscription(services, &run.job.subscription).await?;
    let period = run.from.zip(run.to).map(|(from, to)| Period { from, to });
    run_to_its_end(services, &business.id, &run.job.job, period, output).await
}

/// Runs a job in this process, and tells how it ended.
pub(crate) async fn run_to_its_end(
    services: &Services,
    subscription: &SubscriptionId,
    job: &JobId,
    period: Option<Period>,
    output: Output,
) -> anyhow::Result<Ending> {
    let run = run_until_over(services, subscription, job, period, output).await?;
    ended(services, subscription, &run, output).await
}

/// Runs a job in this process; the run as it ended.
pub(crate) async fn run_until_over(
    services: &Services,
    subscription: &SubscriptionId,
    job: &JobId,
    period: Option<Period>,
    output: Output,
) -> anyhow::Result<JobRun> {
    let asked = planner::run_now(services, subscription, job, period, &Actor::CommandLine).await;
    let id = asked.map_err(failed)?.id;
    interrupt::heed_in_run(services, output)?;
    let waiting = output.waiting("running");
    let jobs = services.control.planned_jobs(subscription);
    for _ in 0..MOST_MESSAGES {
        let worked = Box::pin(planner::run(services, subscription, &id)).await;
        let run = jobs.get_run(&id).await?;
        if run.finished_at.is_none() {
            if services.stop.is_asked() {
                waiting.finish_and_clear();
                return Err(Interrupted::new(
                    "Interrupted. What was done stays, and nothing is held. The rest of the run waits: `wynos serve` goes on with it.",
                )
                .into());
            }
            // What may pass is tried again by the run itself, up to its limit; what else went wrong ends here.
            match worked {
                Ok(()) => {
                    // The vendor, or somebody else at the source, holds it up.
                    interrupt::wait(services, PAUSE).await;
                    continue;
                }
                Err(PlannerError::Work(_)) => continue,
                Err(error) => return Err(failed(error)),
            }
        }
        waiting.finish_and_clear();
        return Ok(run);
    }
    anyhow::bail!("the run does not end")
}

async fn ended(
    services: &Services,
    subscription: &SubscriptionId,
    run: &JobRun,
    output: Output,
) -> anyhow::Result<Ending> {
    journal::relay(services, subscription)
        .await
        .context("relaying what the run told")?;
    if run.state == JobRunState::Failed {
        let code = run.failure_code.as_deref().unwrap_or("job.gave-up");
        let reason = journal::reason(Locale::En, code, run.failure_details.as_ref());
        return Err(Failure::new(
            "job_failed",
            format!("The run failed, and what was there before is untouched: {reason}"),
        )
        .into());
    }
    output.say(format!("Done: {} rows.", run.row_count));
    let left_out = left_out(run);
    for words in &left_out {
        output.say(format!("{words}."));
    }
    output.result(&described_run(run));
    if left_out.is_empty() {
        return Ok(Ending::Done);
    }
    Ok(Ending::WithProblems)
}

/// What a run left out of its work, in words.
fn left_out(run: &JobRun) -> Vec<String> {
    let gaps = Gap::all_in(&run.counts).into_iter();
    gaps.map(|(gap, count)| gap.words(Locale::En, count))
        .collect()
}

fn told(job: &PlannedJob, what: &str, output: Output) -> anyhow::Result<Ending> {
    output.say(format!("The job {} {what}.", job.name));
    output.result(&described(job, None));
    Ok(Ending::Done)
}

/// An error of the planner in words for the person who gave the command.
pub(crate) fn failed(error: PlannerError) -> anyhow::Error {
    let wrong = matches!(
        error,
        PlannerError::Name
            | PlannerError::Schedule(_)
            | PlannerError::Period(_)
            | PlannerError::Settings { .. }
            | PlannerError::NoSource { .. }
            | PlannerError::NoSuchSource { .. }
            | PlannerError::NoSuchTable { .. }
            | PlannerError::OtherTable { .. }
            | PlannerError::OtherReport
            | PlannerError::NoPeriod { .. }
            | PlannerError::ReadWhole { .. }
    );
    let mut failure = Failure::new(error.code(), error.to_string());
    // What there is not was named by the command.
    failure.usage = wrong || error.code() == "not_found";
    match error {
        PlannerError::Control(_) | PlannerError::Queue(_) | PlannerError::Relay(_)
            if error.code() != "not_found" =>
        {
            error.into()
        }
        _ => failure.into(),
    }
}

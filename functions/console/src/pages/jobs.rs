use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use wynos::{
    control::{Cursor, JobId, JobRun, JobRunState, PlannedJob, Report},
    i18n::text,
    journal,
    planner::{self, PlannerError},
};

use super::older;
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{Frame, Section, moment, number, page},
};

/// Jobs of one page.
const PAGE: usize = 50;
/// Reports that are shown.
const REPORTS: usize = 200;

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    frame: Frame,
    base: String,
    may_change: bool,
    jobs: Vec<JobItem>,
    next: Option<String>,
    reports: Vec<ReportItem>,
}

struct JobItem {
    id: String,
    name: String,
    kind: String,
    schedule: String,
    paused: bool,
    running: bool,
    next: String,
    tone: &'static str,
    outcome: String,
    last: String,
    rows: String,
}

struct ReportItem {
    name: String,
    kind: String,
    tables: String,
    new_fields: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct From {
    from: Option<String>,
}

/// `GET /s/{subscription}/jobs`: what runs by itself with its last and next runs, and the reports.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<From>,
) -> Result<Response, Failure> {
    let from = wanted.from.as_deref().map(Cursor::decode).transpose();
    let from = from.map_err(|_| Kind::InvalidCursor)?;
    let control = &app.services.control;
    let planned = control.planned_jobs(member.id());
    let found = planned.list(from.as_ref(), PAGE).await?;
    let last_runs = planned.last_runs(&found.items).await?;
    let item = |job: &PlannedJob| {
        let last = last_runs.iter().find(|run| run.job_id == job.id);
        JobItem::of(&member, job, last)
    };
    let jobs: Vec<JobItem> = found.items.iter().map(item).collect();
    let kept = control.reports(member.id());
    let mut tables: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for table in kept.tables().await? {
        tables.entry(table.report_id).or_default().push(table.name);
    }
    let reports = kept.list(None, REPORTS).await?.items;
    let report = |report: Report| ReportItem::of(&member, tables.remove(&report.id), report);
    let reports = reports.into_iter().map(report).collect();
    let mut frame = Frame::inside(&member, Section::Jobs, "console-jobs-title");
    frame.busy = jobs.iter().any(|job| job.running);
    page(&JobsPage {
        frame,
        base: member.base(),
        may_change: member.may_change(),
        jobs,
        next: older(&member.base(), "/jobs?", found.next.as_ref()),
        reports,
    })
}

/// `POST /s/{subscription}/jobs/{id}`: runs a job now, pauses it, lets it go on, or removes it.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let id: JobId = id.parse().map_err(|_| Kind::NotFound)?;
    let (services, by) = (&app.services, member.actor());
    let done = match fields.text("action") {
        "run" => match planner::run_now(services, member.id(), &id, None, &by).await {
            // Pressed twice, it runs once.
            Ok(_) | Err(PlannerError::UnderWay) => Ok(()),
            Err(error) => Err(error),
        },
        "pause" => planner::pause(services, member.id(), &id, &by)
            .await
            .map(drop),
        "resume" => planner::resume(services, member.id(), &id, &by)
            .await
            .map(drop),
        "remove" => planner::remove(services, member.id(), &id, &by).await,
        _ => return Err(Failure::field("action")),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{}/jobs", member.base())).into_response()),
        Err(PlannerError::Control(error)) => Err(error.into()),
        Err(error) => Err(Failure::noted(Kind::Unavailable, &error)),
    }
}

impl JobItem {
    fn of(member: &Member, job: &PlannedJob, last: Option<&JobRun>) -> Self {
        let locale = member.visitor.locale;
        let (tone, outcome) = match last {
            _ if job.current_run.is_some() => ("busy", text(locale, "console-jobs-running")),
            None => ("", text(locale, "console-jobs-never")),
            Some(run) if run.state == JobRunState::Failed => {
                let code = run.failure_code.as_deref().unwrap_or("job.gave-up");
                (
                    "bad",
                    journal::reason(locale, code, run.failure_details.as_ref()),
                )
            }
            Some(_) => ("good", text(locale, "console-jobs-done")),
        };
        let ended = last.and_then(|run| run.started_at.zip(run.finished_at));
        Self {
            id: job.id.to_string(),
            name: job.name.clone(),
            kind: text(
                locale,
                &format!("console-job-{}", job.kind.as_str().replace('_', "-")),
            ),
            schedule: job
                .schedule
                .as_ref()
                .map_or_else(|| text(locale, "console-jobs-by-hand"), ToString::to_string),
            paused: job.paused_at.is_some(),
            running: job.current_run.is_some(),
            next: job
                .next_at
                .map_or_else(|| "–".to_owned(), |at| moment(member, at)),
            tone,
            outcome,
            last: ended.map_or_else(String::new, |(from, to)| {
                format!("{}, {} s", moment(member, to), (to - from).num_seconds())
            }),
            rows: last.map_or_else(|| "–".to_owned(), |run| number(locale, run.row_count)),
        }
    }
}

impl ReportItem {
    fn of(member: &Member, tables: Option<Vec<String>>, report: Report) -> Self {
        let kind = format!("console-report-{}", report.kind.as_str().replace('_', "-"));
        Self {
            kind: text(member.visitor.locale, &kind),
            tables: tables
                .map_or_else(|| "yclients_reports".to_owned(), |tables| tables.join(", ")),
            new_fields: report.offered_paths.join(", "),
            name: report.name,
        }
    }
}

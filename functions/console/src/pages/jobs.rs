use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use wynos::{
    control::{Cursor, PlannedJob, Report},
    i18n::text,
};

use super::older;
use crate::{
    App,
    http::{Failure, Kind, Member},
    view::{Frame, JobItem, Section, page},
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
    connected: bool,
    jobs: Vec<JobItem>,
    next: Option<String>,
    reports: Vec<ReportItem>,
}

struct ReportItem {
    id: String,
    name: String,
    kind: String,
    tables: String,
    new_fields: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct From {
    from: Option<String>,
    #[serde(default)]
    done: String,
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
    let said = match wanted.done.as_str() {
        "job" => Some("console-jobs-removed"),
        "report" => Some("console-reports-removed"),
        _ => None,
    };
    if let Some(key) = said {
        let text = frame.t(key);
        frame = frame.say("good", text);
    }
    page(&JobsPage {
        frame,
        base: member.base(),
        may_change: member.may_change(),
        connected: !control.sources(member.id()).list().await?.is_empty(),
        jobs,
        next: older(&member.base(), "/jobs?", found.next.as_ref()),
        reports,
    })
}

impl ReportItem {
    fn of(member: &Member, tables: Option<Vec<String>>, report: Report) -> Self {
        let kind = format!("console-report-{}", report.kind.as_str().replace('_', "-"));
        Self {
            id: report.id.to_string(),
            kind: text(member.visitor.locale, &kind),
            tables: tables
                .map_or_else(|| "yclients_reports".to_owned(), |tables| tables.join(", ")),
            new_fields: report.offered_paths.join(", "),
            name: report.name,
        }
    }
}

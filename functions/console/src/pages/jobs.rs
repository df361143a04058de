use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use wynos::{
    control::{PlannedJob, Report},
    i18n::text,
};

use super::address::{Done, Onward, older};
use crate::{
    App,
    http::{Failure, Member},
    view::{Frame, JobItem, RemovedReport, Section, page},
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
    more_reports: bool,
    /// Removed ones of which rows are still there.
    removed: Vec<RemovedReport>,
}

struct ReportItem {
    id: String,
    name: String,
    kind: String,
    tables: Vec<String>,
    new_fields: String,
}

/// `GET /s/{subscription}/jobs`: what runs by itself with its last and next runs, and the reports.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(onward): Query<Onward>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let from = onward.cursor()?;
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
    let found_reports = kept.list(None, REPORTS).await?;
    let mut removed = Vec::new();
    for report in kept.removed().await? {
        let tables = tables.remove(&report.id).unwrap_or_else(shared_table);
        removed.push(RemovedReport::of(&member, &report, &tables));
    }
    let report = |report: Report| ReportItem::of(&member, tables.remove(&report.id), report);
    let more_reports = found_reports.next.is_some();
    let reports = found_reports.items.into_iter().map(report).collect();
    let mut frame = Frame::inside(&member, Section::Jobs, "console-jobs-title");
    frame.busy = jobs.iter().any(|job| job.running);
    let known = [
        ("job", "console-jobs-removed"),
        ("report", "console-reports-removed"),
        ("cleared", "console-reports-cleared"),
    ];
    page(&JobsPage {
        frame: done.told(frame, "good", &known),
        base: member.base(),
        may_change: member.may_change(),
        connected: !control.sources(member.id()).list().await?.is_empty(),
        jobs,
        next: older(&member.base(), "/jobs?", found.next.as_ref()),
        reports,
        more_reports,
        removed,
    })
}

/// The table of reports that have none of their own.
fn shared_table() -> Vec<String> {
    vec!["yclients_reports".to_owned()]
}

impl ReportItem {
    fn of(member: &Member, tables: Option<Vec<String>>, report: Report) -> Self {
        let kind = format!("console-report-{}", report.kind.as_str().replace('_', "-"));
        Self {
            id: report.id.to_string(),
            kind: text(member.visitor.locale, &kind),
            tables: tables.unwrap_or_else(shared_table),
            new_fields: report.offered_paths.join(", "),
            name: report.name,
        }
    }
}

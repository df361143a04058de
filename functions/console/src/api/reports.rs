use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    control::{ControlError, Page, PlannedJob, Report, ReportId, ReportKind, RowsLeft},
    i18n::text,
    planner::PeriodError,
    yclients::reports::{
        self, Definition, PathError, RemovedRows, ReportEdit, ReportError, ReportOrder, Target,
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    documents::Cost,
    exports::Paging,
    jobs::{self, Job},
    note_read,
    report_shapes::{OneReport, ReportChange, Shown},
};
use crate::{
    App,
    http::{Failure, Kind},
    view::{path_refusal, report_refusal, written_period_refusal},
};

/// A report to be shown or made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    /// 1 to 64 characters.
    name: String,
    /// Where its records come from.
    source: String,
    /// `documents`, `consumables`, `goods_transactions`, `finance_transactions`, `record_categories` or `services`.
    kind: String,
    /// Only these fields, by path: `client.name`, `services[].cost`; all without them.
    #[serde(default)]
    fields: Vec<String>,
    /// Puts the rows into a table of this name, whose columns are those of a sample.
    table: Option<String>,
    /// Puts the rows into the tables that this YAML document describes. Without either they are JSON rows in `yclients_reports`.
    description: Option<String>,
    /// What a run refreshes: `last 7 days`, `last 2 months`, `since 2026-01-31`. `last 7 days` when not said. Lists whose records
    /// belong to no days, `services` and `record_categories`, are always read whole.
    period: Option<String>,
    /// `every 2 hours`, `daily at 03:30`; by hand only without it.
    schedule: Option<String>,
    /// Approves the columns that the preview of a `table` shows.
    #[serde(default)]
    approve: bool,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportInfo {
    id: String,
    name: String,
    kind: &'static str,
    source: String,
    /// The job that refreshes it.
    job: Option<String>,
    /// The tables that it fills.
    tables: Vec<String>,
    /// Fields that records have since it was made, and that it does not use.
    new_fields: Vec<String>,
    /// When it was removed; only of one that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed_at: Option<DateTime<Utc>>,
    /// What became of the rows of a removed one: kept or going.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<&'static str>,
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Listed {
    /// Items of a page, 1 to 200; 50 when not said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Whether those are listed that were removed and of which rows are still there, the latest 200, instead of those that are
    /// refreshed.
    removed: Option<bool>,
}

/// A report that was made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    report: ReportInfo,
    job: Job,
}

/// Reports, newest first; or those that were removed, the latest first, while rows of them are there.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", params(Listed), responses((status = 200, body = List<ReportInfo>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Listed>,
) -> Result<Json<List<ReportInfo>>, Failure> {
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, from) = paging.read()?;
    let kept = app.services.control.reports(caller.subscription());
    let page = match wanted.removed {
        Some(true) => Page {
            items: kept.removed().await?,
            next: None,
        },
        _ => kept.list(from.as_ref(), limit).await?,
    };
    let tables = kept.tables().await?;
    Ok(Json(List::of(page, |report| {
        let own = tables.iter().filter(|table| table.report_id == report.id);
        let names = own.map(|table| table.name.clone()).collect();
        info(report, names)
    })))
}

/// One report.
#[utoipa::path(
    get, path = "/api/v1/reports/{id}", tag = "reports",
    params(("id" = String, Path, description = "The report.")),
    responses((status = 200, body = OneReport), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<OneReport>, Failure> {
    let subscription = caller.subscription();
    let kept = app.services.control.reports(subscription);
    let report = kept.get(&known(&id)?).await?;
    let cost = reports::cost_of_report(&app.services, &report)
        .await
        .map_err(failure)?;
    let tables = kept.tables_of(&report.id).await?;
    let names = tables.into_iter().map(|table| table.name).collect();
    let job = job_of(&app, &report).await?;
    let cost = cost.map(Cost::from);
    let one = OneReport::of(&report, info(report.clone(), names), job.as_ref(), cost);
    Ok(Json(one?))
}

/// The job that refreshes a report, unless somebody removed it.
async fn job_of(app: &App, report: &Report) -> Result<Option<PlannedJob>, Failure> {
    let Some(job) = &report.job_id else {
        return Ok(None);
    };
    let jobs = app.services.control.planned_jobs(&report.subscription_id);
    match jobs.get(job).await {
        Ok(job) => Ok(Some(job)),
        Err(ControlError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Shows what a report would bring. Nothing is written.
#[utoipa::path(
    post, path = "/api/v1/reports/preview", tag = "reports", request_body = NewReport,
    responses((status = 200, body = Shown), (status = 422, body = super::problem::Problem))
)]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<Json<Shown>, Failure> {
    let (order, _) = read_order(&body)?;
    let what = format!("preview of {}", order.source);
    note_read(&app, caller.subscription(), &what, &caller.actor()).await?;
    let shown = Box::pin(reports::preview(
        &app.services,
        caller.subscription(),
        &order,
    ))
    .await;
    Ok(Json(Shown::of(shown.map_err(failure)?)))
}

/// Makes a report and the job that refreshes it.
#[utoipa::path(
    post, path = "/api/v1/reports", tag = "reports", request_body = NewReport,
    responses(
        (status = 201, body = Made),
        (status = 422, description = "A field's value cannot be used.", body = super::problem::Problem)
    )
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<(StatusCode, Json<Made>), Failure> {
    let (order, approve) = read_order(&body)?;
    let subscription = caller.subscription();
    let shown = match (&order.definition.target, approve) {
        (Target::Table { .. }, true) => {
            let shown = Box::pin(reports::preview(&app.services, subscription, &order)).await;
            Some(shown.map_err(failure)?)
        }
        _ => None,
    };
    let by = caller.actor();
    let made = reports::add(&app.services, subscription, order, shown.as_ref(), &by);
    let (report, job) = Box::pin(made).await.map_err(failure)?;
    let tables = app
        .services
        .control
        .reports(subscription)
        .tables_of(&report.id)
        .await?;
    let names = tables.into_iter().map(|table| table.name).collect();
    let made = Made {
        report: info(report, names),
        job: Job::of(job, None),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes the name, fields, period and schedule of a report. New columns fill with the next refresh.
#[utoipa::path(
    put, path = "/api/v1/reports/{id}", tag = "reports", request_body = ReportChange,
    params(("id" = String, Path, description = "The report.")),
    responses(
        (status = 200, body = Made),
        (status = 404, body = super::problem::Problem),
        (status = 422, description = "A field's value cannot be used.", body = super::problem::Problem)
    )
)]
pub(crate) async fn edit(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Made>, Failure> {
    let change: ReportChange = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let (subscription, id) = (caller.subscription(), known(&id)?);
    let kept = app.services.control.reports(subscription);
    let before = kept.get(&id).await?;
    let period = match change.period.as_deref() {
        Some(period) => period.parse().map_err(|error| unread_period(&error))?,
        None => reports::period_of(&app.services, &before)
            .await
            .map_err(failure)?,
    };
    let schedule = match &change.schedule {
        Some(schedule) => jobs::schedule(schedule.as_deref())?,
        None => job_of(&app, &before).await?.and_then(|job| job.schedule),
    };
    let fields = change.fields.map(|fields| {
        let fields = fields.iter().map(|field| field.parse());
        fields.collect::<Result<Vec<_>, _>>()
    });
    let new = ReportEdit {
        name: change.name,
        fields: fields.transpose().map_err(|error| unread_path(&error))?,
        description: change.description,
        period,
        schedule,
    };
    let edited = reports::edit(&app.services, subscription, &id, new, &caller.actor()).await;
    let (report, job) = edited.map_err(failure)?;
    let tables = kept.tables_of(&report.id).await?;
    let names = tables.into_iter().map(|table| table.name).collect();
    Ok(Json(Made {
        report: info(report, names),
        job: jobs::with_last_run(&app, &caller, job).await?,
    }))
}

/// What becomes of the rows of a report that is removed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// `keep`, when not said, or `delete`: that also frees the names of its tables.
    rows: Option<String>,
}

/// Removes a report, keeping or deleting the rows that it brought. Those that were kept are deleted by `delete` of the removed one.
#[utoipa::path(
    delete, path = "/api/v1/reports/{id}", tag = "reports",
    params(("id" = String, Path, description = "The report."), Removal),
    responses((status = 204), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    Query(removal): Query<Removal>,
) -> Result<StatusCode, Failure> {
    let rows = match removal.rows.as_deref() {
        None | Some("keep") => RemovedRows::Kept,
        Some("delete") => RemovedRows::Deleted,
        Some(_) => return Err(Failure::one_of("rows", ["keep", "delete"])),
    };
    let (id, by) = (known(&id)?, caller.actor());
    let removed = reports::remove(&app.services, caller.subscription(), &id, rows, &by).await;
    removed.map_err(failure)?;
    Ok(StatusCode::NO_CONTENT)
}

fn known(id: &str) -> Result<ReportId, Failure> {
    id.parse().map_err(|_| Kind::NotFound.into())
}

fn info(report: Report, mut tables: Vec<String>) -> ReportInfo {
    if tables.is_empty() {
        tables.push("yclients_reports".to_owned());
    }
    ReportInfo {
        removed_at: report.removed_at,
        rows: report.rows_left().map(RowsLeft::as_str),
        id: report.id.to_string(),
        name: report.name,
        kind: report.kind.as_str(),
        source: report.source_id,
        job: report.job_id.map(|job| job.to_string()),
        tables,
        new_fields: report.offered_paths,
    }
}

fn read_order(body: &[u8]) -> Result<(ReportOrder, bool), Failure> {
    let new: NewReport = serde_json::from_slice(body).map_err(Failure::unreadable)?;
    let target = match (new.table, new.description) {
        (None, None) => Target::Json,
        (Some(name), None) => Target::Table { name },
        (None, Some(yaml)) => Target::Description { yaml },
        (Some(_), Some(_)) => return Err(Failure::field("table, description")),
    };
    let fields = new.fields.iter().map(|field| field.parse());
    let period = new.period.as_deref().unwrap_or("last 7 days").parse();
    let order = ReportOrder {
        name: new.name,
        source: new.source.parse().map_err(|_| Failure::field("source"))?,
        kind: new.kind.parse().map_err(|_| {
            Failure::one_of("kind", ReportKind::ALL.iter().map(|kind| kind.as_str()))
        })?,
        definition: Definition {
            fields: fields
                .collect::<Result<_, _>>()
                .map_err(|error| unread_path(&error))?,
            target,
        },
        period: period.map_err(|error| unread_period(&error))?,
        schedule: jobs::schedule(new.schedule.as_deref())?,
    };
    Ok((order, new.approve))
}

fn unread_period(error: &PeriodError) -> Failure {
    Failure::said("period", |locale| written_period_refusal(locale, error))
}

fn unread_path(error: &PathError) -> Failure {
    Failure::said("fields", |locale| path_refusal(locale, error))
}

fn failure(error: ReportError) -> Failure {
    let field = match &error {
        ReportError::Description(_) => "description",
        ReportError::TableName(_) => "table",
        ReportError::UnknownField { .. } => "fields",
        ReportError::NoSample => "kind",
        ReportError::NotApproved => "approve",
        ReportError::Settled | ReportError::Wide => "fields",
        ReportError::Planner(_) | ReportError::Control(_) => "",
        ReportError::Work(_) => return Failure::noted(Kind::Unavailable, &error),
        ReportError::Kept(_) => return Failure::noted(Kind::Internal, &error),
    };
    match error {
        ReportError::Planner(error) => jobs::failure(error),
        ReportError::Control(error) => error.into(),
        // At the console the tables stand beside the question; here they are to be asked for.
        ReportError::NotApproved => {
            Failure::said(field, |locale| text(locale, "problem-reports-not-approved"))
        }
        error => Failure::said(field, |locale| {
            report_refusal(locale, &error).map_or_else(String::new, |(_, words)| words)
        }),
    }
}

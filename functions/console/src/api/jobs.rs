use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, RawQuery, State},
    http::StatusCode,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use utoipa::ToSchema;
use wynos::{
    control::{ControlError, JobId, JobKind, JobRun, PlannedJob},
    planner::{self, JobSettings, NewJob, Period, Schedule},
};

pub(crate) use super::job_refusals::failure;
use super::{
    List,
    caller::{Reader, Writer},
    exports::Paging,
};
use crate::{
    App,
    http::{Failure, Kind},
    view::written_schedule_refusal,
};

/// A job to be made, or what a job becomes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobOrder {
    /// `base_pull`, `reconciliation` or `retention`; reports get their jobs with the report.
    kind: String,
    /// 1 to 64 characters.
    name: String,
    /// The source it works on.
    source: Option<String>,
    /// What exactly it does, by its kind. `base_pull`: `{"tables": [NAME]}`, all that are on without it. `reconciliation`:
    /// `{"period": "last 7 days", "tables": [NAME]}`; periods are `last N days`, `last N months` and `since 2026-01-31`.
    /// `retention`: `{"older_than_days": 400, "tables": [NAME]}`, all facts without tables.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"period": "last 7 days", "tables": ["yclients_records"]}))]
    settings: JsonValue,
    /// `every 15 minutes`, `every 2 hours`, `daily at 03:30`, `weekly on mon,thu at 04:00`; by hand only without it.
    schedule: Option<String>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Job {
    id: String,
    kind: &'static str,
    name: String,
    source: Option<String>,
    settings: JsonValue,
    schedule: Option<String>,
    /// Since when it does not run by itself.
    paused_at: Option<DateTime<Utc>>,
    /// When it runs by itself the next time.
    next_at: Option<DateTime<Utc>>,
    /// Whether it stands still until its removed source is connected again.
    waits_for_source: bool,
    /// Whether a run is queued or under way.
    running: bool,
    /// Whether that run waits, since another one works on its source.
    source_busy: bool,
    /// Failed runs in a row.
    failures: i64,
    /// The last run that ended.
    last_run: Option<Run>,
}

/// A run of a job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Run {
    id: String,
    /// `queued`, `running`, `done` or `failed`.
    state: &'static str,
    /// Whether it is under way and waits, since another one works on its source.
    source_busy: bool,
    rows: i64,
    counts: BTreeMap<String, i64>,
    /// The first day of the period that was named.
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    queued_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    /// The code of the reason.
    failure: Option<String>,
}

/// The period of a run, both days inclusive; what the job's settings say without it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunOrder {
    /// The first day.
    from: Option<NaiveDate>,
    /// The last day.
    to: Option<NaiveDate>,
}

impl JobOrder {
    fn read(self) -> Result<NewJob, Failure> {
        let kind: JobKind = self.kind.parse().map_err(|_| Failure::job_kind())?;
        let settings = match self.settings {
            JsonValue::Null => serde_json::json!({}),
            settings => settings,
        };
        Ok(NewJob {
            name: self.name,
            source: self.source,
            settings: JobSettings::read(kind, &settings).map_err(failure)?,
            schedule: schedule(self.schedule.as_deref())?,
        })
    }
}

impl Job {
    pub(crate) fn of(job: PlannedJob, last_run: Option<JobRun>) -> Self {
        Self {
            waits_for_source: job.waits_for_source(),
            id: job.id.to_string(),
            kind: job.kind.as_str(),
            name: job.name,
            source: job.source_id,
            settings: job.settings,
            schedule: job.schedule.as_ref().map(ToString::to_string),
            paused_at: job.paused_at,
            next_at: job.next_at,
            running: job.current_run.is_some(),
            source_busy: job.source_busy,
            failures: job.failures,
            last_run: last_run.map(Run::of),
        }
    }
}

impl Run {
    /// A run of which it is not asked whether it waits for its source.
    fn of(run: JobRun) -> Self {
        Self {
            id: run.id.to_string(),
            state: run.state.as_str(),
            source_busy: false,
            rows: run.row_count,
            counts: run.counts,
            from: run.period_from,
            to: run.period_to,
            queued_at: run.queued_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            failure: run.failure_code,
        }
    }
}

/// Jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", params(Paging), responses((status = 200, body = List<Job>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Job>>, Failure> {
    let (limit, from) = paging.read()?;
    let jobs = app.services.control.planned_jobs(caller.subscription());
    let page = jobs.list(from.as_ref(), limit).await?;
    let mut last_runs = jobs.last_runs(&page.items).await?;
    let mut last = |job: &PlannedJob| {
        let at = last_runs.iter().position(|run| run.job_id == job.id)?;
        Some(last_runs.swap_remove(at))
    };
    Ok(Json(List::of(page, |job| {
        let run = last(&job);
        Job::of(job, run)
    })))
}

/// One job.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = Job), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<Job>, Failure> {
    let jobs = app.services.control.planned_jobs(caller.subscription());
    let job = jobs.get(&known(&id)?).await?;
    Ok(Json(with_last_run(&app, &caller, job).await?))
}

/// A job as a program sees it, with the last run that ended.
pub(crate) async fn with_last_run(
    app: &App,
    caller: &Reader,
    job: PlannedJob,
) -> Result<Job, Failure> {
    let jobs = app.services.control.planned_jobs(caller.subscription());
    let last = jobs.last_runs(std::slice::from_ref(&job)).await?;
    let last = last.into_iter().find(|run| run.job_id == job.id);
    Ok(Job::of(job, last))
}

/// The runs of a job, newest first.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}/runs", tag = "jobs",
    params(("id" = String, Path, description = "The job."), Paging),
    responses((status = 200, body = List<Run>))
)]
pub(crate) async fn runs(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Run>>, Failure> {
    let (limit, from) = paging.read()?;
    let jobs = app.services.control.planned_jobs(caller.subscription());
    let id = known(&id)?;
    let page = jobs.runs(&id, from.as_ref(), limit).await?;
    let waiting = match jobs.get(&id).await {
        Ok(job) if job.source_busy => job.current_run,
        Ok(_) | Err(ControlError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Json(List::of(page, |run| Run {
        source_busy: waiting.as_ref() == Some(&run.id),
        ..Run::of(run)
    })))
}

/// Makes a job.
#[utoipa::path(
    post, path = "/api/v1/jobs", tag = "jobs", request_body = JobOrder,
    responses(
        (status = 201, body = Job),
        (status = 422, description = "A field's value cannot be used.", body = super::problem::Problem)
    )
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<(StatusCode, Json<Job>), Failure> {
    let order: JobOrder = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    // A report comes with its job.
    if order.kind == JobKind::Report.as_str() {
        return Err(Failure::job_kind());
    }
    let new = order.read()?;
    let job = planner::add(&app.services, caller.subscription(), new, &caller.actor()).await;
    Ok((
        StatusCode::CREATED,
        Json(Job::of(job.map_err(failure)?, None)),
    ))
}

/// Changes the name, source, settings and schedule of a job; its kind stays.
#[utoipa::path(
    put, path = "/api/v1/jobs/{id}", tag = "jobs", request_body = JobOrder,
    params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = Job), (status = 422, body = super::problem::Problem))
)]
pub(crate) async fn edit(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Job>, Failure> {
    let order: JobOrder = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let new = order.read()?;
    let (id, by) = (known(&id)?, caller.actor());
    let job = planner::edit(&app.services, caller.subscription(), &id, new, &by).await;
    Ok(Json(
        with_last_run(&app, &caller, job.map_err(failure)?).await?,
    ))
}

/// Forgets a job; what it brought stays. The job of a report goes with the report alone.
#[utoipa::path(
    delete, path = "/api/v1/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "The job.")),
    responses(
        (status = 204),
        (status = 404, body = super::problem::Problem),
        (status = 409, description = "It refreshes a report.", body = super::problem::Problem)
    )
)]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let (id, by) = (known(&id)?, caller.actor());
    let removed = planner::remove(&app.services, caller.subscription(), &id, &by).await;
    removed.map_err(failure)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Runs a job now, over a period where one is named.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/run", tag = "jobs", request_body = RunOrder,
    params(("id" = String, Path, description = "The job.")),
    responses(
        (status = 202, body = Run),
        (status = 409, description = "A run is under way.", body = super::problem::Problem)
    )
)]
pub(crate) async fn run(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<(StatusCode, Json<Run>), Failure> {
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(Failure::unreadable(
            "the days of a run are said in the body, and nothing in the query",
        ));
    }
    let order: RunOrder = match body.is_empty() {
        true => RunOrder::default(),
        false => serde_json::from_slice(&body).map_err(Failure::unreadable)?,
    };
    let period = match (order.from, order.to) {
        (None, None) => None,
        (Some(from), Some(to)) => Some(Period { from, to }),
        (None, Some(_)) => return Err(Failure::other_day("from")),
        (Some(_), None) => return Err(Failure::other_day("to")),
    };
    let (id, by) = (known(&id)?, caller.actor());
    let run = planner::run_now(&app.services, caller.subscription(), &id, period, &by).await;
    Ok((StatusCode::ACCEPTED, Json(Run::of(run.map_err(failure)?))))
}

/// Keeps a job from running by itself.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/pause", tag = "jobs",
    params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = Job))
)]
pub(crate) async fn pause(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<Json<Job>, Failure> {
    let (id, by) = (known(&id)?, caller.actor());
    let job = planner::pause(&app.services, caller.subscription(), &id, &by).await;
    Ok(Json(
        with_last_run(&app, &caller, job.map_err(failure)?).await?,
    ))
}

/// Lets a paused job run by itself again.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/resume", tag = "jobs",
    params(("id" = String, Path, description = "The job.")),
    responses((status = 200, body = Job))
)]
pub(crate) async fn resume(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<Json<Job>, Failure> {
    let (id, by) = (known(&id)?, caller.actor());
    let job = planner::resume(&app.services, caller.subscription(), &id, &by).await;
    Ok(Json(
        with_last_run(&app, &caller, job.map_err(failure)?).await?,
    ))
}

fn known(id: &str) -> Result<JobId, Failure> {
    id.parse().map_err(|_| Kind::NotFound.into())
}

/// The schedule that a program names.
pub(crate) fn schedule(text: Option<&str>) -> Result<Option<Schedule>, Failure> {
    let read = |text: &str| text.parse::<Schedule>();
    let schedule = text.map(read).transpose();
    schedule.map_err(|error| {
        Failure::said("schedule", |locale| {
            written_schedule_refusal(locale, &error)
        })
    })
}

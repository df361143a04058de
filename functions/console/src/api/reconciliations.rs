use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use data_encoding::BASE64URL_NOPAD;
use futures::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use wynos::{
    catalog::{self, Locale},
    control::{Run, RunId, RunKind},
    i18n::{Args, text_with},
    journal,
    warehouse::{Warehouse, WarehouseError},
    yclients::{
        pull::PullError,
        reconcile::{self, Day, Difference, Ordered, Summary},
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    journal::wished_for,
    note_read,
    problem::Problem,
    sources::own_source,
};
use crate::{
    App,
    http::{About, Failure, Kind},
    view::days_refusal,
};

/// A comparison to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// The source.
    source: String,
    /// The first day, in the company's zone.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Only these tables; all that can be compared without it.
    #[serde(default)]
    tables: Vec<String>,
}

/// A comparison of what is held with what the vendor has. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reconciliation {
    id: String,
    source: String,
    /// `waiting`, `running`, `paused`, `done`, `partial` where some days were not checked, or `failed`.
    state: &'static str,
    /// Whether it waits, since another run works on its source.
    source_busy: bool,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    tables: Vec<String>,
    /// Days of lists that are done, and how many there are.
    days_done: i64,
    days_total: i64,
    /// Rows that were mended.
    rows: i64,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// The code of the reason, where it failed or days were not checked.
    failure: Option<String>,
    /// What it came to so far: days that were checked and not, rows missing, extra and differing, and by table the totals
    /// of both sides. Only where one comparison is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    summary: Option<Summary>,
}

/// Which comparisons.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Wanted {
    /// Only those of this source.
    source: Option<String>,
    /// Items of a page, 1 to 200; 50 when not said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Which days or differences.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Part {
    /// Only differences of this table.
    table: Option<String>,
    /// Items of a page, 1 to 1,000; 200 when not said.
    limit: Option<u64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Part {
    fn limit(&self) -> Result<u64, Failure> {
        let limit = self.limit.unwrap_or(200);
        match limit {
            1..=1_000 => Ok(limit),
            _ => Err(Failure::field("limit")),
        }
    }

    fn after<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        let read = |text: &String| {
            let json = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
            serde_json::from_slice(&json).ok()
        };
        match &self.cursor {
            None => Ok(None),
            Some(text) => Ok(Some(read(text).ok_or(Kind::InvalidCursor)?)),
        }
    }
}

fn cursor(last: &impl Serialize) -> Option<String> {
    let json = serde_json::to_vec(last).ok()?;
    Some(BASE64URL_NOPAD.encode(&json))
}

impl Reconciliation {
    fn of(run: Run, summary: Option<Summary>) -> Self {
        let source_busy = run.waits_for_source();
        Self {
            id: run.id.to_string(),
            source: run.source_id.to_string(),
            state: run.state.as_str(),
            source_busy,
            from: run.period_from,
            to: run.period_to,
            tables: run.tables,
            days_done: run.windows_done,
            days_total: run.windows_total,
            rows: run.rows,
            created_at: run.created_at,
            finished_at: run.finished_at,
            failure: run.failure_code.filter(|_| !source_busy),
            summary,
        }
    }
}

/// The comparison of this id, if it is the caller's.
async fn own(app: &App, caller: &Reader, id: &str) -> Result<Run, Failure> {
    let id: RunId = id.parse().map_err(|_| Kind::NotFound)?;
    let runs = app.services.control.runs(caller.subscription());
    match runs.get(&id).await? {
        run if run.kind == RunKind::Reconciliation => Ok(run),
        _ => Err(Kind::NotFound.into()),
    }
}

/// Comparisons, newest first.
#[utoipa::path(
    get, path = "/api/v1/reconciliations", tag = "reconciliations", params(Wanted),
    responses((status = 200, body = List<Reconciliation>))
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<Reconciliation>>, Failure> {
    let paging = super::exports::Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let (limit, from) = paging.read()?;
    let source = wanted.source.map(|source| source.parse()).transpose();
    let source = source.map_err(|_| Failure::field("source"))?;
    let kind = Some(RunKind::Reconciliation);
    let runs = app.services.control.runs(caller.subscription());
    let page = runs
        .list(source.as_ref(), kind, from.as_ref(), limit)
        .await?;
    Ok(Json(List::of(page, |run| Reconciliation::of(run, None))))
}

/// Compares a period of a source with the vendor, and mends what differs.
#[utoipa::path(
    post, path = "/api/v1/reconciliations", tag = "reconciliations", request_body = Order,
    responses(
        (status = 202, body = Reconciliation),
        (status = 404, description = "There is no such source.", body = Problem),
        (status = 409, description = "Nothing is read from the source now.", body = Problem),
        (status = 422, description = "A field's value cannot be used.", body = Problem)
    )
)]
pub(crate) async fn order(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<(StatusCode, Json<Reconciliation>), Failure> {
    let order: Order = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let source = own_source(&app, &caller, &order.source).await?;
    let days = (order.from, order.to);
    let ordered = Ordered {
        from: order.from,
        to: order.to,
        tables: order.tables,
        actor: caller.actor(),
    };
    let zone = source.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let today = app.services.clock.now().with_timezone(&zone).date_naive();
    let run = reconcile::order(&app.services, &source.id, ordered).await;
    let run = run.map_err(|error| refused(error, days, today))?;
    Ok((StatusCode::ACCEPTED, Json(Reconciliation::of(run, None))))
}

/// One comparison, with what it came to.
#[utoipa::path(
    get, path = "/api/v1/reconciliations/{id}", tag = "reconciliations",
    params(("id" = String, Path, description = "The comparison; that of a job has the id of the job's run.")),
    responses((status = 200, body = Reconciliation), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<Reconciliation>, Failure> {
    let run = own(&app, &caller, &id).await?;
    let warehouse = caller.warehouse(&app);
    let summary = reconcile::summary(&warehouse, &run.id).await;
    let summary = summary.map_err(|error| Failure::noted(Kind::Unavailable, &error))?;
    Ok(Json(Reconciliation::of(run, Some(summary))))
}

/// The days of a comparison, by table, with the totals of both sides by indicator.
#[utoipa::path(
    get, path = "/api/v1/reconciliations/{id}/days", tag = "reconciliations",
    params(("id" = String, Path, description = "The comparison."), Part),
    responses((status = 200, body = Object), (status = 404, body = Problem))
)]
pub(crate) async fn days(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Listed<Day>>, Failure> {
    let run = own(&app, &caller, &id).await?;
    let (limit, after) = (part.limit()?, part.after::<(String, NaiveDate)>()?);
    let after = after.as_ref().map(|(table, day)| (table.as_str(), *day));
    let warehouse = caller.warehouse(&app);
    let items = reconcile::days(&warehouse, &run.id, after, limit).await;
    let items = items.map_err(|error| Failure::noted(Kind::Unavailable, &error))?;
    let last = items.last().filter(|_| items.len() as u64 >= limit);
    let next = last.and_then(|last| cursor(&(&last.table, last.day)));
    Ok(Json(Listed { items, next }))
}

/// Every field that a comparison found to differ, with both values.
#[utoipa::path(
    get, path = "/api/v1/reconciliations/{id}/differences", tag = "reconciliations",
    params(("id" = String, Path, description = "The comparison."), Part),
    responses((status = 200, body = Object), (status = 404, body = Problem))
)]
pub(crate) async fn differences(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Listed<Difference>>, Failure> {
    let run = own(&app, &caller, &id).await?;
    let what = format!("reconciliation {}", run.id);
    note_read(&app, caller.subscription(), &what, &caller.actor()).await?;
    let (limit, after) = (part.limit()?, part.after::<[String; 4]>()?);
    let warehouse = caller.warehouse(&app);
    let table = part.table.as_deref();
    let page = reconcile::differences(&warehouse, &run.id, table, after.as_ref(), limit).await;
    let page = page.map_err(|error| Failure::noted(Kind::Unavailable, &error))?;
    Ok(Json(Listed {
        items: page.items,
        next: page.next.as_ref().and_then(cursor),
    }))
}

/// Every field that a comparison found to differ, as CSV.
#[utoipa::path(
    get, path = "/api/v1/reconciliations/{id}/differences.csv", tag = "reconciliations",
    params(("id" = String, Path, description = "The comparison.")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = Problem))
)]
pub(crate) async fn differences_csv(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    csv(&app, &caller, &id, &headers, reconcile::differences_csv).await
}

/// The days of a comparison with the totals of both sides, as CSV: a line per day, table and indicator.
#[utoipa::path(
    get, path = "/api/v1/reconciliations/{id}/days.csv", tag = "reconciliations",
    params(("id" = String, Path, description = "The comparison.")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = Problem))
)]
pub(crate) async fn days_csv(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    csv(&app, &caller, &id, &headers, reconcile::days_csv).await
}

/// A file about a comparison with the signs of the language of `Accept-Language`, else of the subscription's, its taking noted
/// before anything is given.
async fn csv<S>(
    app: &App,
    caller: &Reader,
    id: &str,
    headers: &HeaderMap,
    content: impl FnOnce(Warehouse, RunId, Locale) -> S,
) -> Result<Response, Failure>
where
    S: Stream<Item = Result<Bytes, WarehouseError>> + Send + 'static,
{
    let run = own(app, caller, id).await?;
    let what = format!("reconciliation {}", run.id);
    note_read(app, caller.subscription(), &what, &caller.actor()).await?;
    let locale = wished_for(app, caller.subscription(), headers).await?;
    let content = content(caller.warehouse(app), run.id, locale);
    let content = content.map_err(std::io::Error::other);
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    Ok((kind, Body::from_stream(content)).into_response())
}

/// A page of results.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    /// Where the next page begins: send it as `cursor`. `null` on the last page.
    next: Option<String>,
}

/// What is wrong with an order, with the field at fault, in the caller's language.
fn refused(error: PullError, days: (NaiveDate, NaiveDate), today: NaiveDate) -> Failure {
    match error {
        PullError::TooFarBack { from } => Failure::said("from", |locale| {
            let details = json!({ "from": from });
            journal::reason(locale, "history.too-far-back", Some(&details))
        }),
        PullError::Period => match days_refusal(Locale::En, days, today) {
            Some((field, _)) => Failure::said(field, |locale| {
                days_refusal(locale, days, today).map_or_else(String::new, |(_, words)| words)
            }),
            // A day began meanwhile.
            None => Failure::said("to", |locale| {
                journal::reason(locale, "history.period", None)
            }),
        },
        PullError::Table { table } => {
            let key = match catalog::table(&table) {
                Some(_) => "problem-reconciliation-table",
                None => "problem-reconciliation-no-table",
            };
            Failure::said("tables", |locale| {
                text_with(locale, key, &Args::new().with("table", table.as_str()))
            })
        }
        PullError::NotActive => Failure {
            about: Some(About::said(|locale| {
                journal::reason(locale, "pull.not-active", None)
            })),
            ..Failure::of(Kind::Conflict)
        },
        PullError::Control(error) => error.into(),
        other => Failure::noted(Kind::Unavailable, &other),
    }
}

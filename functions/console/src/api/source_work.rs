//! What a source does on request: periods of the past, and the vendor's webhooks.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wynos::{
    catalog::Locale,
    control::{self, RunKind},
    yclients::{
        hooks::{self, Kinds, Registration},
        pull::{self, Ordered},
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    exports::Paging,
    problem::Problem,
    sources::own_source,
};
use crate::{
    App,
    http::{Failure, language_from_header},
};

/// A period of the past to load. Days are the business's, both inclusive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHistory {
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Only these tables; without it all that have a history and are on.
    #[serde(default)]
    tables: Vec<String>,
}

/// A period of the past that was ordered. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    /// The run that loads it.
    id: String,
    /// The first day.
    from: Option<NaiveDate>,
    /// The last day.
    to: Option<NaiveDate>,
    /// The tables that were named; none for all.
    tables: Vec<String>,
    /// waiting, running, paused, done, partial or failed.
    state: &'static str,
    /// Windows of the period that are read.
    windows_done: i64,
    /// Windows to read.
    windows_total: i64,
    /// Rows that came.
    rows: i64,
    /// Why it failed or stands still: the code of a problem.
    failure: Option<String>,
    /// When it was ordered.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
}

/// How to register a webhook.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookOrder {
    /// keep, which is the default: the vendor tells what it tells other programs of the company. add: all that tables are kept
    /// of is switched on, for the addresses of other programs too, which the vendor does not tell apart; what is on stays on.
    kinds: Option<String>,
}

/// How a source's webhook stands at the vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Where the vendor sends events to. Whoever knows it can send some.
    address: String,
    /// Whether the vendor sends events there.
    registered: bool,
    /// How many addresses of others the company has at the vendor.
    others: usize,
    /// Whether others have addresses and everything is switched off for all of them.
    switched_off: bool,
    /// What the vendor does not tell of, in its words, or would not tell of were the address registered beside those of others.
    missing: Vec<&'static str>,
    /// What will not come and how to have it, in the language of the request; `null` where all of it comes.
    advice: Option<String>,
}

impl From<control::Run> for History {
    fn from(run: control::Run) -> Self {
        Self {
            id: run.id.to_string(),
            from: run.period_from,
            to: run.period_to,
            tables: run.tables,
            state: run.state.as_str(),
            windows_done: run.windows_done,
            windows_total: run.windows_total,
            rows: run.rows,
            failure: run.failure_code,
            created_at: run.created_at,
            finished_at: run.finished_at,
        }
    }
}

impl Webhook {
    fn of(registration: Registration, headers: &HeaderMap) -> Self {
        let locale: Locale = language_from_header(headers);
        Self {
            advice: registration.advice(locale),
            address: registration.address.to_string(),
            registered: registration.registered,
            others: registration.others,
            switched_off: registration.switched_off,
            missing: registration.missing,
        }
    }
}

/// The periods of a source that were ordered, newest first.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/history", tag = "sources",
    params(("id" = String, Path, description = "The source."), Paging),
    responses((status = 200, body = List<History>), (status = 404, body = Problem))
)]
pub(crate) async fn histories(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<List<History>>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let (limit, from) = paging.read()?;
    let runs = app.services.control.runs(caller.subscription());
    let (of, kind) = (Some(&source.id), Some(RunKind::History));
    let page = runs.list(of, kind, from.as_ref(), limit).await?;
    Ok(Json(List::of(page, History::from)))
}

/// Orders a period of the past; it is loaded window by window, the newest month first.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/history", tag = "sources", request_body = NewHistory,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 202, body = History), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn order_history(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<History>), Failure> {
    let new: NewHistory = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let source = own_source(&app, &caller, &id).await?;
    let ordered = Ordered {
        from: new.from,
        to: new.to,
        tables: new.tables,
        actor: caller.actor(),
    };
    let run = pull::order(&app.services, &source.id, ordered).await?;
    Ok((StatusCode::ACCEPTED, Json(run.into())))
}

/// How the source's webhook stands at the vendor now.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/webhook", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Webhook), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn webhook(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Webhook>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let registration = hooks::registration(&app.services, &source.id).await?;
    Ok(Json(Webhook::of(registration, &headers)))
}

/// Has the vendor send events to us; addresses of others there stay, and what these are told, unless more kinds are asked for.
#[utoipa::path(
    put, path = "/api/v1/sources/{id}/webhook", tag = "sources", request_body = Option<WebhookOrder>,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Webhook), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn register(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Webhook>, Failure> {
    let wanted: Option<WebhookOrder> = match body.is_empty() {
        true => None,
        false => serde_json::from_slice(&body).map_err(Failure::unreadable)?,
    };
    let WebhookOrder { kinds } = wanted.unwrap_or_default();
    let kinds = match kinds.as_deref() {
        None | Some("keep") => Kinds::Keep,
        Some("add") => Kinds::Add,
        Some(_) => return Err(Failure::one_of("kinds", ["keep", "add"])),
    };
    let source = own_source(&app, &caller, &id).await?;
    let by = caller.actor();
    let registration = hooks::register_for(&app.services, &source.id, kinds, &by).await?;
    Ok(Json(Webhook::of(registration, &headers)))
}

/// Gives the webhook a new address, at the vendor too where it is registered.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/webhook", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Webhook), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn rotate(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Webhook>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let registration = hooks::rotate(&app.services, &source.id, &caller.actor()).await?;
    Ok(Json(Webhook::of(registration, &headers)))
}

/// Has the vendor send nothing to us any more; what others have there stays.
#[utoipa::path(
    delete, path = "/api/v1/sources/{id}/webhook", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Webhook), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn unregister(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Webhook>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let registration = hooks::unregister(&app.services, &source.id, &caller.actor()).await?;
    Ok(Json(Webhook::of(registration, &headers)))
}

/// Lets events in by the newest address only: some minutes after another one took its place, since events may be under way.
#[utoipa::path(
    delete, path = "/api/v1/sources/{id}/webhook/earlier", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 204, description = "Earlier addresses let nothing in."), (status = 404, body = Problem))
)]
pub(crate) async fn revoke(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    hooks::revoke(&app.services, &source.id, &caller.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}

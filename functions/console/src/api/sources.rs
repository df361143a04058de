use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    SourceId,
    control::{self, CredentialId, SourceState, SourceTable, VendorName, VendorToken},
    yclients::connect::{self, Add, Change, Entry, SignIn},
};

use super::{
    List,
    caller::{Reader, Writer},
    problem::Problem,
};
use crate::{
    App,
    http::{Failure, Kind},
};

/// A company to connect. Send what lets somebody in (`login` and `password`, or `token`); without `company` the answer
/// lists the companies that the account sees, with a `credential` to send with the chosen `company` instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSource {
    /// yclients, when not said, or altegio.
    vendor: Option<String>,
    /// What to call the source; what the vendor calls the company when not said.
    name: Option<String>,
    /// A telephone number or an e-mail address.
    login: Option<String>,
    /// The password; it is exchanged for a token and not kept.
    password: Option<String>,
    /// The token of an application, instead of a login and password.
    token: Option<String>,
    /// A sign-in that is there already: what an answer without `company` gave, or of another source.
    credential: Option<String>,
    /// The company's id at the vendor.
    company: Option<i64>,
    /// The address of the vendor's API, if not the usual one; known hosts only.
    base_url: Option<String>,
}

/// What lets somebody in again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEntry {
    /// A telephone number or an e-mail address.
    login: Option<String>,
    /// The password; it is exchanged for a token and not kept.
    password: Option<String>,
    /// The token of an application, instead of a login and password.
    token: Option<String>,
}

/// What to change of a source; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceChange {
    /// What to call it.
    name: Option<String>,
    /// The company's time zone, an IANA name.
    time_zone: Option<String>,
    /// Whether webhook events are hints only, so that the entity is read again.
    hints: Option<bool>,
    /// active or paused.
    state: Option<String>,
    /// The address of the vendor's API, for all sources of the same sign-in; `null` for the usual one.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    base_url: Option<Option<String>>,
}

/// A connected company. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
    /// The source.
    id: String,
    /// What its owner calls it.
    name: String,
    /// yclients or altegio.
    vendor: &'static str,
    /// active, paused, `needs_credential` or removed.
    state: &'static str,
    /// The company's id at the vendor.
    company_id: i64,
    /// What the vendor calls the company.
    title: String,
    /// The company's time zone.
    time_zone: String,
    /// Whether webhook events are hints only.
    hints: bool,
    /// The address of the vendor's API, if not the usual one.
    base_url: Option<String>,
    /// The sign-in that it shares with other sources.
    credential: String,
    /// Since when every table that is on has been read at least once: the oldest of their latest readings.
    last_at: Option<DateTime<Utc>>,
    /// When its next table is due.
    next_at: Option<DateTime<Utc>>,
    /// When it was connected.
    created_at: DateTime<Utc>,
}

/// The companies that an account sees, to choose one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Companies {
    /// The sign-in: send it as `credential` with the chosen `company`, within a day.
    credential: String,
    /// The companies.
    companies: Vec<Company>,
}

/// A company at the vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Company {
    /// Its id.
    id: i64,
    /// What the vendor calls it.
    title: String,
    /// The city.
    city: Option<String>,
    /// The time zone.
    time_zone: Option<&'static str>,
}

/// What becomes of the rows of a removed source.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Removal {
    /// keep or delete.
    rows: String,
}

/// A field that is there, even when it is null.
fn said<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// The source of this id, if it is one of the caller's.
pub(super) async fn own_source(
    app: &App,
    caller: &Reader,
    id: &str,
) -> Result<control::Source, Failure> {
    let id: SourceId = id.parse().map_err(|_| Kind::NotFound)?;
    let source = app
        .services
        .control
        .sources(caller.subscription())
        .get(&id)
        .await?;
    match source.state {
        SourceState::Removed => Err(Kind::NotFound.into()),
        _ => Ok(source),
    }
}

fn entry(
    login: Option<String>,
    password: Option<String>,
    token: Option<String>,
) -> Result<Entry, Failure> {
    match (login, password, token) {
        (Some(login), Some(password), None) if !login.trim().is_empty() => {
            Ok(Entry::Password { login, password })
        }
        (None, None, Some(token)) if !token.trim().is_empty() => {
            Ok(Entry::Token(VendorToken::new(token.trim())))
        }
        _ => Err(Failure::field("login")),
    }
}

fn shown(source: control::Source, tables: &[SourceTable]) -> Source {
    let own = || {
        tables
            .iter()
            .filter(|table| table.source_id == source.id && table.enabled)
    };
    let all_read = own().all(|table| table.last_at.is_some());
    Source {
        last_at: own()
            .filter_map(|table| table.last_at)
            .min()
            .filter(|_| all_read),
        next_at: own().filter_map(|table| table.next_at).min(),
        id: source.id.to_string(),
        name: source.name,
        vendor: source.vendor.as_str(),
        state: source.state.as_str(),
        company_id: source.company_id,
        title: source.title,
        time_zone: source.time_zone,
        hints: source.hints,
        base_url: source.base_url,
        credential: source.credential_id.to_string(),
        created_at: source.created_at,
    }
}

async fn with_tables(app: &App, source: control::Source) -> Result<Source, Failure> {
    let tables = app
        .services
        .control
        .sources(&source.subscription_id)
        .tables(&source.id)
        .await?;
    Ok(shown(source, &tables))
}

fn listed(companies: Vec<connect::Company>) -> Vec<Company> {
    let company = |company: connect::Company| Company {
        id: company.id,
        title: company.title,
        city: company.city,
        time_zone: company.time_zone.map(|zone| zone.name()),
    };
    companies.into_iter().map(company).collect()
}

/// The sources, oldest first.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", responses((status = 200, body = List<Source>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
) -> Result<Json<List<Source>>, Failure> {
    let sources = app.services.control.sources(caller.subscription());
    let tables = sources.all_tables().await?;
    let items = sources.list().await?;
    Ok(Json(List {
        items: items
            .into_iter()
            .map(|source| shown(source, &tables))
            .collect(),
        next: None,
    }))
}

/// Connects a company, or lists the companies to choose from.
#[utoipa::path(
    post, path = "/api/v1/sources", tag = "sources", request_body = NewSource,
    responses(
        (status = 201, body = Source, description = "The company is connected."),
        (status = 200, body = Companies, description = "No company was named: choose one."),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<Response, Failure> {
    let new: NewSource = serde_json::from_slice(&body).map_err(|_| Kind::Malformed)?;
    let vendor: VendorName = match new.vendor.as_deref() {
        None => VendorName::Yclients,
        Some(name) => name.parse().map_err(|_| Failure::field("vendor"))?,
    };
    let (credential, made) = match new.credential {
        Some(id) => {
            let id: CredentialId = id.parse().map_err(|_| Failure::field("credential"))?;
            (id, None)
        }
        None => {
            let order = SignIn {
                subscription: caller.subscription().clone(),
                vendor,
                base_url: new.base_url,
                entry: entry(new.login, new.password, new.token)?,
                by: caller.actor(),
            };
            let (credential, seen) = connect::sign_in(&app.services, &order).await?;
            (credential.id, Some(seen))
        }
    };
    let Some(company) = new.company else {
        let companies = match made {
            Some(seen) => seen,
            None => connect::companies(&app.services, caller.subscription(), &credential).await?,
        };
        let answer = Companies {
            credential: credential.to_string(),
            companies: listed(companies),
        };
        return Ok(Json(answer).into_response());
    };
    let order = Add {
        subscription: caller.subscription().clone(),
        credential: credential.clone(),
        company,
        name: new.name,
        by: caller.actor(),
    };
    match connect::add(&app.services, &order).await {
        Ok(source) => {
            let source = with_tables(&app, source).await?;
            Ok((StatusCode::CREATED, Json(source)).into_response())
        }
        Err(error) => {
            // Whoever named the company in the same request has no use for the sign-in alone.
            if made.is_some() {
                connect::discard(&app.services, caller.subscription(), &credential).await?;
            }
            Err(error.into())
        }
    }
}

/// One source.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}", tag = "sources", params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Source), (status = 404, body = Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<Source>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    Ok(Json(with_tables(&app, source).await?))
}

/// Changes settings, pauses or resumes.
#[utoipa::path(
    patch, path = "/api/v1/sources/{id}", tag = "sources", request_body = SourceChange,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Source), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Source>, Failure> {
    let wanted: SourceChange = serde_json::from_slice(&body).map_err(|_| Kind::Malformed)?;
    let mut source = own_source(&app, &caller, &id).await?;
    let by = caller.actor();
    let paused = match wanted.state.as_deref() {
        None => None,
        Some("paused") => Some(true),
        Some("active") => Some(false),
        Some(_) => return Err(Failure::field("state")),
    };
    let settings = Change {
        name: wanted.name,
        time_zone: wanted.time_zone,
        hints: wanted.hints,
        base_url: wanted.base_url,
    };
    if settings != Change::default() {
        source = connect::change(&app.services, &source.id, &settings, &by).await?;
    }
    match paused {
        Some(true) => source = connect::pause(&app.services, &source.id, &by).await?,
        Some(false) => source = connect::resume(&app.services, &source.id, &by).await?,
        None => {}
    }
    Ok(Json(with_tables(&app, source).await?))
}

/// Signs in again, for the source and all that share its sign-in.
#[utoipa::path(
    put, path = "/api/v1/sources/{id}/credential", tag = "sources", request_body = NewEntry,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Source), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn renew(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Source>, Failure> {
    let new: NewEntry = serde_json::from_slice(&body).map_err(|_| Kind::Malformed)?;
    let source = own_source(&app, &caller, &id).await?;
    let entry = entry(new.login, new.password, new.token)?;
    let source = connect::renew(&app.services, &source.id, entry, &caller.actor()).await?;
    Ok(Json(with_tables(&app, source).await?))
}

/// Removes a source for good; its rows are kept or erased, as `rows` says.
#[utoipa::path(
    delete, path = "/api/v1/sources/{id}", tag = "sources",
    params(("id" = String, Path, description = "The source."), Removal),
    responses((status = 202, body = Source), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn remove(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    Query(removal): Query<Removal>,
) -> Result<(StatusCode, Json<Source>), Failure> {
    let rows = match removal.rows.as_str() {
        "keep" => false,
        "delete" => true,
        _ => return Err(Failure::field("rows")),
    };
    let source = own_source(&app, &caller, &id).await?;
    let source = connect::remove(&app.services, &source.id, rows, &caller.actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(source, &[]))))
}

/// The companies that the account of a source sees.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/companies", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = Companies), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn companies(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
) -> Result<Json<Companies>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let seen =
        connect::companies(&app.services, caller.subscription(), &source.credential_id).await?;
    Ok(Json(Companies {
        credential: source.credential_id.to_string(),
        companies: listed(seen),
    }))
}

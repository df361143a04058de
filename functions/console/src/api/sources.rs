use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use wynos::{
    SourceId,
    control::{self, CredentialId, RowsLeft, SourceState, VendorName, VendorToken},
    storage,
    yclients::{
        connect::{self, Add, Change, Entry, SignIn},
        pull,
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    problem::Problem,
    source_shapes::{
        ClosedSource, Companies, NewEntry, NewSource, RenewedSource, Source, SourceChange, listed,
        shown,
    },
};
use crate::{
    App,
    http::{Failure, Kind},
};

/// Which sources.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub(crate) struct Listed {
    /// Whether those are listed that were removed and of which rows are still there, instead of those that are connected.
    removed: Option<bool>,
}

/// What becomes of the rows of a removed source.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Removal {
    /// keep or delete.
    rows: String,
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

async fn with_tables(app: &App, source: control::Source) -> Result<Source, Failure> {
    let tables = app
        .services
        .control
        .sources(&source.subscription_id)
        .tables(&source.id)
        .await?;
    let outlook = pull::outlook(&app.services, &source.subscription_id).await?;
    let used = storage::used(&app.services, &source.subscription_id).await?;
    Ok(shown(source, &tables, used.stands_still, &outlook))
}

/// The sources, oldest first; or those that were removed, the latest first, while rows of them are there.
#[utoipa::path(
    get, path = "/api/v1/sources", tag = "sources", params(Listed), responses((status = 200, body = List<Source>))
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Listed>,
) -> Result<Json<List<Source>>, Failure> {
    let sources = app.services.control.sources(caller.subscription());
    let (items, tables) = match wanted.removed {
        Some(true) => (sources.removed().await?, Vec::new()),
        _ => (sources.list().await?, sources.all_tables().await?),
    };
    let outlook = pull::outlook(&app.services, caller.subscription()).await?;
    let still = storage::used(&app.services, caller.subscription())
        .await?
        .stands_still;
    Ok(Json(List {
        items: items
            .into_iter()
            .map(|source| shown(source, &tables, still, &outlook))
            .collect(),
        next: None,
    }))
}

/// Connects a company, or lists the companies to choose from.
#[utoipa::path(
    post, path = "/api/v1/sources", tag = "sources", request_body = NewSource,
    responses(
        (status = 201, body = Source, description = "The company is connected; `taken_up` tells of one that was before."),
        (status = 200, body = Companies, description = "No company was named: choose one."),
        (status = 422, body = Problem)
    )
)]
pub(crate) async fn add(
    State(app): State<App>,
    caller: Writer,
    body: Bytes,
) -> Result<Response, Failure> {
    let new: NewSource = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
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
        Ok(added) => {
            let source = Source {
                taken_up: Some(added.taken_up),
                ..with_tables(&app, added.source).await?
            };
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
    let wanted: SourceChange = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let mut source = own_source(&app, &caller, &id).await?;
    let by = caller.actor();
    let paused = match wanted.state.as_deref() {
        None => None,
        Some("paused") => Some(true),
        Some("active") => Some(false),
        Some(_) => return Err(Failure::one_of("state", ["active", "paused"])),
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

/// Signs in again, for the source and all that share its sign-in and whose companies the account sees.
#[utoipa::path(
    put, path = "/api/v1/sources/{id}/credential", tag = "sources", request_body = NewEntry,
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = RenewedSource), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn renew(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RenewedSource>, Failure> {
    let new: NewEntry = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let source = own_source(&app, &caller, &id).await?;
    let entry = entry(new.login, new.password, new.token)?;
    let renewed = connect::renew(&app.services, &source.id, entry, &caller.actor()).await?;
    Ok(Json(RenewedSource {
        source: with_tables(&app, renewed.source).await?,
        closed: renewed.closed.into_iter().map(ClosedSource::from).collect(),
    }))
}

/// Removes a source; its rows are kept or erased, as `rows` says. Those that were kept are erased by `delete` of the removed one.
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
        _ => return Err(Failure::one_of("rows", ["keep", "delete"])),
    };
    let id: SourceId = id.parse().map_err(|_| Kind::NotFound)?;
    let sources = app.services.control.sources(caller.subscription());
    let left = sources.get(&id).await?.rows_left();
    let by = caller.actor();
    let removed = match left {
        None => connect::remove(&app.services, &id, rows, &by).await?,
        Some(RowsLeft::Kept | RowsLeft::Going) if rows => {
            connect::erase_kept(&app.services, &id, &by).await?
        }
        Some(_) => return Err(Kind::NotFound.into()),
    };
    let outlook = pull::outlook(&app.services, caller.subscription()).await?;
    let source = Source {
        reports_removed: Some(removed.ended.reports),
        jobs_removed: Some(removed.ended.jobs),
        ..shown(removed.source, &[], None, &outlook)
    };
    Ok((StatusCode::ACCEPTED, Json(source)))
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

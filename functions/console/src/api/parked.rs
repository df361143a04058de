use std::collections::BTreeMap;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    import::{self, Finding},
    parked::{self, Replayed},
};

use super::{
    List,
    caller::{Reader, Writer},
    note_read,
    records::told,
    rows::unavailable,
};
use crate::{
    App,
    http::{Failure, Kind, language_from_header},
};

/// The most items of a page.
const MOST: usize = 200;

/// A record that did not become a row, and why.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Aside {
    /// The record.
    id: String,
    /// The table that it was for.
    table: String,
    /// The source that it came from; `local` for the shop's own.
    source: String,
    /// Why: `import.` and a code, or what the vendor's record lacks.
    reason: String,
    /// The record as far as it is kept, and of an import's row its line and problems. Secrets are masked.
    #[schema(value_type = Object)]
    body: serde_json::Value,
    /// Whether `replay` tries it again.
    replayable: bool,
    /// When, in UTC.
    at: DateTime<Utc>,
}

impl From<parked::Parked> for Aside {
    fn from(parked: parked::Parked) -> Self {
        Self {
            replayable: parked.is_replayable(),
            id: parked.id,
            table: parked.table,
            source: parked.source,
            reason: parked.reason,
            body: parked.body,
            at: parked.at,
        }
    }
}

/// Where to go on in the list.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Paging {
    /// Items of a page, 1 to 200; 50 when not said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Records that did not become rows, of imports and of sources.
#[utoipa::path(get, path = "/api/v1/parked", tag = "imports", params(Paging), responses((status = 200, body = List<Aside>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(paging): Query<Paging>,
) -> Result<Json<List<Aside>>, Failure> {
    let limit = paging.limit.unwrap_or(50);
    if !(1..=MOST).contains(&limit) {
        return Err(Failure::field("limit"));
    }
    let cursor = paging.cursor.map(|cursor| {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok())
    });
    let after = match cursor {
        None => None,
        Some(after) => Some(after.ok_or(Kind::InvalidCursor)?),
    };
    if after.as_deref().is_some_and(|after| after.contains('\0')) {
        return Err(Kind::InvalidCursor.into());
    }
    note_read(&app, caller.subscription(), "parked", &caller.actor()).await?;
    let warehouse = caller.warehouse(&app);
    let asked = limit as u64 + 1;
    let found = parked::records(&warehouse, after.as_deref(), asked).await;
    let mut found = found.map_err(unavailable)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    Ok(Json(List {
        next: last.map(|last| BASE64URL_NOPAD.encode(last.id.as_bytes())),
        items: found.into_iter().map(Aside::from).collect(),
    }))
}

/// How to try a row again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Again {
    /// Values, as text, in the place of those that the file had; an empty one leaves its column out.
    #[serde(default)]
    values: BTreeMap<String, String>,
}

/// Why a row is still kept aside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Still {
    /// What is wrong with it.
    problems: Vec<Fault>,
}

/// One thing that is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// A stable name.
    code: String,
    /// The column in question.
    field: Option<String>,
    /// What it is, in the language of `Accept-Language`.
    message: String,
}

/// Tries again what was kept aside; a row of an import with other values where some are given, as part of that import.
#[utoipa::path(
    post, path = "/api/v1/parked/{id}/replay", tag = "imports", request_body = Again,
    params(("id" = String, Path, description = "The record.")),
    responses(
        (status = 204, description = "It is a row now, and no longer kept aside."),
        (status = 404, description = "Nothing of this name is kept aside.", body = super::problem::Problem),
        (status = 422, description = "It is still kept aside.", body = Still)
    )
)]
pub(crate) async fn replay(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let again: Again = match body.is_empty() {
        true => Again::default(),
        false => serde_json::from_slice(&body).map_err(Failure::unreadable)?,
    };
    let (subscription, by) = (caller.subscription(), caller.actor());
    let replayed = parked::replay(&app.services, subscription, &id, &again.values, &by).await?;
    let locale = language_from_header(&headers);
    match replayed.ok_or(Kind::NotFound)? {
        Replayed::Done => {
            told(&app, &caller).await;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        Replayed::Refused(reason) => Ok(still(vec![Fault {
            message: parked::in_words(locale, &reason),
            code: reason,
            field: None,
        }])),
        Replayed::Problems(findings) => {
            let fault = |finding: &Finding| Fault {
                code: finding.code.to_string(),
                field: finding.field.clone(),
                message: import::message(locale, finding),
            };
            Ok(still(findings.iter().map(fault).collect()))
        }
    }
}

fn still(problems: Vec<Fault>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(Still { problems })).into_response()
}

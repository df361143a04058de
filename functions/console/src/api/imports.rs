use std::collections::BTreeMap;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER_PERMISSIVE;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wynos::{
    control::{self, ImportFormat, ImportId},
    import::{self, Announced, ConflictPolicy, FileSource, ImportOrder},
    journal,
    sheets::Mapping,
};

use super::{
    List,
    caller::{Reader, Writer, idempotency_key},
    exports::Paging,
    note_read,
};
use crate::{
    App,
    http::{Failure, Kind, language_from_header, language_wished_for},
};

/// A file to import.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// The file's name.
    file_name: String,
    /// exchange, csv, xlsx or ords.
    format: String,
    /// The table of a list (csv, xlsx).
    table: Option<String>,
    /// Whether rows are also matched by natural keys.
    #[serde(default)]
    merge: bool,
    /// What becomes of rows that changed both in the file and here: `keep_ours`, when not said, or `take_theirs`.
    conflict: Option<String>,
    /// Bytes of the file: an upload of any other size is refused.
    size: Option<u64>,
    /// SHA-256 of the file in hexadecimal: an upload of anything else is refused.
    sha256: Option<String>,
    /// Which column of a list is which; guessed from the headers when not said. With `encoding` or `separator` and without
    /// `columns`, a CSV file is read so and its columns are guessed.
    #[schema(value_type = Option<Object>)]
    mapping: Option<serde_json::Value>,
}

/// An import that waits for its file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Begun {
    /// The import.
    id: String,
    /// How far it has come.
    status: &'static str,
    /// Where to PUT the file, for an hour; then call `start`.
    upload_url: Option<String>,
    /// Headers to send with it, as they are.
    upload_headers: BTreeMap<String, String>,
}

/// An import, and what became of it. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    /// The import.
    id: String,
    /// waiting, uploaded, validating, previewed, applying, applied, undoing, undone, failed or abandoned.
    status: &'static str,
    /// The file's name.
    file_name: String,
    /// The format.
    format: &'static str,
    /// The table of a list.
    table: Option<String>,
    /// Whether rows are also matched by natural keys.
    merge: bool,
    /// Bytes, once it is uploaded.
    size: Option<i64>,
    /// Which column of a list is which: as it was said, else as its headers told once it was read.
    #[schema(value_type = Option<Object>)]
    mapping: Option<serde_json::Value>,
    /// What the headers of a list did not tell, as objects with a `kind`: unknown, ambiguous, duplicate, `date_order` or
    /// missing; nothing where the columns were said.
    #[schema(value_type = Option<Object>)]
    questions: Option<serde_json::Value>,
    /// What became, or would become, of the rows: counts per table.
    #[schema(value_type = Object)]
    counts: serde_json::Value,
    /// Why it failed: a stable code.
    failure: Option<String>,
    /// Why it failed in the language of `Accept-Language`, with the place in the file where there is one.
    failure_message: Option<String>,
    /// What the code is about, by name: `line`, `byte`, `section`, `limit` and others.
    #[schema(value_type = Option<Object>)]
    failure_details: Option<serde_json::Value>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it was applied.
    applied_at: Option<DateTime<Utc>>,
    /// When it was undone.
    undone_at: Option<DateTime<Utc>>,
}

impl Import {
    fn of(import: control::Import, headers: &HeaderMap) -> Self {
        let mapping = import::mapping(&import);
        let questions = import::questions(&import).cloned();
        let (code, details) = (import.failure_code, import.failure_details);
        let locale = language_from_header(headers);
        let message = code
            .as_ref()
            .map(|code| journal::reason(locale, code, details.as_ref()));
        Self {
            id: import.id.to_string(),
            status: import.status.as_str(),
            file_name: import.file_name,
            format: import.format.as_str(),
            table: import.table_name,
            merge: import.merge,
            size: import.size,
            mapping: mapping.and_then(|mapping| serde_json::to_value(mapping).ok()),
            questions,
            counts: import.counts,
            failure: code,
            failure_message: message,
            failure_details: details,
            created_at: import.created_at,
            applied_at: import.applied_at,
            undone_at: import.undone_at,
        }
    }
}

/// The SHA-256 that a field `sha256` tells in hexadecimal digits.
pub(crate) fn read_digest(text: &str) -> Result<[u8; 32], Failure> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| Failure::field("sha256"))
}

fn read_id(id: &str) -> Result<ImportId, Failure> {
    id.parse().map_err(|_| Kind::NotFound.into())
}

/// Imports, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(Paging), responses((status = 200, body = List<Import>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(paging): Query<Paging>,
    headers: HeaderMap,
) -> Result<Json<List<Import>>, Failure> {
    let (limit, from) = paging.read()?;
    let found = app
        .services
        .control
        .imports(caller.subscription())
        .list(from.as_ref(), limit)
        .await?;
    Ok(Json(List::of(found, |import| Import::of(import, &headers))))
}

/// One import.
#[utoipa::path(
    get, path = "/api/v1/imports/{id}", tag = "imports",
    params(("id" = String, Path, description = "The import.")),
    responses((status = 200, body = Import), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Import>, Failure> {
    let import = app
        .services
        .control
        .imports(caller.subscription())
        .get(&read_id(&id)?)
        .await?;
    Ok(Json(Import::of(import, &headers)))
}

/// Begins an import: tells where to PUT the file.
#[utoipa::path(
    post, path = "/api/v1/imports", tag = "imports", request_body = NewImport,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same for every attempt to begin this import.")),
    responses((status = 202, body = Begun), (status = 422, body = super::problem::Problem))
)]
pub(crate) async fn begin(
    State(app): State<App>,
    caller: Writer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Begun>), Failure> {
    let new: NewImport = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let format: ImportFormat = new
        .format
        .parse()
        .map_err(|_| Failure::one_of("format", ImportFormat::ALL.iter().map(|one| one.as_str())))?;
    let mapping: Option<Mapping> = new
        .mapping
        .map(serde_json::from_value)
        .transpose()
        .map_err(|_| Failure::field("mapping"))?;
    let conflict = match new.conflict.as_deref() {
        None | Some("keep_ours") => ConflictPolicy::KeepOurs,
        Some("take_theirs") => ConflictPolicy::TakeTheirs,
        Some(_) => {
            return Err(Failure::one_of("conflict", ["keep_ours", "take_theirs"]));
        }
    };
    let named = !new.file_name.is_empty()
        && new.file_name.chars().count() <= 200
        && !new.file_name.chars().any(char::is_control);
    if !named {
        return Err(Failure::field("file_name"));
    }
    let announced = Announced {
        size: new.size,
        sha256: new.sha256.as_deref().map(read_digest).transpose()?,
    };
    let order = ImportOrder {
        created_by: caller.actor(),
        file_name: new.file_name,
        format,
        table: new.table,
        mapping,
        merge: new.merge,
        conflict,
        file: FileSource::Upload(announced),
        idempotency_key: idempotency_key(&headers)?,
    };
    let (import, put) = import::begin(&app.services, caller.subscription(), order).await?;
    let (url, headers) = put.map(|put| (put.url, put.headers)).unzip();
    let begun = Begun {
        id: import.id.to_string(),
        status: import.status.as_str(),
        upload_url: url.map(String::from),
        upload_headers: headers.into_iter().flatten().collect(),
    };
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

/// How to read the file.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// Which column of a list is which; as before when not said, guessed from the headers when never said.
    #[schema(value_type = Option<Object>)]
    mapping: Option<serde_json::Value>,
}

/// The file is uploaded: has it read and compared; nothing is written. It can be asked for again with a mended `mapping`
/// until rows are written.
#[utoipa::path(
    post, path = "/api/v1/imports/{id}/start", tag = "imports", request_body = Start,
    params(("id" = String, Path, description = "The import.")),
    responses((status = 202, body = Import), (status = 409, body = super::problem::Problem))
)]
pub(crate) async fn start(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Import>), Failure> {
    let start: Start = if body.is_empty() {
        Start::default()
    } else {
        serde_json::from_slice(&body).map_err(Failure::unreadable)?
    };
    let mapping: Option<Mapping> = start
        .mapping
        .map(serde_json::from_value)
        .transpose()
        .map_err(|_| Failure::field("mapping"))?;
    let (subscription, id) = (caller.subscription(), read_id(&id)?);
    let import = import::uploaded(&app.services, subscription, &id, mapping.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, Json(Import::of(import, &headers))))
}

/// Writes what the preview showed.
#[utoipa::path(
    post, path = "/api/v1/imports/{id}/apply", tag = "imports",
    params(("id" = String, Path, description = "The import.")),
    responses((status = 202, body = Import), (status = 409, body = super::problem::Problem))
)]
pub(crate) async fn apply(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Import>), Failure> {
    let import = import::start_apply(&app.services, caller.subscription(), &read_id(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Import::of(import, &headers))))
}

/// Takes back what nobody touched since.
#[utoipa::path(
    post, path = "/api/v1/imports/{id}/undo", tag = "imports",
    params(("id" = String, Path, description = "The import.")),
    responses((status = 202, body = Import), (status = 409, body = super::problem::Problem))
)]
pub(crate) async fn undo(
    State(app): State<App>,
    caller: Writer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Import>), Failure> {
    let import = import::start_undo(&app.services, caller.subscription(), &read_id(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(Import::of(import, &headers))))
}

/// Everything that was noticed about the file, as CSV in the language of `Accept-Language`, else in the subscription's.
#[utoipa::path(
    get, path = "/api/v1/imports/{id}/report", tag = "imports",
    params(("id" = String, Path, description = "The import.")),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn report(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id = read_id(&id)?;
    let locale = match language_wished_for(&headers) {
        Some(locale) => locale,
        None => {
            let control = &app.services.control;
            control.subscription(caller.subscription()).await?.locale
        }
    };
    let what = format!("import {id}");
    note_read(&app, caller.subscription(), &what, &caller.actor()).await?;
    let content = import::report_csv(&app.services, caller.subscription(), &id, locale).await?;
    let content = Body::from_stream(content.map_err(std::io::Error::other));
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], content).into_response())
}

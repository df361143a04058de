use axum::{
    Json,
    extract::{Path, State},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wynos::{
    control::JobId,
    retention::{self, RetentionError},
};

use super::caller::Reader;
use crate::{
    App,
    http::{Failure, Kind},
};

/// What a job that removes old rows would remove now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SweepPreview {
    /// Rows received before go.
    before: DateTime<Utc>,
    /// Tables that lose rows.
    tables: Vec<SweptTable>,
}

/// What a table would lose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SweptTable {
    table: String,
    rows: u64,
    /// When the first of them was received.
    oldest: DateTime<Utc>,
    /// When the last of them was received.
    newest: DateTime<Utc>,
}

/// What a job of the kind `retention` would remove if it ran now. Nothing is removed.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}/preview", tag = "jobs",
    params(("id" = String, Path, description = "The job.")),
    responses(
        (status = 200, body = SweepPreview),
        (status = 422, description = "The job names a table that cannot be chosen.", body = super::problem::Problem)
    )
)]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
) -> Result<Json<SweepPreview>, Failure> {
    let id: JobId = id.parse().map_err(|_| Kind::NotFound)?;
    let jobs = app.services.control.planned_jobs(caller.subscription());
    let job = jobs.get(&id).await?;
    let found = retention::preview_job(&app.services, &job).await;
    let (before, tables) = found.map_err(failure)?;
    let tables = tables.into_iter().map(|swept| SweptTable {
        table: swept.table,
        rows: swept.rows,
        oldest: swept.oldest,
        newest: swept.newest,
    });
    Ok(Json(SweepPreview {
        before,
        tables: tables.collect(),
    }))
}

fn failure(error: RetentionError) -> Failure {
    match error {
        RetentionError::Control(error) => error.into(),
        RetentionError::OtherKind => Kind::NotFound.into(),
        RetentionError::Table { .. } => Failure::wrong("settings", &error),
        error => Failure::noted(Kind::Unavailable, &error),
    }
}

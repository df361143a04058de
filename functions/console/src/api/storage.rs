use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use wynos::{
    plans::UNLIMITED,
    storage::{self, StorageError, Used},
};

use super::caller::Reader;
use crate::{
    App,
    http::{Failure, Kind},
};

/// What is used of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Storage {
    /// Bytes that the data takes up now.
    bytes: u64,
    /// Bytes that the plan allows; `null` where it sets no limit.
    bytes_allowed: Option<u64>,
    /// The month that rows are counted in, as `YYYY-MM` in UTC.
    month: String,
    /// Rows loaded in that month: new and changed ones.
    rows: u64,
    /// Rows that the plan allows in a month; `null` where it sets no limit.
    rows_allowed: Option<u64>,
    /// When the plan ends; `null` where it does not.
    plan_ends: Option<DateTime<Utc>>,
    /// Why loading stands still: `plan.ended`, `plan.rows-used` or `plan.storage-used`; `null` where it goes on. It goes on by
    /// itself when there is room, and exports never stand still.
    stands_still: Option<&'static str>,
}

/// What the subscription uses of its plan.
#[utoipa::path(get, path = "/api/v1/storage", tag = "tables", responses((status = 200, body = Storage)))]
pub(crate) async fn show(State(app): State<App>, caller: Reader) -> Result<Json<Storage>, Failure> {
    let used = storage::used(&app.services, caller.subscription()).await?;
    Ok(Json(used.into()))
}

impl From<Used> for Storage {
    fn from(used: Used) -> Self {
        let limit = |allowed: u64| (allowed < UNLIMITED).then_some(allowed);
        Self {
            bytes: used.bytes,
            bytes_allowed: limit(used.bytes_allowed),
            month: used.month,
            rows: used.rows,
            rows_allowed: limit(used.rows_allowed),
            plan_ends: used.plan_ends,
            stands_still: used.stands_still,
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Control(error) => error.into(),
            StorageError::Warehouse(error) => Self::noted(Kind::Unavailable, &error),
        }
    }
}

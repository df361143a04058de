use serde_json::json;

use super::{
    WorkError,
    run::{Task, Worked},
};
use crate::services::Services;

/// Does what a job is for.
pub(super) async fn work(_services: &Services, task: Task<'_>) -> Result<Worked, WorkError> {
    Err(WorkError::hopeless(
        "job.not-served",
        json!({ "kind": task.job.kind }),
    ))
}

use serde_json::json;

use super::{
    JobSettings, WorkError,
    run::{Task, Worked},
};
use crate::{services::Services, yclients::reports};

/// Does what a job is for.
pub(super) async fn work(services: &Services, task: Task<'_>) -> Result<Worked, WorkError> {
    match &task.settings {
        JobSettings::Report(settings) => reports::refresh(services, &task, &settings.report).await,
        JobSettings::BasePull(_) | JobSettings::Reconciliation(_) | JobSettings::Retention(_) => {
            Err(WorkError::hopeless(
                "job.not-served",
                json!({ "kind": task.job.kind }),
            ))
        }
    }
}

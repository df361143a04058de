//! Runs that whoever works on them gives up before their end.

use serde_json::json;

use super::{PullError, run::note_failure};
use crate::{
    SourceId,
    control::{Failure, RunId},
    services::Services,
};

/// Ends a run that is given up on purpose: what it brought stays, and what it did not come to is due still. Its continuation,
/// where one is queued, finds it ended. A run that has ended by itself stays as it is.
pub async fn give_up(services: &Services, source: &SourceId, run: &RunId) -> Result<(), PullError> {
    note_failure(&services.dispatcher(), source, run, &PullError::LeaseLost).await
}

/// Notes that a period of the past stands still because whoever read it was interrupted. Its continuation is queued, and goes
/// on where it ended.
pub async fn stand_still(
    services: &Services,
    source: &SourceId,
    run: &RunId,
) -> Result<(), PullError> {
    let reason = Failure {
        code: PullError::LeaseLost.code().to_owned(),
        details: json!({}),
    };
    let mut tx = services.control.begin().await?;
    tx.runs(source.subscription())
        .paused(run, &reason, services.clock.now())
        .await?;
    Ok(tx.commit().await?)
}

//! Runs that whoever works on them gives up before their end.

use serde_json::json;

use super::{PullError, run::note_failure, turn};
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

/// Ends a run whose message is put aside, unless another message of it has the source: that one goes on with it.
pub async fn put_aside(
    services: &Services,
    source: &SourceId,
    run: &RunId,
) -> Result<(), PullError> {
    let held = services.control.source(source).await?;
    let now = services.clock.now();
    let holder = held
        .lease_holder
        .filter(|_| held.lease_until.is_some_and(|until| until > now));
    if holder.is_some_and(|holder| turn::is_of(&holder, run)) {
        return Ok(());
    }
    give_up(services, source, run).await
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

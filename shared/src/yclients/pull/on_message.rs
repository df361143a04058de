use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Options, PullError, TIME_PER_MESSAGE,
    messages::{self, PullMessage},
    run::{note_failure, run},
};
use crate::{
    SourceId,
    control::{Actor, RunId},
    services::Services,
};

/// A run that is to be gone on with while somebody else works on the source is tried again after so long …
const BUSY: Duration = Duration::from_secs(120);
/// … for a day: that long it is a history that is loaded.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// Reads what a message asks for: what is due of a source, or what is left of a run. Errors as of [`super::run()`].
pub async fn on_message(services: &Services, message: PullMessage) -> Result<(), PullError> {
    let options = Options {
        deadline: Some(services.clock.now() + TIME_PER_MESSAGE),
        tables: Vec::new(),
        run: message.run.clone(),
        actor: Actor::System,
        watch: None,
    };
    match (run(services, &message.source, options).await, message.run) {
        (Ok(_), _) => Ok(()),
        // Whoever has the source reads what is due; what then is due still is found by time.
        (Err(PullError::Busy), None) => Ok(()),
        (Err(PullError::Busy), Some(run)) => wait(services, message.source, run).await,
        (Err(error), _) => Err(error),
    }
}

/// Puts the continuation off until the source is free. The run says that it is still to come.
async fn wait(services: &Services, source: SourceId, run: RunId) -> Result<(), PullError> {
    let now = services.clock.now();
    let waiting = services
        .control
        .runs(source.subscription())
        .get(&run)
        .await?;
    if waiting.finished_at.is_some() {
        return Ok(());
    }
    if now - waiting.created_at > PATIENCE {
        return note_failure(&services.dispatcher(), &source, &run, &PullError::Busy).await;
    }
    let mut tx = services.control.begin().await?;
    tx.runs(source.subscription()).started(&run, now).await?;
    tx.commit().await?;
    let message = PullMessage {
        source,
        run: Some(run),
    };
    messages::send(&*services.queue, messages::PULL, &message, BUSY, None).await?;
    Ok(())
}

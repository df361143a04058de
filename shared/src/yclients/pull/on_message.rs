use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Options, PullError, TIME_PER_MESSAGE,
    history::history,
    messages::{self, PullMessage},
    run::{note_failure, run},
};
use crate::{
    SourceId,
    control::{Actor, RunId},
    services::Services,
};

/// A run that is to be gone on with while somebody else works on the source is tried again after so long …
const BUSY: Duration = Duration::from_secs(20);
/// … for a day: that long it is a history that is loaded.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// A history may itself take days, and be put off for some of them.
const HISTORY_PATIENCE: TimeDelta = TimeDelta::days(30);

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
        (Err(PullError::Busy), Some(run)) => {
            match wait(
                services,
                messages::PULL,
                message.source.clone(),
                run.clone(),
                PATIENCE,
            )
            .await?
            {
                true => Ok(()),
                false => {
                    let dispatcher = services.dispatcher();
                    note_failure(&dispatcher, &message.source, &run, &PullError::Busy).await
                }
            }
        }
        (Err(error), _) => Err(error),
    }
}

/// Reads on in the period of the past that a message asks for, for one turn. While somebody else has the source it is put
/// off; a month after it was ordered the queue decides how often it is tried. Errors as of [`super::history()`].
pub async fn on_history(services: &Services, message: PullMessage) -> Result<(), PullError> {
    let Some(run) = message.run else {
        return Ok(());
    };
    let deadline = Some(services.clock.now() + TIME_PER_MESSAGE);
    match Box::pin(history(services, &message.source, &run, deadline, None)).await {
        Ok(_) => Ok(()),
        Err(PullError::Busy) => {
            let (kind, source) = (messages::HISTORY, message.source);
            match wait(services, kind, source, run, HISTORY_PATIENCE).await? {
                true => Ok(()),
                false => Err(PullError::Busy),
            }
        }
        Err(error) => Err(error),
    }
}

/// Puts the continuation off until the source is free, and says of the run that it is still to come; `false` where it was
/// made longer ago than `patience`.
async fn wait(
    services: &Services,
    kind: &str,
    source: SourceId,
    run: RunId,
    patience: TimeDelta,
) -> Result<bool, PullError> {
    let now = services.clock.now();
    let waiting = services
        .control
        .runs(source.subscription())
        .get(&run)
        .await?;
    if waiting.finished_at.is_some() {
        return Ok(true);
    }
    if now - waiting.created_at > patience {
        return Ok(false);
    }
    let mut tx = services.control.begin().await?;
    tx.runs(source.subscription()).started(&run, now).await?;
    tx.commit().await?;
    let message = PullMessage {
        source,
        run: Some(run),
    };
    messages::send(&*services.queue, kind, &message, BUSY, None).await?;
    Ok(true)
}

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Options, PullError, TIME_PER_MESSAGE,
    history::history_turn,
    messages::{self, PullMessage},
    run::{note_failure, run_turn},
    turn::{self, Found, Turn},
};
use crate::{
    control::{Actor, RunId},
    services::Services,
};

/// A run that is to be gone on with while somebody else works on the source is tried again after so long …
pub(crate) const BUSY: Duration = Duration::from_secs(20);
/// … for a day: that long it is a history that is loaded.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// A history may itself take days, and be put off for some of them.
const HISTORY_PATIENCE: TimeDelta = TimeDelta::days(30);

/// Reads what a message asks for: what is due of a source, or what is left of a run. A message whose turn of its run somebody
/// has had does nothing. Errors as of [`super::run()`].
pub async fn on_message(services: &Services, message: PullMessage) -> Result<(), PullError> {
    let options = Options {
        deadline: Some(services.clock.now() + TIME_PER_MESSAGE),
        tables: Vec::new(),
        run: message.run.clone(),
        actor: Actor::System,
        watch: None,
    };
    let turn = Turn::of(&message);
    let read = Box::pin(run_turn(services, &message.source, options, &turn)).await;
    match (read, &message.run) {
        (Ok(_), _) => Ok(()),
        // Whoever has the source reads what is due; what then is due still is found by time.
        (Err(PullError::Busy), None) => Ok(()),
        (Err(PullError::Busy), Some(run)) => {
            match wait(services, messages::PULL, &message, run, PATIENCE).await? {
                true => Ok(()),
                false => {
                    let dispatcher = services.dispatcher();
                    note_failure(&dispatcher, &message.source, run, &PullError::Busy).await
                }
            }
        }
        (Err(error), _) => Err(error),
    }
}

/// Reads on in the period of the past that a message asks for, for one turn; where that is over, it does nothing. While
/// somebody else has the source it is put off; a month after it was ordered the queue decides how often it is tried. Errors as
/// of [`super::history()`].
pub async fn on_history(services: &Services, message: PullMessage) -> Result<(), PullError> {
    let Some(run) = &message.run else {
        return Ok(());
    };
    let deadline = Some(services.clock.now() + TIME_PER_MESSAGE);
    let (source, turn) = (&message.source, Turn::of(&message));
    match Box::pin(history_turn(services, source, run, deadline, None, &turn)).await {
        Ok(_) => Ok(()),
        Err(PullError::Busy) => {
            match wait(services, messages::HISTORY, &message, run, HISTORY_PATIENCE).await? {
                true => Ok(()),
                false => Err(PullError::Busy),
            }
        }
        Err(error) => Err(error),
    }
}

/// Puts the message off until the source is free, and says of the run that it is still to come; `false` where it was made
/// longer ago than `patience`.
async fn wait(
    services: &Services,
    kind: &str,
    message: &PullMessage,
    run: &RunId,
    patience: TimeDelta,
) -> Result<bool, PullError> {
    let now = services.clock.now();
    let source = &message.source;
    let found = turn::find(services, kind, source, run, &Turn::of(message)).await?;
    let Found::Open(waiting) = found else {
        return Ok(true);
    };
    // Another message of the run may have the source: then nothing keeps the run waiting.
    let holder = services.control.source(source).await?.lease_holder;
    let is_in_hand = holder.is_some_and(|holder| turn::is_of(&holder, run));
    if !is_in_hand && now - waiting.created_at > patience {
        return Ok(false);
    }
    let mut tx = services.control.begin().await?;
    tx.runs(source.subscription()).started(run, now).await?;
    tx.commit().await?;
    messages::send(&*services.queue, kind, message, BUSY, None).await?;
    Ok(true)
}

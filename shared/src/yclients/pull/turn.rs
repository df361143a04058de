//! The turns of a run. Of all messages that ask for the same turn one has it, which is the end of the others: however often a
//! run is asked for again while it waits, it goes on by one message.

use std::time::Duration;

use super::{
    Account, PullError,
    messages::{self, PullMessage},
};
use crate::{
    SourceId,
    control::{Run, RunId, RunState},
    ports::{Queue, QueueError},
    services::Services,
};

/// What a message says of itself; nothing where somebody goes on with a run who was asked by none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// Which turn of the run it asks for; none for the one that the run is at.
    number: Option<u64>,
    /// The message, the same however often it is delivered.
    message: Option<String>,
}

/// A run, as whoever is to go on with it finds it.
pub(super) enum Found {
    /// It is to be gone on with.
    Open(Box<Run>),
    /// It has ended, or somebody has had this turn of it.
    Over(RunState),
}

impl Turn {
    /// That of a message.
    pub fn of(message: &PullMessage) -> Self {
        Self {
            number: message.turn,
            message: message.id.clone(),
        }
    }

    /// Who has the source meanwhile: two messages of one run never have it together, and one whose worker was killed has it
    /// still when it comes again.
    pub fn holder(&self, run: &RunId) -> String {
        match &self.message {
            Some(message) => format!("{run}:{message}"),
            None => run.to_string(),
        }
    }
}

/// Whether whoever has a source works on this run, by whichever message.
pub(in crate::yclients) fn is_of(holder: &str, run: &RunId) -> bool {
    let rest = holder.strip_prefix(run.as_str());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Looks up a run that is to be gone on with. Where the turn is over, and was the last one, the present turn is asked for:
/// whoever had it may have been broken off before that. Asked for twice, it is queued once.
pub(super) async fn find(
    services: &Services,
    kind: &str,
    source: &SourceId,
    run: &RunId,
    turn: &Turn,
) -> Result<Found, PullError> {
    let run = services
        .control
        .runs(source.subscription())
        .get(run)
        .await?;
    if run.finished_at.is_some() {
        return Ok(Found::Over(run.state));
    }
    let account = Account::of(&run);
    let Some(number) = turn.number.filter(|number| *number < account.turn) else {
        return Ok(Found::Open(Box::new(run)));
    };
    if number.saturating_add(1) == account.turn {
        let left = account.goes_on_at.map(|at| at - services.clock.now());
        let delay = left.and_then(|left| left.to_std().ok()).unwrap_or_default();
        let queue = &*services.queue;
        ask_for(queue, kind, source, &run.id, account.turn, delay).await?;
    }
    Ok(Found::Over(run.state))
}

/// Queues the turn that a run has come to, after so long; once, however often it is asked for.
pub(super) async fn ask_for(
    queue: &dyn Queue,
    kind: &str,
    source: &SourceId,
    run: &RunId,
    turn: u64,
    delay: Duration,
) -> Result<(), QueueError> {
    let message = PullMessage::of(source.clone(), run.clone(), turn);
    let dedupe = format!("{kind}:{run}:turn:{turn}");
    messages::send(queue, kind, &message, delay, Some(dedupe)).await
}

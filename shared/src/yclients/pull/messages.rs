//! The messages of pulls.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    SourceId,
    control::{Run, RunId},
    ports::{Envelope, Queue, QueueError, QueueName},
};

/// Read what is due of a source.
pub const PULL: &str = "pull.run";
/// Read a period of the past.
pub const HISTORY: &str = "pull.history";
/// The version of their bodies.
pub const VERSION: u16 = 1;

/// The body of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullMessage {
    /// The source.
    pub source: SourceId,
    /// The run that goes on, or that was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// Which turn of the run is asked for: how often it had handed over by then. Where that is over, nothing is left to do.
    /// Messages of earlier versions of the program name none, and are for whichever turn the run is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// The message's own id, once it was received; its queue knows it, and its body does not.
    #[serde(skip)]
    pub id: Option<String>,
}

impl PullMessage {
    /// Asks for what is due of a source.
    pub fn due(source: SourceId) -> Self {
        Self {
            source,
            run: None,
            turn: None,
            id: None,
        }
    }

    /// Asks for a turn of a run.
    pub fn of(source: SourceId, run: RunId, turn: u64) -> Self {
        Self {
            source,
            run: Some(run),
            turn: Some(turn),
            id: None,
        }
    }
}

/// Queues a run that was ordered, at once; asked for twice, it is queued once.
pub(super) async fn send_ordered(
    queue: &dyn Queue,
    kind: &str,
    run: &Run,
) -> Result<(), QueueError> {
    let message = PullMessage::of(run.source_id.clone(), run.id.clone(), 0);
    let dedupe = format!("{kind}:{}", run.id);
    send(queue, kind, &message, Duration::ZERO, Some(dedupe)).await
}

/// Queues work on a source.
pub(in crate::yclients) async fn send(
    queue: &dyn Queue,
    kind: &str,
    message: &PullMessage,
    delay: Duration,
    dedupe: Option<String>,
) -> Result<(), QueueError> {
    let envelope = envelope(kind, message);
    queue.send(QueueName::Pull, envelope, delay, dedupe).await
}

/// Queues work on a source that somebody waits for: where the queue keeps an order, before what came within the last minutes.
pub(super) async fn send_ahead(
    queue: &dyn Queue,
    kind: &str,
    message: &PullMessage,
    dedupe: Option<String>,
) -> Result<(), QueueError> {
    let envelope = envelope(kind, message);
    queue.send_ahead(QueueName::Pull, envelope, dedupe).await
}

fn envelope(kind: &str, message: &PullMessage) -> Envelope {
    Envelope {
        version: VERSION,
        kind: kind.to_owned(),
        subscription: message.source.subscription().clone(),
        body: serde_json::json!({
            "source": message.source,
            "run": message.run,
            "turn": message.turn,
        }),
    }
}

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
}

/// Queues a run that was ordered, at once; asked for twice, it is queued once.
pub(super) async fn send_ordered(
    queue: &dyn Queue,
    kind: &str,
    run: &Run,
) -> Result<(), QueueError> {
    let message = PullMessage {
        source: run.source_id.clone(),
        run: Some(run.id.clone()),
    };
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
        body: serde_json::json!({ "source": message.source, "run": message.run }),
    }
}

//! The message of a reconciliation.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::run::{self, Finished};
use crate::{
    SourceId,
    control::{RunId, RunState},
    ports::{Envelope, Queue, QueueError, QueueName},
    services::Services,
    yclients::pull::{PullError, note_failure},
};

/// Compare a source with the vendor.
pub const RECONCILE: &str = "reconcile.run";
/// The version of its body.
pub const VERSION: u16 = 1;

/// How long one message is worked on before its continuation is queued.
const TIME: TimeDelta = TimeDelta::minutes(8);

/// The body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconcileMessage {
    /// The source.
    pub source: SourceId,
    /// The run that goes on, or that was ordered.
    pub run: RunId,
}

/// When a message that is begun now hands over.
pub(super) fn deadline(services: &Services) -> DateTime<Utc> {
    services.clock.now() + TIME
}

/// Does what a message asks for; what is left goes on in another one.
pub async fn on_message(
    services: &Services,
    message: &ReconcileMessage,
) -> Result<Finished, PullError> {
    let deadline = Some(deadline(services));
    let finished = run::proceed(services, &message.source, &message.run, deadline, None).await?;
    if finished.state == RunState::Running {
        send(&*services.queue, message, finished.later, None).await?;
    }
    Ok(finished)
}

/// Ends the run of a message that is put aside: nobody works on it any more.
pub async fn give_up(services: &Services, source: &SourceId, run: &RunId) -> Result<(), PullError> {
    note_failure(&services.dispatcher(), source, run, &PullError::LeaseLost).await
}

/// Queues work on a run.
pub(in crate::yclients) async fn send(
    queue: &dyn Queue,
    message: &ReconcileMessage,
    delay: Duration,
    dedupe: Option<String>,
) -> Result<(), QueueError> {
    let envelope = Envelope {
        version: VERSION,
        kind: RECONCILE.to_owned(),
        subscription: message.source.subscription().clone(),
        body: serde_json::json!({ "source": message.source, "run": message.run }),
    };
    queue
        .send(QueueName::Reconcile, envelope, delay, dedupe)
        .await
}

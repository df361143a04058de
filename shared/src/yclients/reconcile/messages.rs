//! The message of a reconciliation.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::run;
use crate::{
    SourceId,
    control::{Failure, Run, RunId, RunState},
    ports::{Envelope, Queue, QueueError, QueueName},
    services::Services,
    yclients::pull::{BUSY, PullError, note_failure, turn},
};

/// Compare a source with the vendor.
pub const RECONCILE: &str = "reconcile.run";
/// The version of its body.
pub const VERSION: u16 = 1;

/// How long one message is worked on before its continuation is queued.
const TIME: TimeDelta = TimeDelta::minutes(8);
/// A comparison that finds its source occupied is tried again for so long, as a job's is.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// One that was put off less than so long ago has another message that goes on with it.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);

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

/// Does what a message asks for; what is left goes on in another one. While somebody else works on the source, it is put off,
/// for a day at most. Errors as of [`super::proceed`], but for that.
pub async fn on_message(services: &Services, message: &ReconcileMessage) -> Result<(), PullError> {
    let deadline = Some(deadline(services));
    match run::proceed(services, &message.source, &message.run, deadline, None).await {
        Ok(finished) if finished.state == RunState::Running => {
            Ok(send(&*services.queue, message, finished.later, None).await?)
        }
        Ok(_) => Ok(()),
        Err(PullError::Busy) => wait(services, message).await,
        Err(error) => Err(error),
    }
}

/// Puts the message off until the source is free, and says of the run that it waits for it; one that has waited for too long
/// is over. [`PullError::Busy`] where it is this very run that has the source: whoever works on it goes on with it, and a
/// message that came beside it counts its attempts.
async fn wait(services: &Services, message: &ReconcileMessage) -> Result<(), PullError> {
    let ReconcileMessage { source, run } = message;
    let now = services.clock.now();
    let waiting = services
        .control
        .runs(source.subscription())
        .get(run)
        .await?;
    if waiting.finished_at.is_some() {
        return Ok(());
    }
    let holder = services.control.source(source).await?.lease_holder;
    if holder.is_some_and(|holder| turn::is_of(&holder, run)) {
        return Err(PullError::Busy);
    }
    let since = waiting_since(&waiting);
    if since.is_some_and(|since| now - since > PATIENCE) {
        return note_failure(&services.dispatcher(), source, run, &PullError::Busy).await;
    }
    if since.is_some() && now - waiting.changed_at < JUST_NOW {
        return Ok(());
    }
    // Queued first: a run that only says that it waits would do so until it is found by time.
    send(&*services.queue, message, BUSY, None).await?;
    let reason = Failure {
        code: PullError::Busy.code().to_owned(),
        details: json!({ "since": since.unwrap_or(now) }),
    };
    let mut tx = services.control.begin().await?;
    tx.runs(source.subscription())
        .waits(run, &reason, now)
        .await?;
    Ok(tx.commit().await?)
}

/// Since when a run waits for its source, where it does.
fn waiting_since(run: &Run) -> Option<DateTime<Utc>> {
    let details = run.failure_details.as_ref();
    let since = details.filter(|_| run.waits_for_source())?.get("since")?;
    since.as_str()?.parse().ok()
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

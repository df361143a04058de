use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    SubscriptionId,
    control::{JobKind, JobRunId},
    ports::{Envelope, Queue, QueueError, QueueName},
};

/// Do the work of a run.
pub const RUN: &str = "job.run";
/// Mail the owners that a job keeps failing.
pub const MAIL_FAILING: &str = "mail.job-failing";

/// The version of the body that this program writes and reads.
pub const VERSION: u16 = 1;

/// The body of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunMessage {
    /// The run.
    pub run: JobRunId,
}

/// Asks for the work of a run, of those who do such work. It may be asked for twice: one at a time holds a run.
pub(super) async fn run(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    run: &JobRunId,
    kind: JobKind,
) -> Result<(), QueueError> {
    run_later(queue, subscription, run, kind, Duration::ZERO).await
}

/// Asks for the work of a run to be gone on with after so long.
pub(super) async fn run_later(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    run: &JobRunId,
    kind: JobKind,
    delay: Duration,
) -> Result<(), QueueError> {
    let envelope = envelope(RUN, subscription, run);
    queue.send(queue_of(kind), envelope, delay, None).await
}

/// Where the work of such jobs waits: what reads for long must not keep what is small from being done.
const fn queue_of(kind: JobKind) -> QueueName {
    match kind {
        JobKind::BasePull | JobKind::Report => QueueName::Pull,
        JobKind::Reconciliation => QueueName::Reconcile,
        JobKind::Retention => QueueName::Retention,
    }
}

/// Asks for the mail about a job that keeps failing.
pub(super) async fn mail_failing(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    run: &JobRunId,
) -> Result<(), QueueError> {
    let dedupe = Some(format!("{MAIL_FAILING}:{run}"));
    let envelope = envelope(MAIL_FAILING, subscription, run);
    queue
        .send(QueueName::Mail, envelope, Duration::ZERO, dedupe)
        .await
}

fn envelope(kind: &'static str, subscription: &SubscriptionId, run: &JobRunId) -> Envelope {
    Envelope {
        version: VERSION,
        kind: kind.to_owned(),
        subscription: subscription.clone(),
        body: serde_json::json!({ "run": run }),
    }
}

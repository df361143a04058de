//! Messages from queues, dispatched to what they ask for.

mod error;
mod give_up;
mod housekeeping;
mod progress;

use std::{any::Any, collections::BTreeMap, panic::AssertUnwindSafe};

use futures::FutureExt;
use serde::de::DeserializeOwned;

use crate::{
    SubscriptionId, access,
    control::{Actor, ControlError},
    delivery::{
        self,
        messages::{self, DeliveryMessage},
    },
    import::{self, ImportError, ImportMessage},
    journal::{self, Category, NewEntry, RelayError, Severity},
    planner::{self, RunMessage},
    ports::{Envelope, QueueError, QueueName, Received},
    retention::{self, EraseMessage},
    services::Services,
    yclients::{
        hooks,
        pull::{self, messages::PullMessage},
        reconcile::{self, ReconcileMessage},
    },
};

pub use error::JobError;
pub use give_up::give_up;
pub use housekeeping::{clear_up, housekeep, send_off_due};
pub use progress::progress;

/// Bring the outbox of a warehouse to control; its body is empty.
pub const RELAY: &str = "relay";

/// The version of a relay message's body.
const RELAY_VERSION: u16 = 1;

/// How many messages of a queue are worth taking at once: what many of them ask for can be done in one go.
pub const fn batch_size(queue: QueueName) -> usize {
    match queue {
        QueueName::Ingest => 1_000,
        _ => 1,
    }
}

/// Does what messages of one queue ask for, together where that is cheaper; the outcome of each, by its id. Doing it again
/// changes nothing; a panic stays inside, and costs only the message that caused it.
pub async fn run_batch(
    services: &Services,
    queue: QueueName,
    received: Vec<Received>,
) -> Vec<(String, Result<(), JobError>)> {
    if queue == QueueName::Ingest {
        let outcomes = hooks::ingest(services, received).await;
        let outcomes = outcomes.into_iter();
        return outcomes
            .map(|(id, outcome)| (id, outcome.map_err(JobError::Ingest)))
            .collect();
    }
    let mut outcomes = Vec::with_capacity(received.len());
    for message in received {
        let id = message.id.clone();
        outcomes.push((id, run(services, queue, message).await));
    }
    outcomes
}

/// Does what a message asks for. Doing it again changes nothing; a panic stays inside.
pub async fn run(
    services: &Services,
    queue: QueueName,
    received: Received,
) -> Result<(), JobError> {
    if queue == QueueName::Ingest {
        let alone = hooks::ingest(services, vec![received]).await;
        let outcome = alone
            .into_iter()
            .next()
            .map_or(Ok(()), |(_, outcome)| outcome);
        return outcome.map_err(JobError::Ingest);
    }
    let kind = received.envelope.kind.clone();
    let work = AssertUnwindSafe(Box::pin(dispatch(services, queue, received)));
    work.catch_unwind().await.unwrap_or_else(|panic| {
        Err(JobError::Panicked {
            kind,
            message: panic_message(panic.as_ref()),
        })
    })
}

/// Each job is boxed: all of them in one future are more than the compiler can prove to be fit for threads.
async fn dispatch(
    services: &Services,
    queue: QueueName,
    received: Received,
) -> Result<(), JobError> {
    let Received { id, envelope, .. } = received;
    let subscription = envelope.subscription.clone();
    match (queue, envelope.kind.as_str()) {
        (QueueName::Export, messages::BUILD) => {
            let message: DeliveryMessage = body(envelope, messages::VERSION)?;
            Ok(delivery::build(services, &subscription, &message.delivery)
                .boxed()
                .await?)
        }
        (QueueName::Mail, messages::MAIL) => {
            let message: DeliveryMessage = body(envelope, messages::VERSION)?;
            Ok(
                delivery::send_mail(services, &subscription, &message.delivery)
                    .boxed()
                    .await?,
            )
        }
        (QueueName::Mail, messages::MAIL_FAILED) => {
            let message: DeliveryMessage = body(envelope, messages::VERSION)?;
            Ok(
                delivery::send_failure_mail(services, &subscription, &message.delivery)
                    .boxed()
                    .await?,
            )
        }
        (QueueName::Import, import::VALIDATE) => {
            let message: ImportMessage = body(envelope, import::VERSION)?;
            import::validate(services, &subscription, &message.import)
                .boxed()
                .await?;
            Ok(())
        }
        (QueueName::Import, import::APPLY) => {
            let message: ImportMessage = body(envelope, import::VERSION)?;
            import::apply(services, &subscription, &message.import)
                .boxed()
                .await?;
            Ok(request_relay(services, &subscription)
                .boxed()
                .await
                .map_err(ImportError::Queue)?)
        }
        (QueueName::Import, import::UNDO) => {
            let message: ImportMessage = body(envelope, import::VERSION)?;
            import::undo(services, &subscription, &message.import)
                .boxed()
                .await?;
            Ok(request_relay(services, &subscription)
                .boxed()
                .await
                .map_err(ImportError::Queue)?)
        }
        (QueueName::Mail, pull::MAIL_USAGE) => {
            let message: pull::UsageMail = body(envelope, messages::VERSION)?;
            Ok(pull::send_usage_mail(services, &subscription, &message)
                .boxed()
                .await?)
        }
        (QueueName::Pull, pull::messages::PULL) => {
            let mut message: PullMessage = body(envelope, pull::messages::VERSION)?;
            message.id = Some(id);
            Ok(pull::on_message(services, message).boxed().await?)
        }
        (QueueName::Pull, pull::messages::HISTORY) => {
            let mut message: PullMessage = body(envelope, pull::messages::VERSION)?;
            message.id = Some(id);
            Ok(pull::on_history(services, message).boxed().await?)
        }
        (QueueName::Reconcile, reconcile::RECONCILE) => {
            let message: ReconcileMessage = body(envelope, reconcile::VERSION)?;
            Ok(reconcile::on_message(services, &message).boxed().await?)
        }
        (QueueName::Relay, RELAY) => {
            let serde::de::IgnoredAny = body(envelope, RELAY_VERSION)?;
            journal::relay(services, &subscription).boxed().await?;
            Ok(())
        }
        (QueueName::Pull | QueueName::Reconcile | QueueName::Retention, planner::RUN) => {
            let message: RunMessage = body(envelope, planner::VERSION)?;
            Ok(planner::run(services, &subscription, &message.run)
                .boxed()
                .await?)
        }
        (QueueName::Retention, retention::SWEEP) => {
            let serde::de::IgnoredAny = body(envelope, retention::VERSION)?;
            retention::sweep(services, &subscription).boxed().await?;
            Ok(())
        }
        (QueueName::Retention, retention::ERASE) => {
            let message: EraseMessage = body(envelope, retention::VERSION)?;
            retention::erase_asked(services, &subscription, &message)
                .boxed()
                .await?;
            Ok(())
        }
        (QueueName::Mail, planner::MAIL_FAILING) => {
            let message: RunMessage = body(envelope, planner::VERSION)?;
            Ok(
                planner::send_failing_mail(services, &subscription, &message.run)
                    .boxed()
                    .await?,
            )
        }
        _ => Err(JobError::UnknownKind {
            kind: envelope.kind,
            queue,
        }),
    }
}

/// The run that a message goes on with, as its body names it; `None` where it names none. Two messages of one run ask for the
/// same work, and are not to be worked on at the same time.
pub fn run_of(envelope: &Envelope) -> Option<&str> {
    envelope.body.get("run").and_then(serde_json::Value::as_str)
}

/// Asks for the outbox of a warehouse to be relayed. Losing the message loses nothing: [`housekeep`] relays them all.
pub async fn request_relay(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<(), QueueError> {
    let envelope = Envelope {
        version: RELAY_VERSION,
        kind: RELAY.to_owned(),
        subscription: subscription.clone(),
        body: serde_json::json!({}),
    };
    services
        .queue
        .send(QueueName::Relay, envelope, std::time::Duration::ZERO, None)
        .await
}

/// Hands a message that was put aside back to its queue, with its entry in the journal; `false` when there is none.
pub async fn replay(
    services: &Services,
    queue: QueueName,
    subscription: &SubscriptionId,
    message: &str,
    by: &Actor,
) -> Result<bool, JobError> {
    let details = serde_json::json!({ "queue": queue.as_str(), "message": message });
    let now = services.clock.now();
    let mut entry = access::entry("work.replayed", details, by, now);
    entry.category = Category::Settings;
    let mut tx = services.control.begin().await.map_err(RelayError::from)?;
    let noted = tx.append_journal(subscription, &entry).await;
    noted.map_err(RelayError::from)?;
    let queue = services.queue.replay(queue, subscription, message);
    let handed_back = queue.await.map_err(RelayError::from)?;
    if handed_back {
        tx.commit().await.map_err(RelayError::from)?;
    }
    Ok(handed_back)
}

/// Tells the journal of the subscription that a message is put aside, with the whole reason. Told again for the same
/// message and attempt it is noted once.
pub async fn tell_put_aside(
    services: &Services,
    queue: QueueName,
    subscription: &SubscriptionId,
    kind: &str,
    message: &str,
    attempt: u32,
    reason: &str,
) -> Result<(), ControlError> {
    /// The longest reason that is kept, in characters.
    const MAX_REASON: usize = 2_000;
    let entry = NewEntry {
        at: services.clock.now(),
        category: Category::Problem,
        severity: Severity::Error,
        source_id: None,
        actor: Actor::System,
        code: "work.put-aside".to_owned(),
        counts: BTreeMap::from([("attempts".to_owned(), i64::from(attempt))]),
        details: serde_json::json!({
            "queue": queue.as_str(),
            "kind": kind,
            "message": message,
            "error": reason.chars().take(MAX_REASON).collect::<String>(),
        }),
        dedupe_key: format!("work.put-aside:{message}:{attempt}"),
    };
    let mut tx = services.control.begin().await?;
    tx.append_journal(subscription, &entry).await?;
    tx.commit().await
}

/// Reads the body of a message of the version that is known. Whoever makes a version 2 of a kind reads version 1 here too:
/// messages of it are in queues when the new program comes, and a test holds every kind against the messages in
/// `jobs/kept`, as they were written once.
fn body<T: DeserializeOwned>(envelope: Envelope, known: u16) -> Result<T, JobError> {
    let Envelope {
        version,
        kind,
        body,
        ..
    } = envelope;
    if version > known {
        return Err(JobError::NewerVersion { kind, version });
    }
    if version != known {
        return Err(JobError::UnknownVersion { kind, version });
    }
    serde_json::from_value(body).map_err(|source| JobError::Malformed { kind, source })
}

/// What a panic said, where it said anything.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

mod batch;
mod runs;

pub(crate) use runs::Runs;

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use wynos::{
    jobs,
    ports::{Disposition, Envelope, QueueError, QueueName, Received},
    services::Services,
};

use runs::Found;

/// How long a message stays hidden without a sign of life from its worker.
const VISIBILITY: Duration = Duration::from_secs(60);
/// How often a worker says that it is still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How long an idle worker waits before it looks again.
const IDLE: Duration = Duration::from_millis(250);
/// How long work may go on after the stop was asked for; what is not done by then is handed back.
const GRACE: Duration = Duration::from_secs(20);
/// Deliveries after which a message that keeps failing is put aside: some three hours, which outlast a database that is
/// away for a while. Only a person brings back what was put aside.
const MAX_ATTEMPTS: u32 = 40;
/// How long a message waits that should have been put aside and could not be.
const LATER: Duration = Duration::from_secs(300);

/// Works off one queue until the stop is asked for.
///
/// Failure contract: a message is acknowledged only after its work is done; work that failed is retried with growing
/// delays, or put aside with its reason where a retry cannot help; a message in hand at the stop is finished or handed
/// back. Idempotency is the job's, by the id in its body. Workers of one queue share the runs that they have in hand.
pub(crate) async fn work(
    services: Services,
    queue: QueueName,
    runs: Runs,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        let at_once = jobs::batch_size(queue);
        match services.queue.receive(queue, at_once, VISIBILITY).await {
            Ok(received) if received.is_empty() => idle(&stop).await,
            Ok(received) if at_once > 1 => batch::handle(&services, queue, received, &stop).await,
            Ok(received) => {
                for message in received {
                    handle_alone(&services, queue, message, &runs, &stop).await;
                }
            }
            Err(failure) => {
                error!(queue = %queue, error = ?failure, "the queue gives no messages");
                idle(&stop).await;
            }
        }
    }
}

async fn idle(stop: &CancellationToken) {
    let _ = tokio::time::timeout(IDLE, stop.cancelled()).await;
}

/// Handles a message, unless a neighbour has its run in hand: then it comes again later, each time after longer.
async fn handle_alone(
    services: &Services,
    queue: QueueName,
    message: Received,
    runs: &Runs,
    stop: &CancellationToken,
) {
    let Found::Free(_held) = runs.take(&message.envelope) else {
        let (delay, receipt) = (delay_before(message.attempt), &message.receipt);
        info!(queue = %queue, message_id = message.id, retry_in_ms = delay.as_millis(), "its run is in hand");
        if let Err(failure) = services.queue.release(queue, receipt, delay).await {
            error!(queue = %queue, message_id = message.id, error = ?failure, "the message could not be settled");
        }
        return;
    };
    handle(services, queue, message, stop).await;
}

async fn handle(
    services: &Services,
    queue: QueueName,
    message: Received,
    stop: &CancellationToken,
) {
    let receipt = message.receipt.clone();
    let (id, attempt, kind) = (
        message.id.clone(),
        message.attempt,
        message.envelope.kind.clone(),
    );
    let envelope = message.envelope.clone();
    if attempt > MAX_ATTEMPTS {
        // A message that was begun so often and never came to an outcome ended the process each time, and would again.
        error!(queue = %queue, message_id = id, kind, attempt, "begun too often without an end, put aside");
        let reason = unfinished(attempt);
        if let Err(failure) = put_aside(services, queue, &receipt, Some(envelope), reason).await {
            error!(queue = %queue, message_id = id, kind, error = ?failure, "the message could not be settled");
        }
        return;
    }
    let work = jobs::run(services, queue, message);
    let settled = tokio::select! {
        outcome = work => settle(services, queue, &receipt, attempt, outcome, &id, &kind, Some(envelope)).await,
        () = keep_hidden(services, queue, &receipt) => Ok(()),
        () = out_of_time(stop) => {
            warn!(queue = %queue, message_id = id, kind, "handed back at the stop");
            services.queue.release(queue, &receipt, Duration::ZERO).await
        }
    };
    if let Err(failure) = settled {
        // The message comes again when its visibility time-out passes; the job converges when it is done twice.
        error!(queue = %queue, message_id = id, kind, error = ?failure, "the message could not be settled");
    }
}

/// Why a message is put aside that was begun and never came to an outcome.
fn unfinished(attempt: u32) -> String {
    format!("begun {} times without an end", attempt - 1)
}

/// Keeps a message aside, once what it was about has failed with it; `None` where it is about nothing that anybody waits
/// for. When that cannot be noted now, the message comes again later.
async fn put_aside(
    services: &Services,
    queue: QueueName,
    receipt: &wynos::ports::Receipt,
    about: Option<Envelope>,
    reason: String,
) -> Result<(), QueueError> {
    if let Some(envelope) = about
        && let Err(failure) = jobs::give_up(services, queue, envelope).await
    {
        warn!(queue = %queue, reason = chain(&failure), "what a message was about cannot be given up yet");
        return services.queue.release(queue, receipt, LATER).await;
    }
    services.queue.park(queue, receipt, reason).await
}

#[expect(
    clippy::too_many_arguments,
    reason = "what is known of one message, taken apart by its callers"
)]
async fn settle(
    services: &Services,
    queue: QueueName,
    receipt: &wynos::ports::Receipt,
    attempt: u32,
    outcome: Result<(), jobs::JobError>,
    id: &str,
    kind: &str,
    about: Option<Envelope>,
) -> Result<(), QueueError> {
    let failure = match outcome {
        Ok(()) => {
            info!(queue = %queue, message_id = id, kind, attempt, "done");
            return services.queue.ack(queue, receipt).await;
        }
        Err(failure) => failure,
    };
    let reason = chain(&failure);
    match failure.disposition() {
        Disposition::Retry if attempt < MAX_ATTEMPTS => {
            let delay = delay_before(attempt);
            warn!(queue = %queue, message_id = id, kind, attempt, reason, retry_in_ms = delay.as_millis(), "failed, will be retried");
            services.queue.release(queue, receipt, delay).await
        }
        Disposition::Drop => {
            info!(queue = %queue, message_id = id, kind, attempt, reason, "pointless by now, dropped");
            services.queue.ack(queue, receipt).await
        }
        Disposition::Retry | Disposition::Park => {
            error!(queue = %queue, message_id = id, kind, attempt, reason, "failed, put aside");
            put_aside(services, queue, receipt, about, reason).await
        }
    }
}

/// 1 s, doubled at every attempt up to 5 minutes, with jitter.
fn delay_before(attempt: u32) -> Duration {
    let mut delays = ExponentialBuilder::default()
        .with_min_delay(Duration::from_secs(1))
        .with_max_delay(Duration::from_secs(300))
        .with_max_times(MAX_ATTEMPTS as usize)
        .with_jitter()
        .build();
    delays
        .nth(attempt.saturating_sub(1) as usize)
        .unwrap_or(Duration::from_secs(300))
}

/// Ends only when the message can no longer be kept hidden: somebody else has it by then.
async fn keep_hidden(services: &Services, queue: QueueName, receipt: &wynos::ports::Receipt) {
    loop {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        match services.queue.extend(queue, receipt, VISIBILITY).await {
            Ok(()) => {}
            Err(QueueError::ReceiptExpired) => return,
            Err(failure) => {
                warn!(queue = %queue, error = ?failure, "the message may come again: no sign of life was taken");
            }
        }
    }
}

async fn out_of_time(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

/// An error and what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        line.push_str(": ");
        line.push_str(&source.to_string());
        cause = source.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_stay_bounded() {
        for attempt in 1..=MAX_ATTEMPTS {
            let delay = delay_before(attempt);
            assert!(
                delay >= Duration::from_secs(1 << (attempt - 1).min(7)),
                "{attempt}: {delay:?}"
            );
            assert!(delay <= Duration::from_secs(600), "{attempt}: {delay:?}");
        }
    }

    async fn opened(folder: &std::path::Path) -> crate::assemble::Opened {
        let place = crate::args::Place {
            data_dir: Some(folder.join("data")),
            database_url: None,
            public_url: None,
            mail: crate::args::Mail {
                smtp_url: None,
                mail_from: "wynos@localhost".to_owned(),
            },
            #[cfg(feature = "aws")]
            cloud: crate::aws::Cloud::default(),
            vendor: crate::args::VendorAccess::default(),
        };
        crate::assemble::open(&place).await.unwrap()
    }

    /// Takes a message until it was taken too often, and handles it then.
    async fn take_too_often(services: &Services, queue: QueueName) {
        let receive = async |visibility| {
            let received = services.queue.receive(queue, 1, visibility);
            received.await.unwrap().remove(0)
        };
        for _ in 0..MAX_ATTEMPTS {
            receive(Duration::ZERO).await;
        }
        let message = receive(VISIBILITY).await;
        handle(services, queue, message, &CancellationToken::new()).await;
        let page = wynos::ports::ParkedPage {
            limit: 10,
            ..Default::default()
        };
        let parked = services.queue.parked(queue, page).await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0].reason, "begun 40 times without an end");
    }

    #[tokio::test]
    async fn a_message_that_never_ends_is_put_aside_unread() {
        let folder = tempfile::tempdir().unwrap();
        let opened = opened(folder.path()).await;
        let subscription = wynos::SubscriptionId::random();
        jobs::request_relay(&opened.services, &subscription)
            .await
            .unwrap();
        take_too_often(&opened.services, QueueName::Relay).await;
    }

    #[tokio::test]
    async fn a_build_that_is_put_aside_fails_its_delivery_and_is_mailed() {
        use wynos::{
            catalog::Locale,
            control::{
                Actor, DeliveryStatus, FileFormat, NewAccount, NewSubscription, Password, Plan,
            },
            delivery::{self, Order},
        };
        let folder = tempfile::tempdir().unwrap();
        let opened = opened(folder.path()).await;
        let services = &opened.services;
        let business = NewSubscription {
            name: "Serwis".to_owned(),
            plan: Plan::Standard,
            locale: Locale::Pl,
            time_zone: "Europe/Warsaw".to_owned(),
            country: "PL".to_owned(),
            currency: "PLN".to_owned(),
            placement: "default".to_owned(),
        };
        let owner = NewAccount {
            email: "ola@example.pl".to_owned(),
            name: "Ola".to_owned(),
            locale: Locale::Pl,
            password: Password::hash("dobre haslo 1").await.unwrap(),
        };
        let now = services.clock.now();
        let first = services.control.create_first_owner(&business, &owner, now);
        let first = first.await.unwrap();
        let shop = first.subscription.id;
        let order = Order::new(
            shop.clone(),
            Actor::Account(first.account.id),
            FileFormat::Xml,
        );
        let id = delivery::order(services, order).await.unwrap().id;
        let mut tx = services.control.begin().await.unwrap();
        tx.deliveries(&shop).start(&id, now).await.unwrap();
        tx.commit().await.unwrap();
        take_too_often(services, QueueName::Export).await;
        let failed = services.control.deliveries(&shop).get(&id).await.unwrap();
        assert_eq!(failed.status, DeliveryStatus::Failed);
        assert_eq!(failed.failure_code.as_deref(), Some("export.broken-off"));
        let mails = services.queue.receive(QueueName::Mail, 10, VISIBILITY);
        assert_eq!(mails.await.unwrap().len(), 1);
    }

    /// Messages of every kind as version 1 wrote them. They stay as they are: they are in queues when a new program comes.
    const KEPT: &str = include_str!("../../../shared/src/jobs/kept/1.json");

    #[tokio::test]
    async fn messages_of_every_version_that_ever_was_are_read_and_newer_ones_come_again() {
        use jobs::JobError;
        use wynos::yclients::hooks::IngestError;
        let folder = tempfile::tempdir().unwrap();
        let services = opened(folder.path()).await.services;
        let kept: Vec<serde_json::Value> = serde_json::from_str(KEPT).unwrap();
        assert!(kept.len() >= 19);
        for entry in kept {
            let envelope: Envelope = serde_json::from_value(entry["message"].clone()).unwrap();
            let queue = entry["queue"].as_str().unwrap();
            let queue = QueueName::ALL.into_iter().find(|one| one.as_str() == queue);
            let queue = queue.unwrap();
            let run = async |envelope: &Envelope| {
                let received = Received {
                    id: "kept".to_owned(),
                    receipt: wynos::ports::Receipt("kept".to_owned()),
                    attempt: 1,
                    envelope: envelope.clone(),
                };
                Box::pin(jobs::run(&services, queue, received)).await
            };
            // There is nothing that it is about, which is found out after it was read.
            let unread = matches!(
                run(&envelope).await,
                Err(JobError::UnknownKind { .. }
                    | JobError::UnknownVersion { .. }
                    | JobError::NewerVersion { .. }
                    | JobError::Malformed { .. }
                    | JobError::Panicked { .. }
                    | JobError::Ingest(IngestError::Unknown { .. } | IngestError::Malformed(_)))
            );
            assert!(!unread, "{entry}");
            let newer = Envelope {
                version: u16::MAX,
                ..envelope
            };
            let failure = run(&newer).await.unwrap_err();
            assert_eq!(failure.disposition(), Disposition::Retry, "{entry}");
        }
    }
}

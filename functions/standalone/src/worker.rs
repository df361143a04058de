mod batch;
mod runs;
#[cfg(test)]
mod tests;

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
/// Deliveries after which a message is done whose run a neighbour had in hand each time: some eight minutes, longer than a turn.
/// Whoever has the run goes on with it, or queues what goes on with it; should they be killed, their own message comes again,
/// and a run that nobody goes on with is found by time.
const MOST_WAITS: u32 = 10;
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

/// Handles a message, unless a neighbour has its run in hand.
async fn handle_alone(
    services: &Services,
    queue: QueueName,
    message: Received,
    runs: &Runs,
    stop: &CancellationToken,
) {
    match runs.take(&message.envelope) {
        Found::Free(_held) => handle(services, queue, message, stop).await,
        Found::Taken => pass_over(services, queue, &message).await,
    }
}

/// Has a message whose run is in hand come again later, each time after longer; not for ever: nothing is wrong with it, and
/// the run goes on without it.
async fn pass_over(services: &Services, queue: QueueName, message: &Received) {
    let (id, attempt, receipt) = (&message.id, message.attempt, &message.receipt);
    let settled = if attempt < MOST_WAITS {
        let delay = delay_before(attempt);
        info!(queue = %queue, message_id = id, attempt, retry_in_ms = delay.as_millis(), "its run is in hand");
        services.queue.release(queue, receipt, delay).await
    } else {
        info!(queue = %queue, message_id = id, attempt, "its run is in hand and goes on without it, dropped");
        services.queue.ack(queue, receipt).await
    };
    if let Err(failure) = settled {
        error!(queue = %queue, message_id = id, error = ?failure, "the message could not be settled");
    }
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

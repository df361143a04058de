use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use backon::{BackoffBuilder, ExponentialBuilder};
use tracing::{error, info, warn};
use wynos::{
    jobs,
    ports::{Disposition, Envelope, Queue as _, QueueName, Receipt},
    services::Services,
};

use super::{Failure, Owner, adopt, attempt_of, release, source_of};
use crate::{
    Function,
    metrics::{self, Figure},
};

/// The kind that figures of messages are told under which nobody could read yet.
const UNBEGUN: &str = "unbegun";

/// The longest pause before a message comes again.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What came of a message's work.
#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    Failed(Failure),
    /// The time ended in it, but it came further and goes on in another message.
    Continued,
    OutOfTime,
    /// It was taken up as often as it may be and never came to an outcome: it killed its process, or would kill this one.
    Endless,
}

/// A message whose work came to an outcome.
pub(super) struct Settling<'a> {
    pub(super) function: &'a Function,
    pub(super) services: &'a Services,
    pub(super) kind: &'a str,
    pub(super) envelope: Option<&'a Envelope>,
    pub(super) owner: Owner,
    pub(super) message: &'a SqsMessage,
    pub(super) body: &'a str,
}

impl Settling<'_> {
    /// Does what the outcome asks for; whether Lambda may delete the message, and what to count.
    pub(super) async fn settle(self, outcome: Outcome) -> (bool, Figure) {
        let (id, attempt) = (self.id(), attempt_of(self.message));
        let tries = self.function.config.tries();
        let failure = match outcome {
            Outcome::Done => {
                info!(message_id = id, kind = self.kind, attempt, "done");
                if attempt > 1 {
                    // A neighbour may end the process before Lambda has the answer.
                    self.forget().await;
                }
                return (true, Figure::Done);
            }
            Outcome::Continued => {
                info!(
                    message_id = id,
                    kind = self.kind,
                    attempt,
                    "goes on in another message"
                );
                return (true, Figure::Continued);
            }
            Outcome::OutOfTime => {
                warn!(
                    message_id = id,
                    kind = self.kind,
                    attempt,
                    "handed back: the time ended"
                );
                if attempt < tries {
                    self.again(Duration::ZERO).await;
                    return (false, Figure::OutOfTime);
                }
                Failure {
                    disposition: Disposition::Retry,
                    reason: format!("begun {attempt} times and never done in time"),
                }
            }
            Outcome::Endless => Failure {
                disposition: Disposition::Park,
                reason: format!(
                    "delivered {} times and never brought to an end",
                    attempt - 1
                ),
            },
            Outcome::Failed(failure) => failure,
        };
        let reason = &failure.reason;
        match failure.disposition {
            Disposition::Drop => {
                info!(
                    message_id = id,
                    kind = self.kind,
                    reason,
                    "pointless by now, dropped"
                );
                (true, Figure::Done)
            }
            Disposition::Retry if attempt < tries => {
                let pause = pause_before(attempt, self.function.config.retry);
                warn!(
                    message_id = id,
                    kind = self.kind,
                    attempt,
                    reason,
                    retry_in_ms = pause.as_millis(),
                    "failed, will be retried"
                );
                self.again(pause).await;
                (false, Figure::Retried)
            }
            Disposition::Retry | Disposition::Park => {
                error!(
                    message_id = id,
                    kind = self.kind,
                    attempt,
                    reason,
                    "failed, put aside"
                );
                self.put_aside(attempt, &failure.reason).await;
                (false, Figure::PutAside)
            }
        }
    }

    fn id(&self) -> &str {
        self.message.message_id.as_deref().unwrap_or_default()
    }

    async fn again(&self, pause: Duration) {
        if let Some(queue) = queue_of(self.function, self.message) {
            release(self.function, queue, self.message, pause).await;
        }
    }

    async fn forget(&self) {
        let (Some(queue), Some(receipt)) = (
            queue_of(self.function, self.message),
            self.message.receipt_handle.clone(),
        ) else {
            return;
        };
        if let Err(failure) = self.function.queue.ack(queue, &Receipt(receipt)).await {
            warn!(message_id = self.id(), error = ?failure, "a message that is done could not be deleted yet");
        }
    }

    /// Tells the journal first: what is in the dead-letter queue was told of. Where the journal cannot be told the message comes
    /// again, but for its last delivery, after which SQS would move it without a word.
    async fn put_aside(self, attempt: u32, reason: &str) {
        let Some(queue) = queue_of(self.function, self.message) else {
            return;
        };
        if let Some(envelope) = self.envelope {
            let given_up = jobs::give_up(self.services, queue, envelope.clone());
            if let Err(failure) = given_up.await {
                // It comes again: nobody must wait for what is put aside.
                warn!(
                    message_id = self.id(),
                    reason = failure.reason(),
                    "what a message was about cannot be given up yet"
                );
                return;
            }
        }
        let id = self.message.message_id.as_deref().unwrap_or_default();
        if let Some(owner) = self.owner.await {
            let told =
                jobs::tell_put_aside(self.services, queue, &owner, self.kind, id, attempt, reason);
            if let Err(failure) = told.await {
                error!(message_id = id, error = ?failure, "the journal could not be told");
                if attempt < self.function.config.max_receives {
                    return;
                }
            }
        }
        let Some(receipt) = adopt(self.function, queue, self.message, self.body) else {
            return;
        };
        let parked = self.function.queue.park(queue, &receipt, reason.to_owned());
        if let Err(failure) = parked.await {
            error!(message_id = id, error = ?failure, "the message could not be put aside");
        }
    }
}

/// A message that nobody could work on, because what work needs is not there: it is counted as any other that comes again, since
/// SQS leaves such out of the age of its oldest message soon.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
pub(super) async fn hand_back(function: &Function, message: &SqsMessage, id: &str, reason: &str) {
    let attempt = attempt_of(message);
    let pause = pause_before(attempt, function.config.retry);
    error!(
        message_id = id,
        attempt, reason, "nothing could be begun, will be retried"
    );
    metrics::emit(
        function.name,
        UNBEGUN,
        function.clock.now(),
        &[(Figure::Retried, 1)],
    );
    // At its last attempt SQS itself moves it: there is nobody who could tell the journal.
    if let Some(queue) = queue_of(function, message) {
        release(function, queue, message, pause).await;
    }
}

fn queue_of(function: &Function, message: &SqsMessage) -> Option<QueueName> {
    function.config.queue_named(source_of(message)?)
}

/// The first pause, doubled at every attempt up to a quarter of an hour, with jitter.
fn pause_before(attempt: u32, first: Duration) -> Duration {
    let mut pauses = ExponentialBuilder::default()
        .with_min_delay(first)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter()
        .build();
    pauses
        .nth(attempt.saturating_sub(1).min(30) as usize)
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for attempt in 1..=60 {
            let pause = pause_before(attempt, Duration::from_secs(5));
            let least = Duration::from_secs(5 << (attempt - 1).min(7));
            assert!(
                pause >= least && pause <= LONGEST_PAUSE,
                "{attempt}: {pause:?}"
            );
        }
    }

    #[test]
    fn retries_last_for_hours() {
        let all: Duration = (1..20)
            .map(|attempt| pause_before(attempt, Duration::from_secs(5)))
            .sum();
        assert!(all > Duration::from_secs(2 * 3_600), "{all:?}");
    }
}

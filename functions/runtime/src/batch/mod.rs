//! A batch of messages, from the event that Lambda gives to the answer that it takes.
//!
//! Failure contract: the answer names exactly the messages whose work is not done; the others are deleted by Lambda. A
//! message that failed comes again after a growing pause. One that no retry can help, or whose last attempt this was, is
//! put aside with its whole reason, which the subscription's journal gets too. No message costs its neighbours anything:
//! not when it is no JSON, not when its work panics, not when the time ends in it, not when it kills the process. That one
//! comes again until it was begun as often as [`crate::Config::tries`] says, is not begun any more, and is put aside like
//! any other; its neighbours are done one by one from the second delivery on, in another order each time.

mod came;
mod event;
mod settle;
mod together;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::AssertUnwindSafe,
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use chrono::{DateTime, Utc};
use futures::{
    FutureExt,
    future::{LocalBoxFuture, ready},
};
use tracing::{error, warn};
use wynos::{
    SubscriptionId,
    jobs::{self, JobError},
    ports::{Disposition, Envelope, Queue as _, QueueName, Receipt, Received},
    services::Services,
};

use crate::{Function, Worker, metrics};
use came::Came;
use event::{attempt_of, sent_at_of, source_of};
use settle::Outcome;
use together::Together;

/// Why a message's work was not done, and what is to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whether trying again may help.
    pub disposition: Disposition,
    /// Everything that is known of it, ids only.
    pub reason: String,
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self {
            disposition: error.disposition(),
            reason: error.reason(),
        }
    }
}

/// Work that was read from a message. A function has one thread, so it need not travel between threads.
pub type Doing = LocalBoxFuture<'static, Result<(), Failure>>;

/// Whose message it is, asked only when it is put aside.
pub type Owner = LocalBoxFuture<'static, Option<SubscriptionId>>;

/// A message that is no envelope of ours.
pub struct Stranger {
    /// For the log, for figures and for the journal.
    pub kind: &'static str,
    /// Whose journal is told when it is put aside, where that can be known.
    pub owner: Owner,
    /// What follows from it.
    pub doing: Doing,
}

/// Reads what is no envelope of ours, such as notifications of S3 and SES; `None` is for what it does not know either.
pub type Foreign = fn(Services, &str) -> Option<Stranger>;

/// For functions whose queues carry nothing but envelopes.
pub fn nothing_foreign(_: Services, _: &str) -> Option<Stranger> {
    None
}

/// Works off a batch until `last_moment`; what is not done by then is handed back.
pub async fn work(
    worker: &Worker,
    foreign: Foreign,
    event: SqsEvent,
    last_moment: DateTime<Utc>,
) -> SqsBatchResponse {
    let function = &worker.function;
    let services = worker.services().await;
    let mut response = SqsBatchResponse::default();
    let mut together = Together::default();
    let mut alone = Vec::new();
    for message in event.records {
        if message.message_id.is_none() {
            // An empty id in the answer would fail the whole batch.
            error!(
                function = function.name,
                "a message without an id cannot be settled"
            );
            continue;
        }
        alone.extend(together.take(function, message));
    }
    match services {
        Ok(services) => {
            let services = &services;
            for id in together.work(function, services, last_moment).await {
                response.add_failure(id);
            }
            alone.sort_by_key(turn);
            for message in alone {
                let id = message.message_id.clone().unwrap_or_default();
                if !one(function, services, foreign, message, last_moment).await {
                    response.add_failure(id);
                }
            }
        }
        Err(failure) => {
            let reason = format!("{failure:#}");
            for message in together.given_back().chain(alone) {
                let id = message.message_id.clone().unwrap_or_default();
                settle::hand_back(function, &message, &id, &reason).await;
                response.add_failure(id);
            }
        }
    }
    metrics::emit_tallies(function.name, function.clock.now());
    response
}

/// A message's place among its neighbours, another one at each delivery: whom one that kills the process kept from their
/// turn are before it another time.
fn turn(message: &SqsMessage) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.message_id.hash(&mut hasher);
    attempt_of(message).hash(&mut hasher);
    hasher.finish()
}

/// Does one message; whether Lambda may delete it.
async fn one(
    function: &Function,
    services: &Services,
    foreign: Foreign,
    message: SqsMessage,
    last_moment: DateTime<Utc>,
) -> bool {
    let body = message.body.clone().unwrap_or_default();
    let envelope = serde_json::from_str::<Envelope>(&body);
    let work = Work::of(function, services, foreign, &message, &body, envelope);
    let came = Came::of(services, work.queue, work.envelope.as_ref()).await;
    let began = function.clock.now();
    let left = (last_moment - began).to_std().unwrap_or_default();
    let attempt = attempt_of(&message);
    let outcome = if attempt > function.config.tries() {
        Outcome::Endless
    } else if left.is_zero() {
        Outcome::OutOfTime
    } else {
        match run(work.doing, left).await {
            Outcome::OutOfTime if came.goes_on(function, services).await => Outcome::Continued,
            outcome => outcome,
        }
    };
    let spent = function.clock.now() - began;
    let lag = sent_at_of(&message).map(|sent| began - sent);
    let messages = settle::Settling {
        function,
        services,
        kind: &work.kind,
        envelope: work.envelope.as_ref(),
        owner: work.owner,
        message: &message,
        body: &body,
    };
    let (done, figure) = messages.settle(outcome).await;
    let mut figures = vec![
        (figure, 1),
        (metrics::Figure::Duration, spent.num_milliseconds()),
    ];
    figures.extend(lag.map(|lag| (metrics::Figure::Lag, lag.num_milliseconds())));
    metrics::emit(function.name, &work.kind, function.clock.now(), &figures);
    done
}

/// A message's work.
struct Work {
    kind: String,
    queue: Option<QueueName>,
    envelope: Option<Envelope>,
    owner: Owner,
    doing: Doing,
}

impl Work {
    fn of(
        function: &Function,
        services: &Services,
        foreign: Foreign,
        message: &SqsMessage,
        body: &str,
        envelope: serde_json::Result<Envelope>,
    ) -> Self {
        let queue = source_of(message).and_then(|name| function.config.queue_named(name));
        match (envelope, queue) {
            (Ok(envelope), Some(queue)) => {
                let received = Received {
                    id: message.message_id.clone().unwrap_or_default(),
                    receipt: Receipt(message.receipt_handle.clone().unwrap_or_default()),
                    attempt: attempt_of(message),
                    envelope: envelope.clone(),
                };
                Self {
                    kind: envelope.kind.clone(),
                    queue: Some(queue),
                    owner: known(envelope.subscription.clone()),
                    envelope: Some(envelope),
                    doing: Self::job(services.clone(), queue, received),
                }
            }
            (Ok(envelope), None) => Self {
                kind: envelope.kind,
                queue: None,
                envelope: None,
                owner: known(envelope.subscription),
                doing: refused(
                    Disposition::Retry,
                    "this function was not told which of its queues it came from".to_owned(),
                ),
            },
            (Err(error), _) => match foreign(services.clone(), body) {
                Some(stranger) => Self {
                    kind: stranger.kind.to_owned(),
                    queue: None,
                    envelope: None,
                    owner: stranger.owner,
                    doing: stranger.doing,
                },
                None => Self {
                    kind: "unreadable".to_owned(),
                    queue: None,
                    envelope: None,
                    owner: ready(None).boxed_local(),
                    doing: refused(
                        Disposition::Park,
                        format!("the message cannot be read: {error}"),
                    ),
                },
            },
        }
    }

    fn job(services: Services, queue: QueueName, received: Received) -> Doing {
        async move { Ok(jobs::run(&services, queue, received).await?) }.boxed_local()
    }
}

fn known(subscription: SubscriptionId) -> Owner {
    ready(Some(subscription)).boxed_local()
}

fn refused(disposition: Disposition, reason: String) -> Doing {
    ready(Err(Failure {
        disposition,
        reason,
    }))
    .boxed_local()
}

async fn run(doing: Doing, left: Duration) -> Outcome {
    let guarded = AssertUnwindSafe(doing).catch_unwind();
    match tokio::time::timeout(left, guarded).await {
        Ok(Ok(Ok(()))) => Outcome::Done,
        Ok(Ok(Err(failure))) => Outcome::Failed(failure),
        Ok(Err(_)) => {
            warn!("the work of a message ended with a panic");
            Outcome::Failed(Failure {
                disposition: Disposition::Park,
                reason: "the work ended with a panic".to_owned(),
            })
        }
        Err(_) => Outcome::OutOfTime,
    }
}

/// Whether the queue still knows the message, so that it can be settled.
fn adopt(
    function: &Function,
    queue: QueueName,
    message: &SqsMessage,
    body: &str,
) -> Option<Receipt> {
    let receipt = Receipt(message.receipt_handle.clone()?);
    function.queue.adopt(
        queue,
        &receipt,
        message.message_id.as_deref().unwrap_or_default(),
        attempt_of(message),
        body,
    );
    Some(receipt)
}

/// Gives a message back to its queue, to come again after the pause.
async fn release(function: &Function, queue: QueueName, message: &SqsMessage, delay: Duration) {
    let Some(receipt) = message.receipt_handle.clone().map(Receipt) else {
        return;
    };
    if let Err(failure) = function.queue.release(queue, &receipt, delay).await {
        // It comes again when its visibility time-out passes.
        warn!(queue = %queue, error = ?failure, "the pause before a retry could not be set");
    }
}

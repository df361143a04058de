//! Many messages of a queue at once, where what they ask for is cheaper done together.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    Duration, QueueError, QueueName, Received, SIGN_OF_LIFE, Services, VISIBILITY, out_of_time,
    settle,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};
use wynos::{
    jobs::{self, JobError},
    ports::Receipt,
};

/// What is known of a message beside its content.
struct InHand {
    receipt: Receipt,
    attempt: u32,
    kind: String,
}

/// Works off these messages and settles each by its own outcome: those that come for the first time together, others one
/// by one, because one of them may be what their batch failed by.
pub(super) async fn handle(
    services: &Services,
    queue: QueueName,
    received: Vec<Received>,
    stop: &CancellationToken,
) {
    let (first, again): (Vec<_>, Vec<_>) = received
        .into_iter()
        .partition(|message| message.attempt == 1);
    let receipts: Vec<Receipt> = again.iter().map(|one| one.receipt.clone()).collect();
    tokio::select! {
        () = async {
            if !first.is_empty() {
                together(services, queue, first, stop).await;
            }
            for message in in_turn(again) {
                if stop.is_cancelled() {
                    let back = services.queue.release(queue, &message.receipt, Duration::ZERO);
                    told(queue, back.await);
                } else {
                    super::handle(services, queue, message, stop).await;
                }
            }
        } => {}
        () = keep_hidden(services, queue, &receipts), if !receipts.is_empty() => {}
    }
}

/// Another order at each delivery: whom one that ends the process kept from their turn are before it another time.
fn in_turn(mut messages: Vec<Received>) -> Vec<Received> {
    messages.sort_by_key(|message| {
        let mut hasher = DefaultHasher::new();
        (&message.id, message.attempt).hash(&mut hasher);
        hasher.finish()
    });
    messages
}

async fn together(
    services: &Services,
    queue: QueueName,
    received: Vec<Received>,
    stop: &CancellationToken,
) {
    let mut in_hand = HashMap::with_capacity(received.len());
    let mut work = Vec::with_capacity(received.len());
    for message in received {
        let (id, kind) = (message.id.clone(), message.envelope.kind.clone());
        let (receipt, attempt) = (message.receipt.clone(), message.attempt);
        in_hand.insert(
            id,
            InHand {
                receipt,
                attempt,
                kind,
            },
        );
        work.push(message);
    }
    let receipts: Vec<Receipt> = in_hand.values().map(|one| one.receipt.clone()).collect();
    let work = Box::pin(jobs::run_batch(services, queue, work));
    tokio::select! {
        outcomes = work => settle_all(services, queue, in_hand, outcomes).await,
        () = keep_hidden(services, queue, &receipts) => {}
        () = out_of_time(stop) => {
            warn!(queue = %queue, messages = receipts.len(), "handed back at the stop");
            for receipt in &receipts {
                let released = services.queue.release(queue, receipt, Duration::ZERO).await;
                told(queue, released);
            }
        }
    }
}

/// What is done goes all at once; the rest one by one.
async fn settle_all(
    services: &Services,
    queue: QueueName,
    mut in_hand: HashMap<String, InHand>,
    outcomes: Vec<(String, Result<(), JobError>)>,
) {
    let mut done = Vec::with_capacity(outcomes.len());
    for (id, outcome) in outcomes {
        let Some(message) = in_hand.remove(&id) else {
            continue;
        };
        match outcome {
            Ok(()) => done.push(message.receipt),
            Err(failure) => {
                let InHand {
                    receipt,
                    attempt,
                    kind,
                } = message;
                let failed = Err(failure);
                // Events are about nothing that waits for them.
                let settled = settle(services, queue, &receipt, attempt, failed, &id, &kind, None);
                told(queue, settled.await);
            }
        }
    }
    debug!(queue = %queue, messages = done.len(), "done");
    told(queue, services.queue.ack_batch(queue, done).await);
}

/// Messages that could not be settled come again when their visibility time-out passes; the work converges when it is
/// done twice.
fn told(queue: QueueName, settled: Result<(), QueueError>) {
    if let Err(failure) = settled {
        error!(queue = %queue, error = ?failure, "messages could not be settled");
    }
}

/// Says again and again that these are worked on. Those that somebody else has by now are passed over.
async fn keep_hidden(services: &Services, queue: QueueName, receipts: &[Receipt]) {
    loop {
        tokio::time::sleep(SIGN_OF_LIFE).await;
        let extended = services
            .queue
            .extend_batch(queue, receipts.to_vec(), VISIBILITY);
        if let Err(failure) = extended.await {
            warn!(queue = %queue, error = ?failure, "messages may come again: no sign of life was taken");
        }
    }
}

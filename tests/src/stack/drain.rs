use std::{collections::BTreeMap, time::Duration};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use wynos::{
    jobs::{self, JobError},
    ports::{Disposition, Envelope, QueueName, Receipt, Received},
    services::Services,
};

use super::Stack;

/// How long a message stays hidden from other workers.
const VISIBILITY: Duration = Duration::from_secs(60);
/// How long a message that failed waits.
const DELAY: Duration = Duration::from_secs(30);
/// Past both, on the clock of the stack.
const A_WHILE: TimeDelta = TimeDelta::seconds(61);
/// Deliveries after which a message that keeps failing is put aside, as the server does.
const MAX_ATTEMPTS: u32 = 40;
/// Looks at all queues; no scenario comes near.
const MAX_ROUNDS: u32 = 200;

impl Stack {
    /// Works off all queues as the server's workers do, and its housekeeping, until nothing is left that could come
    /// again. It does not sleep: the clock is moved past time-outs and delays.
    pub async fn drain(&self) -> Result<()> {
        let mut quiet = 0;
        for _ in 0..MAX_ROUNDS {
            if self.round().await? {
                quiet = 0;
                continue;
            }
            quiet += 1;
            if quiet > 1 {
                return Ok(());
            }
            self.clock.advance(A_WHILE);
            let kept = jobs::housekeep(&self.services()).await;
            if kept.is_err() || self.faults.is_dead() {
                quiet = 0;
            }
            self.revive().await?;
        }
        bail!("the queues are not empty after {MAX_ROUNDS} rounds");
    }

    /// Does one message of every queue; whether there was one, or anything that failed.
    async fn round(&self) -> Result<bool> {
        let mut busy = false;
        for queue in QueueName::ALL {
            let received = self.services().queue.receive(queue, 1, VISIBILITY).await;
            busy |= !matches!(&received, Ok(none) if none.is_empty());
            for message in received.unwrap_or_default() {
                work(&self.services(), queue, message, || self.faults.is_dead()).await;
            }
            self.revive().await?;
        }
        Ok(busy)
    }
}

/// Works off all queues of services whose clock can be moved, as [`Stack::drain`] does where nothing fails.
pub async fn drained(services: &Services) -> Result<()> {
    let mut quiet = 0;
    for _ in 0..MAX_ROUNDS {
        let mut busy = false;
        for queue in QueueName::ALL {
            let at_once = jobs::batch_size(queue);
            let received = services.queue.receive(queue, at_once, VISIBILITY).await?;
            busy |= !received.is_empty();
            together(services, queue, received).await;
        }
        if busy {
            quiet = 0;
            continue;
        }
        quiet += 1;
        if quiet > 1 {
            return Ok(());
        }
        services.clock.advance(A_WHILE);
        jobs::housekeep(services).await?;
    }
    bail!("the queues are not empty after {MAX_ROUNDS} rounds");
}

/// Does what messages ask for together, as the server does, and settles each.
async fn together(services: &Services, queue: QueueName, received: Vec<Received>) {
    let mut taken: BTreeMap<String, Taken> = received
        .iter()
        .map(|message| (message.id.clone(), Taken::of(message)))
        .collect();
    for (id, outcome) in jobs::run_batch(services, queue, received).await {
        if let Some(taken) = taken.remove(&id) {
            taken.settle(services, queue, outcome).await;
        }
    }
}

/// Does what a message asks for and settles it, unless the process has ended meanwhile.
async fn work(
    services: &Services,
    queue: QueueName,
    message: Received,
    has_ended: impl Fn() -> bool,
) {
    let taken = Taken::of(&message);
    let outcome = jobs::run(services, queue, message).await;
    if !has_ended() {
        taken.settle(services, queue, outcome).await;
    }
}

/// A message that is worked on.
struct Taken {
    receipt: Receipt,
    attempt: u32,
    envelope: Envelope,
}

impl Taken {
    fn of(message: &Received) -> Self {
        Self {
            receipt: message.receipt.clone(),
            attempt: message.attempt,
            envelope: message.envelope.clone(),
        }
    }

    /// A message that cannot be settled comes again when its time-out has passed.
    async fn settle(self, services: &Services, queue: QueueName, outcome: Result<(), JobError>) {
        let receipt = &self.receipt;
        let disposition = outcome.as_ref().err().map(JobError::disposition);
        let _ = match (disposition, outcome) {
            (None | Some(Disposition::Drop), _) => services.queue.ack(queue, receipt).await,
            (Some(Disposition::Retry), _) if self.attempt < MAX_ATTEMPTS => {
                services.queue.release(queue, receipt, DELAY).await
            }
            (Some(_), outcome) => {
                let reason = outcome.err().map(|error| error.reason());
                let reason = reason.unwrap_or_default();
                match jobs::give_up(services, queue, self.envelope).await {
                    Ok(()) => services.queue.park(queue, receipt, reason).await,
                    Err(_) => services.queue.release(queue, receipt, DELAY).await,
                }
            }
        };
    }
}

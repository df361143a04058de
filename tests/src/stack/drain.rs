use std::time::Duration;

use anyhow::{Result, bail};
use chrono::TimeDelta;
use wynos::{
    jobs,
    ports::{Disposition, QueueName, Received},
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
            for message in received {
                work(services, queue, message, || false).await;
            }
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

/// Does what a message asks for and settles it, unless the process has ended meanwhile.
async fn work(
    services: &Services,
    queue: QueueName,
    message: Received,
    has_ended: impl Fn() -> bool,
) {
    let (receipt, attempt) = (message.receipt.clone(), message.attempt);
    let envelope = message.envelope.clone();
    let outcome = jobs::run(services, queue, message).await;
    if has_ended() {
        return;
    }
    let disposition = outcome.as_ref().err().map(jobs::JobError::disposition);
    // A message that cannot be settled comes again when its time-out has passed.
    let _ = match (disposition, outcome) {
        (None | Some(Disposition::Drop), _) => services.queue.ack(queue, &receipt).await,
        (Some(Disposition::Retry), _) if attempt < MAX_ATTEMPTS => {
            services.queue.release(queue, &receipt, DELAY).await
        }
        (Some(_), outcome) => {
            let reason = outcome.err().map(|error| error.reason());
            let reason = reason.unwrap_or_default();
            match jobs::give_up(services, queue, envelope).await {
                Ok(()) => services.queue.park(queue, &receipt, reason).await,
                Err(_) => services.queue.release(queue, &receipt, DELAY).await,
            }
        }
    };
}

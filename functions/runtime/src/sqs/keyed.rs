use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use tracing::warn;
use wynos::{
    SubscriptionId,
    control::{Control, ControlError},
    ports::{Clock, Envelope, Parked, ParkedPage, Queue, QueueError, QueueName, Receipt, Received},
};

use super::SqsQueue;

/// Queues of SQS whose dedupe keys are known to every process, because the shared database keeps them: SQS remembers none,
/// and what asks again and again for a step that was lost would double one that is only slow.
///
/// A key is noted once its message is durable. Where the database cannot be asked the message is sent: a double costs work,
/// a lost one more.
#[derive(Debug, Clone)]
pub struct KeyedQueue {
    queue: SqsQueue,
    control: Control,
    clock: Clock,
}

impl KeyedQueue {
    /// These queues, with keys in that database.
    pub fn new(queue: SqsQueue, control: Control, clock: Clock) -> Self {
        Self {
            queue,
            control,
            clock,
        }
    }

    async fn is_known(&self, queue: QueueName, key: &str) -> bool {
        let known = self.control.was_sent(queue, key, self.clock.now()).await;
        known.unwrap_or_else(|error| {
            warn!(queue = %queue, error = ?error, "whether a message was sent before is not known");
            false
        })
    }

    async fn note(&self, queue: QueueName, key: &str) -> Result<(), ControlError> {
        let mut tx = self.control.begin().await?;
        tx.note_sent(queue, key, self.clock.now()).await?;
        tx.commit().await
    }
}

impl Queue for KeyedQueue {
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            let Some(key) = dedupe else {
                return self.queue.send(queue, envelope, delay, None).await;
            };
            if self.is_known(queue, &key).await {
                return Ok(());
            }
            self.queue.send(queue, envelope, delay, None).await?;
            if let Err(error) = self.note(queue, &key).await {
                warn!(queue = %queue, error = ?error, "a sent message could not be noted, it may be doubled");
            }
            Ok(())
        }
        .boxed()
    }

    fn send_batch<'a>(
        &'a self,
        queue: QueueName,
        envelopes: Vec<Envelope>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.queue.send_batch(queue, envelopes)
    }

    fn receive<'a>(
        &'a self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>> {
        self.queue.receive(queue, max, visibility)
    }

    fn extend<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.queue.extend(queue, receipt, visibility)
    }

    fn ack<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.queue.ack(queue, receipt)
    }

    fn release<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.queue.release(queue, receipt, delay)
    }

    fn park<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.queue.park(queue, receipt, reason)
    }

    fn parked<'a>(
        &'a self,
        queue: QueueName,
        page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>> {
        self.queue.parked(queue, page)
    }

    fn replay<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>> {
        self.queue.replay(queue, subscription, id)
    }
}

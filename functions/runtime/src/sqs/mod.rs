//! Queues of SQS, each with a dead-letter queue for what was put aside.

mod dead_letters;
mod held;
#[cfg(feature = "domain")]
mod keyed;
mod remembered;
mod send;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName},
};
use aws_types::SdkConfig;
use futures::{FutureExt, future::BoxFuture};
use wynos_base::{
    SubscriptionId,
    ports::{Envelope, Parked, ParkedPage, Queue, QueueError, QueueName, Receipt, Received},
};

use crate::cloud::said;
#[cfg(feature = "domain")]
pub use keyed::KeyedQueue;

use held::{Held, HeldMessages};
use remembered::Remembered;

/// The most messages that SQS gives or takes in one call.
const AT_ONCE: usize = 10;

/// The longest time that SQS hides a message.
const LONGEST_HIDING: Duration = Duration::from_secs(12 * 3_600);

/// The largest message, encoded; a batch may not be larger either.
const MAX_MESSAGE: usize = 1_024 * 1_024;

/// How long a message that somebody else received is known here: nothing that holds it lives longer.
const ADOPTED: Duration = Duration::from_secs(15 * 60);

/// Where a queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueUrls {
    /// The queue.
    pub queue: String,
    /// Where what was put aside goes; who only sends needs none.
    pub dead_letters: Option<String>,
}

/// Queues of SQS. A function is told those that it uses, and no others.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    urls: Arc<BTreeMap<QueueName, QueueUrls>>,
    held: HeldMessages,
    remembered: Remembered,
    /// How long [`Queue::receive`] waits for a first message.
    wait: Duration,
}

impl SqsQueue {
    /// The queues at these URLs.
    pub fn new(cloud: &SdkConfig, urls: BTreeMap<QueueName, QueueUrls>) -> Self {
        Self {
            client: Client::new(cloud),
            urls: Arc::new(urls),
            held: HeldMessages::default(),
            remembered: Remembered::default(),
            wait: Duration::ZERO,
        }
    }

    /// The same queues, asked with patience: an empty list comes after `wait` (20 s at most), which costs fewer calls.
    #[must_use]
    pub fn waiting(mut self, wait: Duration) -> Self {
        self.wait = wait.min(Duration::from_secs(20));
        self
    }

    /// Takes in a message that somebody else received for us, such as Lambda, so that it can be settled here.
    pub fn adopt(&self, queue: QueueName, receipt: &Receipt, id: &str, attempt: u32, body: &str) {
        let held = Held {
            queue,
            id: id.to_owned(),
            attempt,
            body: body.to_owned(),
        };
        self.held.keep(receipt, held, ADOPTED);
    }

    fn urls(&self, queue: QueueName, action: &'static str) -> Result<&QueueUrls, QueueError> {
        self.urls
            .get(&queue)
            .ok_or_else(|| QueueError::Unavailable {
                action,
                source: format!("this process was not told where the queue {queue} is").into(),
            })
    }

    fn url(&self, queue: QueueName, action: &'static str) -> Result<&str, QueueError> {
        Ok(&self.urls(queue, action)?.queue)
    }

    async fn take(
        &self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Received>, QueueError> {
        const ACTION: &str = "give out messages";
        let taken = self
            .client
            .receive_message()
            .queue_url(self.url(queue, ACTION)?)
            .max_number_of_messages(count(max.clamp(1, AT_ONCE)))
            .visibility_timeout(seconds(visibility))
            .wait_time_seconds(seconds(self.wait))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .map_err(|error| failed(ACTION, error))?;
        let mut received = Vec::new();
        for message in taken.messages.unwrap_or_default() {
            received.extend(self.read(queue, message, visibility).await?);
        }
        Ok(received)
    }

    /// A message that cannot be read is put aside, so that it does not come again and again.
    async fn read(
        &self,
        queue: QueueName,
        message: Message,
        visibility: Duration,
    ) -> Result<Option<Received>, QueueError> {
        let attempt = attribute(
            &message,
            &MessageSystemAttributeName::ApproximateReceiveCount,
        );
        let (Some(id), Some(receipt)) = (message.message_id, message.receipt_handle) else {
            return Ok(None);
        };
        let (attempt, receipt) = (attempt.unwrap_or(1), Receipt(receipt));
        let body = message.body.unwrap_or_default();
        let envelope = serde_json::from_str::<Envelope>(&body);
        let held = Held {
            queue,
            id: id.clone(),
            attempt,
            body,
        };
        self.held.keep(&receipt, held, visibility);
        match envelope {
            Ok(envelope) => Ok(Some(Received {
                id,
                receipt,
                attempt,
                envelope,
            })),
            Err(error) => {
                let reason = format!("the message cannot be read: {error}");
                self.put_aside(queue, &receipt, reason).await?;
                Ok(None)
            }
        }
    }

    async fn hide(
        &self,
        action: &'static str,
        queue: QueueName,
        receipt: &Receipt,
        visibility: Duration,
    ) -> Result<(), QueueError> {
        self.client
            .change_message_visibility()
            .queue_url(self.url(queue, action)?)
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(visibility.min(LONGEST_HIDING)))
            .send()
            .await
            .map_err(|error| {
                let gone = error.as_service_error().is_some_and(|error| {
                    error.is_message_not_inflight() || error.is_receipt_handle_is_invalid()
                });
                settling(gone, action, error)
            })?;
        Ok(())
    }

    async fn delete(
        &self,
        action: &'static str,
        queue: QueueName,
        receipt: &Receipt,
    ) -> Result<(), QueueError> {
        self.client
            .delete_message()
            .queue_url(self.url(queue, action)?)
            .receipt_handle(&receipt.0)
            .send()
            .await
            .map_err(|error| {
                let gone = error
                    .as_service_error()
                    .is_some_and(|error| error.is_receipt_handle_is_invalid());
                settling(gone, action, error)
            })?;
        self.held.forget(receipt);
        Ok(())
    }
}

impl Queue for SqsQueue {
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            if let Some(key) = &dedupe
                && self.remembered.knows(queue, key)
            {
                return Ok(());
            }
            self.send_one(queue, envelope, delay).await?;
            if let Some(key) = dedupe {
                self.remembered.note(queue, key);
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
        self.send_batches(queue, envelopes).boxed()
    }

    fn receive<'a>(
        &'a self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>> {
        self.take(queue, max, visibility).boxed()
    }

    fn extend<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            self.hide("extend a delivery", queue, receipt, visibility)
                .await?;
            self.held.prolong(receipt, visibility);
            Ok(())
        }
        .boxed()
    }

    fn ack<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.delete("delete a message", queue, receipt).boxed()
    }

    fn release<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            self.hide("take a message back", queue, receipt, delay)
                .await?;
            self.held.forget(receipt);
            Ok(())
        }
        .boxed()
    }

    fn park<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.put_aside(queue, receipt, reason).boxed()
    }

    fn parked<'a>(
        &'a self,
        queue: QueueName,
        page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>> {
        self.list_parked(queue, page).boxed()
    }

    fn replay<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>> {
        self.bring_back(queue, subscription, id).boxed()
    }
}

fn attribute<T: std::str::FromStr>(
    message: &Message,
    name: &MessageSystemAttributeName,
) -> Option<T> {
    message.attributes.as_ref()?.get(name)?.parse().ok()
}

fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis().div_ceil(1_000)).unwrap_or(i32::MAX)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn settling<E: std::error::Error>(gone: bool, action: &'static str, error: E) -> QueueError {
    if gone {
        QueueError::ReceiptExpired
    } else {
        failed(action, error)
    }
}

fn failed<E: std::error::Error>(action: &'static str, error: E) -> QueueError {
    QueueError::Unavailable {
        action,
        source: said(error),
    }
}

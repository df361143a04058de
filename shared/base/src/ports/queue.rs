use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};

use super::Disposition;
use crate::SubscriptionId;

/// A named queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueueName {
    /// Files to build.
    Export,
    /// Uploaded files to validate, apply or undo.
    Import,
    /// Mails to send.
    Mail,
    /// Warehouses whose outbox has something for control.
    Relay,
    /// Sources to be read from the vendor.
    Pull,
    /// Events that the vendor sent.
    Ingest,
    /// Sources to be compared with the vendor.
    Reconcile,
    /// Warehouses to be swept of what was received long ago.
    Retention,
}

impl QueueName {
    /// Every queue.
    pub const ALL: [Self; 8] = [
        Self::Export,
        Self::Import,
        Self::Mail,
        Self::Relay,
        Self::Pull,
        Self::Ingest,
        Self::Reconcile,
        Self::Retention,
    ];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Import => "import",
            Self::Mail => "mail",
            Self::Relay => "relay",
            Self::Pull => "pull",
            Self::Ingest => "ingest",
            Self::Reconcile => "reconcile",
            Self::Retention => "retention",
        }
    }

    /// The queue of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.as_str() == name)
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A message: what kind it is, in which version, for whom, and its own content. It holds ids, no personal data, but for
/// events of webhooks, which are what the vendor sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The version of the body's shape; a worker parks a version that it does not know.
    pub version: u16,
    /// What the body is, for example `export.build`.
    pub kind: String,
    /// The subscription that the work belongs to.
    pub subscription: SubscriptionId,
    /// The content, as the kind and version define it.
    pub body: serde_json::Value,
}

/// Proof of one delivery of one message; worthless once that delivery has timed out or been settled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// A message in the hands of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message, the same at every delivery.
    pub id: String,
    /// This delivery.
    pub receipt: Receipt,
    /// How often it has been delivered, this time included.
    pub attempt: u32,
    /// The message itself.
    pub envelope: Envelope,
}

/// A message kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The message; also the place to continue the list from.
    pub id: String,
    /// Why it was parked.
    pub reason: String,
    /// When it was parked.
    pub parked_at: DateTime<Utc>,
    /// How often it had been delivered.
    pub attempt: u32,
    /// The message itself.
    pub envelope: Envelope,
}

/// Which parked messages to list, oldest message first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParkedPage {
    /// Only those of this subscription; `None` is for the operator of the whole system.
    pub subscription: Option<SubscriptionId>,
    /// Only those after this message.
    pub after: Option<String>,
    /// At most that many; an adapter gives at most 1,000.
    pub limit: usize,
}

/// Changes the content of a message; whether there was anything to change.
pub type Change = Arc<dyn Fn(&mut serde_json::Value) -> bool + Send + Sync>;

/// Durable queues. A message is delivered at least once: it comes again when its visibility time-out passes unsettled.
pub trait Queue: Send + Sync + fmt::Debug {
    /// Accepts a message, durably, to be delivered after `delay`. A second message with the same `dedupe` key in the same
    /// queue is dropped for as long as the key is remembered: a day here, some services remember none. Doing the work again
    /// changes nothing, so the key only saves work.
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        delay: Duration,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// The same of a message that somebody waits for: it is delivered at once, and before those that came within the last
    /// minutes. Those that wait longer than these keep their turn, so that none waits for ever. A service that keeps no order
    /// has none to give.
    fn send_ahead<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        self.send(queue, envelope, Duration::ZERO, dedupe)
    }

    /// Accepts many messages, durably, to be delivered at once. After an error some of them may have been accepted and some
    /// not: sending all of them again is right where a message may come twice.
    fn send_batch<'a>(
        &'a self,
        queue: QueueName,
        envelopes: Vec<Envelope>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            for envelope in envelopes {
                self.send(queue, envelope, Duration::ZERO, None).await?;
            }
            Ok(())
        }
        .boxed()
    }

    /// Takes up to `max` messages that are due, hiding them from others for `visibility`. An empty list comes at once.
    fn receive<'a>(
        &'a self,
        queue: QueueName,
        max: usize,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>>;

    /// Hides the message for `visibility` from now on.
    fn extend<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// The work is done: deletes the message.
    fn ack<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// The work of all of these is done: deletes them. Deliveries that are over are passed over: their messages are gone or
    /// in other hands. After an error some may be deleted and some not.
    fn ack_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            for receipt in &receipts {
                match self.ack(queue, receipt).await {
                    Ok(()) | Err(QueueError::ReceiptExpired) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        }
        .boxed()
    }

    /// Hides all of these for `visibility` from now on. Deliveries that are over are passed over.
    fn extend_batch<'a>(
        &'a self,
        queue: QueueName,
        receipts: Vec<Receipt>,
        visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            for receipt in &receipts {
                match self.extend(queue, receipt, visibility).await {
                    Ok(()) | Err(QueueError::ReceiptExpired) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        }
        .boxed()
    }

    /// Gives the message back, to be delivered again after `delay`.
    fn release<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Keeps the message aside with the reason, until it is replayed.
    fn park<'a>(
        &'a self,
        queue: QueueName,
        receipt: &'a Receipt,
        reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>>;

    /// Lists messages kept aside.
    fn parked<'a>(
        &'a self,
        queue: QueueName,
        page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>>;

    /// Makes a message of that subscription that was kept aside due at once, its attempts counted afresh; `false` when
    /// there is none.
    fn replay<'a>(
        &'a self,
        queue: QueueName,
        subscription: &'a SubscriptionId,
        id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>>;

    /// Drops messages of that subscription that were kept aside before; how many. A service that drops them by itself when
    /// their time is over has nothing to do here.
    fn forget_parked<'a>(
        &'a self,
        _queue: QueueName,
        _subscription: &'a SubscriptionId,
        _before: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        async { Ok(0) }.boxed()
    }

    /// Changes the content of messages of that subscription where they lie: those that wait, those in somebody's hands, who
    /// keeps what was given out, and those kept aside; how many were changed. What they were is not left in the queue's
    /// files. A service whose messages cannot be changed does nothing here: they end with their own time.
    fn rewrite<'a>(
        &'a self,
        _queue: QueueName,
        _subscription: &'a SubscriptionId,
        _change: Change,
    ) -> BoxFuture<'a, Result<u64, QueueError>> {
        async { Ok(0) }.boxed()
    }
}

/// Why a queue did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The delivery timed out or was settled before: the message is gone or in other hands.
    #[error("the delivery of this message is over")]
    ReceiptExpired,
    /// The message is larger than the queue takes.
    #[error("a message of {size} bytes is more than the {limit} that the queue takes")]
    TooLarge {
        /// Bytes of the encoded message.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// What the queue holds cannot be read.
    #[error("message {id} cannot be read")]
    Corrupt {
        /// The message.
        id: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The queue cannot be reached, or failed.
    #[error("the queue failed to {action}")]
    Unavailable {
        /// What was asked of it.
        action: &'static str,
        /// What the queue said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl QueueError {
    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::ReceiptExpired => Disposition::Drop,
            Self::TooLarge { .. } | Self::Corrupt { .. } => Disposition::Park,
            Self::Unavailable { .. } => Disposition::Retry,
        }
    }
}

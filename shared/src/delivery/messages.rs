//! The messages that deliveries send each other through the queue.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    SubscriptionId,
    control::DeliveryId,
    ports::{Envelope, Queue, QueueError, QueueName},
};

/// Build a file.
pub const BUILD: &str = "export.build";
/// Mail the link of a file that is ready.
pub const MAIL: &str = "mail.delivery";
/// Mail that a file could not be built.
pub const MAIL_FAILED: &str = "mail.delivery-failed";

/// The version of the body that this program writes and reads.
pub const VERSION: u16 = 1;

/// The body of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryMessage {
    /// The delivery.
    pub delivery: DeliveryId,
}

/// Asks for a file to be built.
pub(crate) async fn build(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
) -> Result<(), QueueError> {
    send(queue, QueueName::Export, BUILD, subscription, delivery).await
}

/// Asks for the mail with the link.
pub(crate) async fn mail(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
) -> Result<(), QueueError> {
    send(queue, QueueName::Mail, MAIL, subscription, delivery).await
}

/// Asks for the mail about a failure.
pub(crate) async fn mail_failed(
    queue: &dyn Queue,
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
) -> Result<(), QueueError> {
    send(queue, QueueName::Mail, MAIL_FAILED, subscription, delivery).await
}

async fn send(
    queue: &dyn Queue,
    name: QueueName,
    kind: &'static str,
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
) -> Result<(), QueueError> {
    let envelope = Envelope {
        version: VERSION,
        kind: kind.to_owned(),
        subscription: subscription.clone(),
        body: serde_json::json!({ "delivery": delivery }),
    };
    let dedupe = format!("{kind}:{delivery}");
    queue
        .send(name, envelope, Duration::ZERO, Some(dedupe))
        .await
}

use std::time::Duration;

use tracing::warn;
use wynos::{
    jobs,
    ports::{Envelope, Queue as _, QueueName},
    services::Services,
};

use crate::Function;

/// How far a message's work had come when it was taken up, where it is of a kind that goes on from there.
pub(super) struct Came(Option<(QueueName, Envelope, String)>);

impl Came {
    pub(super) async fn of(
        services: &Services,
        queue: Option<QueueName>,
        envelope: Option<&Envelope>,
    ) -> Self {
        let (Some(queue), Some(envelope)) = (queue, envelope) else {
            return Self(None);
        };
        let place = jobs::progress(services, queue, envelope).await;
        Self(place.map(|place| (queue, envelope.clone(), place)))
    }

    /// After the time ended: whether the work came further, so that it is asked for anew. Where it did not, or cannot be
    /// asked for, the message itself comes again, and its attempts count.
    pub(super) async fn goes_on(&self, function: &Function, services: &Services) -> bool {
        let Some((queue, envelope, before)) = &self.0 else {
            return false;
        };
        let now = jobs::progress(services, *queue, envelope).await;
        if now.is_none_or(|now| now == *before) {
            return false;
        }
        let asked = function
            .queue
            .send(*queue, envelope.clone(), Duration::ZERO, None);
        match asked.await {
            Ok(()) => true,
            Err(failure) => {
                warn!(queue = %queue, error = ?failure, "a continuation could not be asked for");
                false
            }
        }
    }
}

//! Receives what the vendor sends to webhooks: checks the address, queues the events, answers.
//!
//! There is no database on this path. [`router`] needs a queue, the keys that addresses are made with, and a clock.

#[cfg(feature = "lambda")]
pub mod lambda;
mod receive;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use axum::{Router, routing::any};
use tokio::sync::Semaphore;
use wynos_base::ports::{Clock, KeyRing, Queue};

/// The route, as it may stand in a log.
pub const ROUTE: &str = "/hooks/{source}/{key}";

/// What the receiver works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Receiver {
    queue: Arc<dyn Queue>,
    keys: KeyRing,
    clock: Clock,
    limits: Limits,
    places: Arc<Semaphore>,
}

/// How much, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in memory at once whose body is no larger than one event may be; a larger one counts as several. More wait
    /// for a place.
    pub at_once: u32,
    /// How long a request waits for a place, before it is told to come again.
    pub wait: Duration,
    /// How long a body may take to come.
    pub body: Duration,
    /// How long the queue may take to store.
    pub store: Duration,
}

impl Default for Limits {
    /// 256 at once, that is at most 180 MB of bodies; 3 s for each step, since the vendor waits for 10 s in all
    /// (vendor's integration notes, 2026-09).
    fn default() -> Self {
        const STEP: Duration = Duration::from_secs(3);
        Self {
            at_once: 256,
            wait: STEP,
            body: STEP,
            store: STEP,
        }
    }
}

impl Receiver {
    /// A receiver that queues events, checks addresses with these keys, and tells when an event came by this clock.
    pub fn new(queue: Arc<dyn Queue>, keys: KeyRing, clock: Clock) -> Self {
        Self {
            queue,
            keys,
            clock,
            limits: Limits::default(),
            places: places(Limits::default()),
        }
    }

    /// The same within other limits.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self.places = places(limits);
        self
    }
}

fn places(limits: Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.at_once as usize))
}

/// `POST /hooks/{source}/{key}`. Answers 200 once every event is durable in the queue, 404 to an address that is not one of
/// ours, 413 to more than 2 MiB and where one event has more than 700 KiB (its neighbours are queued all the same), 503 when
/// the events could not be stored.
pub fn router(receiver: Receiver) -> Router {
    Router::new()
        .route(ROUTE, any(receive::receive))
        .with_state(receiver)
}

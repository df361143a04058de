use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use tokio::sync::{RwLock, RwLockReadGuard};

/// Which queues are held back from their functions, and how often messages were delivered.
#[derive(Debug, Clone, Default)]
pub(super) struct Taking(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    held: RwLock<HashSet<String>>,
    /// By queue and message.
    deliveries: Mutex<HashMap<String, HashMap<String, u32>>>,
}

impl Taking {
    /// Lets nothing of these queues be taken from now on; what was taken before is worked on.
    pub(super) async fn hold(&self, queues: &[&str]) {
        let queues = queues.iter().map(|queue| (*queue).to_owned());
        self.0.held.write().await.extend(queues);
    }

    /// Ends that for all queues; deliveries are counted afresh.
    pub(super) async fn let_go(&self) {
        let mut held = self.0.held.write().await;
        self.deliveries().clear();
        held.clear();
    }

    /// The right to take from the queue, for as long as it is kept; `None` while the queue is held back.
    pub(super) async fn may(&self, queue: &str) -> Option<RwLockReadGuard<'_, HashSet<String>>> {
        let held = self.0.held.read().await;
        (!held.contains(queue)).then_some(held)
    }

    /// Notes how often messages have been delivered by now.
    pub(super) fn note(&self, queue: &str, messages: &[Message]) {
        let mut deliveries = self.deliveries();
        let known = deliveries.entry(queue.to_owned()).or_default();
        for message in messages {
            let attributes = message.attributes().into_iter().flatten();
            let count = attributes
                .filter(|(name, _)| **name == MessageSystemAttributeName::ApproximateReceiveCount)
                .find_map(|(_, count)| count.parse().ok());
            let id = message.message_id().unwrap_or_default().to_owned();
            known.insert(id, count.unwrap_or(1));
        }
    }

    /// How often the message of the queue was delivered that was delivered least, of those that were at all; 0 for none.
    pub(super) fn fewest(&self, queue: &str) -> u32 {
        let deliveries = self.deliveries();
        let known = deliveries.get(queue).into_iter().flat_map(HashMap::values);
        known.min().copied().unwrap_or_default()
    }

    fn deliveries(&self) -> std::sync::MutexGuard<'_, HashMap<String, HashMap<String, u32>>> {
        let deliveries = self.0.deliveries.lock();
        deliveries.unwrap_or_else(PoisonError::into_inner)
    }
}

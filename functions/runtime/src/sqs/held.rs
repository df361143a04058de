use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use wynos_base::ports::{QueueName, Receipt};

/// A message in our hands: SQS cannot be asked for it by its receipt when it has to be put aside.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) queue: QueueName,
    pub(super) id: String,
    pub(super) attempt: u32,
    pub(super) body: String,
}

/// Messages in our hands, each for as long as its delivery lasts: there are no more of them than workers at work.
#[derive(Debug, Clone, Default)]
pub(super) struct HeldMessages(Arc<Mutex<HashMap<Receipt, (Instant, Held)>>>);

impl HeldMessages {
    pub(super) fn keep(&self, receipt: &Receipt, held: Held, visibility: Duration) {
        let now = Instant::now();
        let mut messages = self.all();
        messages.retain(|_, (until, _)| *until > now);
        messages.insert(receipt.clone(), (now + visibility, held));
    }

    pub(super) fn prolong(&self, receipt: &Receipt, visibility: Duration) {
        if let Some((until, _)) = self.all().get_mut(receipt) {
            *until = Instant::now() + visibility;
        }
    }

    /// The message, while its delivery lasts.
    pub(super) fn get(&self, receipt: &Receipt) -> Option<Held> {
        let messages = self.all();
        let (until, held) = messages.get(receipt)?;
        (*until > Instant::now()).then(|| held.clone())
    }

    pub(super) fn forget(&self, receipt: &Receipt) {
        self.all().remove(receipt);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Receipt, (Instant, Held)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use wynos_base::ports::QueueName;

/// How long a key is remembered; as long as queues of SQS that remember keys at all.
const MEMORY: Duration = Duration::from_secs(5 * 60);

/// The most keys that are remembered.
const MOST: usize = 10_000;

/// Dedupe keys that this process sent lately. Others do not know of them: it keeps what asks for the same again and again
/// from multiplying, no more; where there is a database, `KeyedQueue` keeps them for all.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered(Arc<Mutex<HashMap<(QueueName, String), Instant>>>);

impl Remembered {
    /// Whether a message under that key was sent lately.
    pub(super) fn knows(&self, queue: QueueName, key: &str) -> bool {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(&(queue, key.to_owned()))
            .is_some_and(|sent| sent.elapsed() < MEMORY)
    }

    /// A message under that key was sent.
    pub(super) fn note(&self, queue: QueueName, key: String) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST {
            keys.retain(|_, sent| sent.elapsed() < MEMORY);
        }
        if keys.len() < MOST {
            keys.insert((queue, key), Instant::now());
        }
    }
}

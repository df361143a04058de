//! The ports that need no database behind them: time, keys and queues.

mod cipher;
mod clock;
mod disposition;
mod queue;
mod random;
mod secrets;

pub use cipher::{Cipher, CipherError};
pub use clock::Clock;
pub use disposition::Disposition;
pub use queue::{
    Change, Envelope, Parked, ParkedPage, Queue, QueueError, QueueName, Receipt, Received,
};
pub use random::{random_bytes, random_text};
pub use secrets::{KeyName, KeyRing, MasterKey, SecretKey, Secrets, SecretsError};

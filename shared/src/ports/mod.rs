//! What the domain needs from the world: the time, queues, objects, mail and secrets.
//!
//! Each port but the clock is a dyn-safe trait held as `Arc<dyn …>`, so that an adapter for another platform, or a wrapper
//! that makes calls fail on purpose, can take its place. Each has one error type that says by [`Disposition`] what to do
//! with the work that met it. Those that need no database behind them are declared in `wynos_base`.

mod interruptions;
mod mailer;
mod object_key;
mod objects;
mod room;

pub(crate) use interruptions::Interruptible;
#[doc(hidden)]
pub use interruptions::{CallKind, Interruptions};
pub use mailer::{Handed, Mail, Mailer, MailerError};
pub use object_key::{ObjectKey, ObjectKeyError};
pub use objects::{
    ByteStream, Listed, MAX_GET_TTL, Objects, ObjectsError, PresignedPut, Stored, Upload,
    attachment,
};
pub use room::is_disk_full;
pub use wynos_base::ports::{
    Change, Cipher, CipherError, Clock, Disposition, Envelope, KeyName, KeyRing, MasterKey, Parked,
    ParkedPage, Queue, QueueError, QueueName, Receipt, Received, SecretKey, Secrets, SecretsError,
    random_bytes, random_text,
};

//! Webhooks as far as they need no database: the address that an event is sent to, and what is queued of it.
//!
//! Whoever answers the vendor checks the address with [`check`], takes the body apart with [`split()`] and queues what came of
//! it; the domain works it off.

mod address;
mod message;
mod scrub;
mod split;

pub use address::{HookAddress, check, path};
pub use message::{HookMessage, KIND, Unreadable, VERSION};
pub use scrub::{is_secret, scrub};
pub use split::{MAX_MESSAGES, Split, split};

/// The most bytes of one event: 700 KiB. A record with all that belongs to it has some tens of KiB.
pub const MAX_EVENT: usize = 700 * 1_024;

/// The most bytes of a request's body: 2 MiB, three times the largest event, for requests that bring many.
pub const MAX_BODY: usize = 2 * 1_024 * 1_024;

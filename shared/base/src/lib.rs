//! What Wynos stands on where there is no database: ids, the time, keys, the port of the queue, the webhooks' address and
//! events, JSON whose numbers stay as they came, and what is counted.
//!
//! The domain, crate `wynos`, gives all of it out under its own names. A function that answers before any database is asked
//! depends on this crate alone, so that it stays small and starts fast.

pub mod exact;
pub mod hooks;
mod ids;
pub mod logins;
pub mod ports;
mod stored;
pub mod tallies;

pub use ids::{IdError, SourceId, SourceIdError, SubscriptionId};

//! The domain of Wynos: a service business's own data, copied, kept, exported, moved and delivered.
//!
//! [`catalog`] declares every table, [`warehouse`] keeps them, [`control`] and [`journal`] hold what all subscriptions share,
//! and [`ports`] are what the domain needs from the world; [`embedded`] gives it that on one machine.

pub mod catalog;
pub mod control;
pub mod embedded;
pub mod i18n;
pub mod checks;
pub mod exchange;
mod ids;
pub mod journal;
pub mod ports;
pub mod sample;
pub mod sheets;
pub mod warehouse;

pub use ids::{IdError, SubscriptionId};

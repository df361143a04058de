//! The domain of Wynos: a service business's own data, copied, kept, exported, moved and delivered.
//!
//! [`catalog`] declares every table, [`warehouse`] keeps them, [`control`] and [`journal`] hold what all subscriptions share,
//! [`sheets`] are lists as files, and [`ports`] are what the domain needs from the world; [`embedded`] gives it that on one
//! machine.

pub mod catalog;
pub mod checks;
pub mod control;
pub mod delivery;
pub mod embedded;
pub mod exchange;
pub mod i18n;
mod ids;
pub mod import;
pub mod jobs;
pub mod journal;
pub mod ports;
pub mod sample;
pub mod services;
pub mod sheets;
pub mod warehouse;

pub use ids::{IdError, SubscriptionId};

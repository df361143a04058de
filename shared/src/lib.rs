//! The domain of Wynos: a service business's own data, copied, kept, exported, moved and delivered.
//!
//! Layers, each depending only on those above it: [`catalog`], [`warehouse`], [`control`], [`journal`], [`exchange`] and
//! [`sheets`], [`import`], [`delivery`]. [`ports`] are what the domain needs from the world; [`embedded`] implements them
//! with files and SQLite.

pub mod catalog;
pub mod control;
mod ids;
pub mod journal;
pub mod ports;

pub use ids::{IdError, SubscriptionId};

//! The domain of Wynos: a service business's own data, copied, kept, exported, moved and delivered.
//!
//! Layers, each on those before it: [`catalog`] declares every table; [`warehouse`] keeps a subscription's rows and
//! [`control`] what all subscriptions share; [`journal`] tells what happened; [`access`] lets people and programs in; [`exchange`] and [`sheets`] are the files that
//! data travels in; [`import`] takes them in and [`delivery`] hands them out; [`jobs`] dispatches queued work. [`ports`] are
//! what the domain needs from the world, and [`embedded`] gives it that on one machine.

pub mod access;
pub mod catalog;
pub mod checks;
pub mod control;
pub mod delivery;
pub mod embedded;
pub mod exchange;
pub mod i18n;
pub mod import;
pub mod jobs;
pub mod journal;
pub mod parked;
pub mod planner;
pub mod plans;
pub mod ports;
pub mod progress;
pub mod retention;
pub mod sample;
pub mod services;
pub mod sheets;
pub mod stop;
pub mod storage;
pub mod warehouse;
pub mod yclients;
pub mod zone;

pub use wynos_base::{IdError, SourceId, SourceIdError, SubscriptionId, exact, tallies};

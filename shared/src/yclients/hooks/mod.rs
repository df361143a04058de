//! Webhooks: their addresses, what is queued of them, how it is let into warehouses, and their registration with the vendor.
//!
//! The receiver (`functions/webhook`) queues events without a database; [`ingest()`] works them off in batches. Events that may
//! not be loaded now wait in the warehouse's inbox, from where [`drain`] lets them in later.

mod claims;
mod deletes;
mod error;
mod event;
mod gathering;
mod hints;
mod inbox;
mod ingest;
mod known;
mod load;
mod merged;
mod parked;
mod registration;
mod replay;

pub(in crate::yclients) use deletes::mark_of;
pub use deletes::{UnconfirmedDelete, unconfirmed_deletes};
pub use error::IngestError;
pub(in crate::yclients) use hints::{Hint, heeded, pending};
pub use inbox::{DRAIN, drain, request_drain};
pub use ingest::ingest;
pub use registration::{
    Kinds, Registration, RegistrationError, address, register, register_for, registration, revoke,
    rotate, unregister,
};
pub use replay::{Retried, replay};
pub use wynos_base::hooks::{
    HookAddress, HookMessage, KIND, MAX_BODY, Unreadable, VERSION, check, path, split,
};

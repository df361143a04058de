//! Connecting companies of a vendor: signing in, choosing, renewing, pausing, removing.

mod account;
mod add;
mod clear;
mod companies;
mod error;
mod manage;
mod opened;
mod tables;
#[cfg(test)]
pub(super) mod tests;
mod upkeep;

pub use account::{Entry, SignIn, discard, sign_in, tidy};
pub use add::{Add, add};
pub use clear::{Cleared, clear, clear_removed};
pub use companies::{Company, companies};
pub use error::ConnectError;
pub use manage::{Change, change, pause, remove, renew, resume};
pub use opened::{OpenedSource, open, reach, refused};
pub use tables::{TableView, set_table, tables};
pub(in crate::yclients) use upkeep::keep_up;
pub(crate) use upkeep::tell_vendors;

//! Connecting companies of a vendor: signing in, choosing, renewing, pausing, removing, and taking up again.

mod account;
mod add;
mod clear;
mod companies;
mod error;
mod manage;
mod opened;
mod refusal;
mod removal;
mod tables;
#[cfg(test)]
pub(super) mod tests;
mod upkeep;

pub use account::{Entry, SignIn, discard, sign_in, tidy};
pub use add::{Add, Added, add};
pub use clear::{Cleared, clear, clear_removed, erase_kept};
pub use companies::{Company, companies};
pub use error::ConnectError;
pub use manage::{Change, Renewed, change, pause, remove, renew, resume};
pub use opened::{OpenedSource, open, reach, refused};
pub(in crate::yclients) use refusal::{not_told, whose_refusal};
pub use removal::{Ended, Removed};
pub use tables::{Staying, TableView, set_table, staying, tables};
pub(in crate::yclients) use upkeep::keep_up;
pub(crate) use upkeep::tell_vendors;

//! Calls to the vendor: one way out, which knows its envelope and its errors, waits for a slot of the lane before every
//! attempt, tries again where that can help, and never lets a token or a body into an error or a log.
//!
//! The vendor as it behaves: YCLIENTS' API blueprint of 2024, Altegio's OpenAPI files of 2026, and public clients of both.

mod attempts;
mod caller;
mod error;
mod exchange;
mod lane;
mod reply;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod vendor;

pub use caller::Caller;
pub use error::{COMPANY_CLOSED, LICENCE_EXPIRED, OF_COMPANY, Unreachable, VendorError};
pub use reply::{Reply, Unread};
pub use settings::{Access, Patience, VendorSettings};
pub use vendor::{SignedIn, Vendor};

//! The append-only list of what happened, kept in control, per subscription.
//!
//! An entry holds a code with arguments, from which a message is made in the reader's language; it holds no prose and no
//! personal data.

mod csv;
mod entry;
mod message;
mod relay;
mod store;
#[cfg(test)]
mod tests;

pub use csv::{CSV_COLUMNS, export_csv};
pub use entry::{Category, Entry, NewEntry, Severity};
pub use message::{kind_of_file, message, reason};
pub use relay::{RelayError, emit, relay, relay_all};
pub use store::{ActorFilter, CodeFilter, Journal, JournalFilter};

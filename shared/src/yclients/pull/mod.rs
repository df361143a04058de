//! Reading sources: what is due, page by page, and periods of the past on demand.
//!
//! ```text
//! housekeeping ─ due ─ message ─ run: lease → tables in order of dependence → pass → page ─┬─ rows and cursor, one commit
//!                                                                                          └─ time is over: continuation
//! ```
//!
//! A cursor moves only in the transaction that commits its rows, so that a run that is broken off anywhere is gone on with
//! by the next one. Two runs of one source never overlap: each has the source by a lease.

mod account;
mod ahead;
mod asked;
mod cursor;
mod details;
mod documents;
mod due;
mod error;
mod first;
mod fresh;
mod freshness;
mod hinted;
mod history;
mod interrupted;
pub mod messages;
mod now;
mod on_message;
mod order;
pub(super) mod outcome;
pub(super) mod page;
mod pass;
mod refilter;
mod run;
mod tell;
#[cfg(test)]
mod tests;
mod usage;
mod used;
mod windows;
pub(super) mod work;

use account::Account;
pub(crate) use asked::{Asked, Step, read_now, read_period};
pub(super) use cursor::TableCursor;
pub use details::{DetailsCost, begin_details, details_cost, order_details, report_cost};
pub use documents::DOCUMENTS;
pub use due::queue_due;
pub(in crate::yclients) use due::{add_tables, make_due, request};
pub use error::PullError;
pub use fresh::{Freshness, Outlook, freshness, is_read, next_reading, outlook};
pub use freshness::interval;
pub use history::history;
pub use interrupted::{give_up, stand_still};
pub use now::order_now;
pub use on_message::on_message;
pub use order::{Ordered, order};
pub(super) use run::note_failure;
pub use run::{Finished, Options, run};
pub(in crate::yclients) use usage::events_wait;
pub(crate) use usage::{MAIL_USAGE, UsageFact, UsageMail, request_mail, send_usage_mail};
pub use used::used;
pub use windows::has_history;
pub use work::{Loaded, Watch};

use std::time::Duration;

use chrono::TimeDelta;

/// How long one message is worked on before its continuation is queued: well within the longest time that a function
/// may run.
pub const TIME_PER_MESSAGE: TimeDelta = TimeDelta::minutes(8);

/// How long to wait when the vendor's allowance is used up and nobody says when it will not be.
const THROTTLED: Duration = Duration::from_secs(60);

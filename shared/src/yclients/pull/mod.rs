//! Reading sources: what is due, page by page, and periods of the past on demand.
//!
//! ```text
//! housekeeping ─ due ─ message ─ run: lease → tables in order of dependence → pass → page ─┬─ rows and cursor, one commit
//!                                                                                          └─ turn is over: continuation
//! ```
//!
//! A cursor moves only in the transaction that commits its rows, so that a run that is broken off anywhere is gone on with
//! by the next one. Two runs of one source never overlap: each has the source by a lease. A run goes on by one message at a time:
//! each names the turn that it is for, and does nothing where that is over.

mod account;
mod ahead;
mod anew;
mod asked;
mod begun;
mod closed;
mod cursor;
mod details;
mod documents;
mod due;
mod error;
mod first;
mod followed;
mod fresh;
mod freshness;
mod hinted;
mod history;
mod interrupted;
mod known;
pub mod messages;
mod misfit;
mod moved;
mod named_services;
mod now;
mod on_message;
mod order;
pub(super) mod outcome;
pub(super) mod page;
mod pass;
mod period;
mod plan_end;
mod poorer;
mod put_off;
mod refilter;
mod run;
mod tell;
#[cfg(test)]
mod tests;
pub(super) mod turn;
mod usage;
mod used;
mod windows;
pub(super) mod work;

use account::Account;
pub(in crate::yclients) use anew::read_anew;
pub(crate) use asked::{Asked, Step, read_now, read_period};
pub(crate) use closed::kept_out_by;
pub(in crate::yclients) use closed::{close, found_closed, reopen};
pub use closed::{is_closed, problem};
pub(super) use cursor::TableCursor;
pub use details::{DetailsCost, begin_details, details_cost, order_details, report_cost};
pub use documents::DOCUMENTS;
pub use due::queue_due;
pub(in crate::yclients) use due::{add_tables, make_due, request};
pub use error::PullError;
pub use fresh::{Freshness, Outlook, due_since, freshness, is_read, next_reading, outlook};
pub use freshness::interval;
pub use history::history;
pub(in crate::yclients) use history::read_from;
pub use interrupted::{give_up, put_aside, stand_still};
pub use now::order_now;
pub(crate) use on_message::BUSY;
pub use on_message::{on_history, on_message};
pub use order::{Ordered, order};
pub use poorer::{Poorer, poorer};
pub(super) use run::note_failure;
pub use run::{Finished, LeftDays, Options, run};
pub(in crate::yclients) use usage::events_wait;
pub(crate) use usage::{MAIL_USAGE, UsageFact, UsageMail, request_mail, send_usage_mail};
pub use used::used;
pub use windows::has_history;
pub use work::{Loaded, Watch};

use std::time::Duration;

use chrono::TimeDelta;

/// How long one message is worked on before its continuation is queued behind all that waits: a turn. Short, since few
/// workers read for everybody: whoever connects a source waits for turns, not for somebody's history. Every page is committed
/// with its place in the list, so that a turn which had time for one answer only came further all the same; an answer that
/// was asked for in time is waited for. What a turn cannot give is a list in one go: one that is gone on with counts as one
/// that moved, and is read once more where a row that is missing proves something.
pub const TIME_PER_MESSAGE: TimeDelta = TimeDelta::minutes(2);

/// How long to wait when the vendor's allowance is used up and nobody says when it will not be.
const THROTTLED: Duration = Duration::from_secs(60);

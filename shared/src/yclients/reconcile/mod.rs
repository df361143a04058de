//! The comparison of what is held with what the vendor has now, record by record, on the catalog's indicators.
//!
//! ```text
//! order ─ message ─ proceed: deletes by webhook asked about → list by list, week by week:
//!     page → decoded → held rows of its ids → differs? → the gate weighs → mended and noted, one commit
//!     end of list → held rows that it did not have → asked for by id → tombstones, noted
//!     → days with both sides' totals, journal and progress, one commit
//! ```
//!
//! Rows are mended by the same path as any load. What the gate does not let in (filters, retention, erasure) is no
//! difference. Days of a window that was not read to its end, or of which records may be missing all the same, are not
//! checked, whatever was found in them.

mod compare;
mod defaults;
mod deletes;
mod extra;
mod files;
mod gauge;
mod messages;
mod notes;
mod order;
mod plan;
mod results;
mod rows;
mod run;
mod settle;
mod since;
mod tally;
mod tell;
mod unread;
mod window;

pub(in crate::yclients) use defaults::add_jobs;
pub use files::{days_csv, differences_csv, in_words};
pub(in crate::yclients) use messages::send;
pub use messages::{RECONCILE, ReconcileMessage, VERSION, give_up, on_message};
pub use order::{Ordered, begin, order, tables};
pub use results::{
    Day, Difference, DifferencesPage, Summary, TableSummary, days, differences, summary,
};
pub(crate) use run::proceed_since;
pub use run::{Finished, Step, Watch, proceed};
pub(crate) use since::held_since;

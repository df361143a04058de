//! Import: a file comes in, is read and compared without writing, shown, applied in checkpoints, reported, and can be
//! undone.
//!
//! Every step can be killed at any moment and run again: it ends as if it had not been.

mod admits;
mod advice;
mod apply;
mod assay;
mod begin;
mod checkpoint;
mod counts;
mod error;
mod exchange_file;
mod file;
mod fill;
mod finding;
mod gather;
mod gathered;
mod here;
mod intake;
mod judge;
mod kept;
mod keys;
mod ledger;
mod left_out;
mod list_file;
mod lists;
mod names;
mod options;
mod park;
mod phrases;
mod portion;
mod referred;
mod refusal;
mod replay;
mod report;
mod same_key;
mod secrets;
mod shape;
mod source;
mod spool;
mod steps;
mod sweep;
mod tables;
mod undo;
mod validate;
mod wording;

pub use admits::ConflictPolicy;
pub use apply::{apply, apply_watched};
pub use begin::{
    Announced, FileSource, ImportOrder, UPLOADS, arrived, begin, noted, owner_of, start_apply,
    start_undo, uploaded,
};
pub use counts::{Counts, TableCounts};
pub use error::ImportError;
pub use finding::{Finding, Severity};
pub use kept::{kept_csv, kept_of, reasons};
pub use options::Options;
pub use replay::{Replayed, replay};
pub use report::{Phase, findings, message, report_csv};
pub use source::{list_fields, mapping, questions};
pub(crate) use steps::place;
pub use steps::{APPLY, ImportMessage, UNDO, VALIDATE, VERSION, give_up, resend_stuck};
pub use sweep::{RETENTION, sweep};
pub use tables::problems;
pub use undo::undo;
pub use validate::{validate, validate_watched};
pub use wording::{field_label, found_text};

#[cfg(test)]
mod tests;

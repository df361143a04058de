//! Reports: extracts of the vendor's records that users define, kept as JSON rows or in tables of their own.
//!
//! [`Paths`] tells what stands where in records; [`infer()`] makes a table of that, [`description`] reads the tables that a
//! user describes. Both are [`TableShape`]s, and [`TableShape::evaluate`] makes rows of a record.

mod chosen;
mod cost;
mod declared;
pub mod description;
mod edit;
mod error;
mod evaluate;
#[cfg(test)]
mod evaluate_tests;
mod field_type;
mod infer;
mod kept;
mod kinds;
mod manage;
mod met;
mod path;
mod paths;
mod read;
mod redescribe;
mod refresh;
mod remove;
mod sample;
mod shape;
mod target;
#[cfg(test)]
mod tests;
mod unread;

pub use chosen::chosen;
use cost::cost_of_rule;
pub use cost::{cost, cost_of_report};
pub use declared::Declared;
pub use edit::{ReportEdit, edit, period_of};
pub use error::ReportError;
pub use evaluate::{Evaluated, Misfit, Record};
pub use field_type::{FieldType, TypeError};
pub use infer::{LONGEST_NAME, MOST_COLUMNS, infer};
pub use kept::{below, client_columns, table, tables};
pub use manage::{Preview, PreviewTable, ReportOrder, add, preview};
pub use met::{Kind, Met};
pub use path::{Path, PathError, Step};
pub use paths::Paths;
pub use read::SAMPLE_DOCUMENTS;
pub(crate) use refresh::refresh;
pub(in crate::yclients) use remove::clear_of_source;
pub use remove::{RemovedRows, clear_removed, remove};
pub use shape::{
    Ancestor, ColumnShape, Condition, DAY, LINE, RECORD, Source, TableShape, Test, variant_name,
};
pub use target::{Definition, Target};

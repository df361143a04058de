//! Lists as people and programs take them away: CSV and XLSX of any table, both ways.
//!
//! A [`List`] says what is shown; [`CsvWriter`] and [`XlsxWriter`] take the rows of its scan. [`SheetFile`] opens what
//! somebody uploads, guesses its format, encoding and columns, and gives typed rows. [`ords`] reads and writes the Open
//! Repair Data Standard. Nothing here knows a database.

mod cards;
mod convention;
mod custom;
mod error;
mod guard;
mod list;
mod moment;
mod number;
pub mod ords;
mod prepared;
mod read;
mod write;

pub use cards::Cards;
pub use convention::Convention;
pub use custom::merge_custom_values;
pub use error::SheetError;
pub(crate) use guard::{guarded, harmless};
pub use list::{CustomField, List, ListColumn};
pub use prepared::title as prepared_title;
pub use read::{
    ColumnMapping, DateOrder, Encoding, Kept, Lookup, Mapping, MappingGuess, Question, ReadLimits,
    ReadOptions, ReadSummary, RowProblem, Separator, SheetBatch, SheetFile, SheetFormat, Target,
    label_of_path, targets,
};
pub use write::{CsvWriter, XlsxLimits, XlsxWriter};

#[cfg(test)]
mod tests;

//! The declaration of every table a warehouse can hold: columns, types, scales, keys, labels and personal-data marks.
//! Adding a table means adding a declaration.

mod column;
mod label;
mod table;

pub use column::{Choice, Column, ColumnType, Storage, choice};
pub use label::{Label, Locale, label};
pub use table::{Table, TableGroup, system};

//! The declaration of every table a warehouse can hold: columns, types, scales, keys, labels and personal-data marks.
//! Adding a table means adding a declaration.

mod column;
mod identity;
mod label;
pub mod repair_shop;
mod table;
pub mod yclients;

use std::sync::{Arc, LazyLock};

pub use column::{Choice, Column, ColumnType, Storage, choice};
pub use identity::{AFTER_ORIGIN, whole_id};
pub use label::{Label, Locale, label};
pub use table::{Indicator, Table, TableGroup, system};

static CATALOG: LazyLock<Vec<Arc<Table>>> = LazyLock::new(|| {
    let declared = repair_shop::tables().into_iter().chain(yclients::tables());
    let declared = declared.chain([yclients::reports()]);
    declared.map(Arc::new).collect()
});

/// Every declared table that people can see, parents before the rows that refer to them.
pub fn tables() -> &'static [Arc<Table>] {
    &CATALOG
}

/// The declared tables of one part of the system, parents before the rows that refer to them.
pub fn tables_of(group: TableGroup) -> impl DoubleEndedIterator<Item = &'static Arc<Table>> {
    CATALOG.iter().filter(move |table| table.group == group)
}

/// The declared table of this name.
pub fn table(name: &str) -> Option<&'static Arc<Table>> {
    CATALOG.iter().find(|table| table.name == name)
}

/// The declared tables whose rows are parts of this table's rows.
pub fn children_of(table: &Table) -> impl Iterator<Item = &'static Arc<Table>> {
    let name = table.name.clone();
    CATALOG
        .iter()
        .filter(move |child| child.parent.as_ref() == Some(&name))
}

//! Which tables of a source are loaded and which of their rows: what people choose, what it needs, and what it does to the
//! rows that are there.

mod change;
mod needs;
mod problem;
mod written;

use std::{collections::BTreeMap, sync::Arc};

pub use change::{
    ComesBack, FilterPreview, SelectionError, is_filterable, preview, set_enabled, set_filter,
};
pub use needs::{Need, needs};
pub use problem::FilterProblem;
pub use written::{from_json, to_json};

use crate::{catalog, control::SourceTable, warehouse::Filter};

/// The filter of every table that has one. One that cannot be read any more keeps nothing out: it was checked when it was
/// set, so this happens only when a column was taken out of the catalog.
pub fn filters(tables: &[SourceTable]) -> BTreeMap<String, Arc<Filter>> {
    let read = |table: &SourceTable| {
        let declared = catalog::table(&table.table_name)?;
        let filter = from_json(declared, table.filter.as_ref()?).ok()?;
        Some((table.table_name.clone(), Arc::new(filter)))
    };
    tables.iter().filter_map(read).collect()
}

//! Tables of a described report that are above and below one another.

use std::sync::Arc;

use crate::{
    catalog::{Table, system},
    warehouse::{
        WarehouseError,
        sql::{Shapes, qualified, quoted},
    },
};

/// A table that is above or below another one of the same report.
#[derive(Debug, Clone)]
pub struct Tie {
    /// The table.
    pub table: Arc<Table>,
    /// The columns of the lower one of both that hold the upper one's declared key, in the key's order.
    pub link: Vec<String>,
}

/// The tables of a described report that are above and below one of it.
#[derive(Debug, Clone, Default)]
pub struct Ties {
    /// Tables whose rows belong to those of this one. They go with them, and are remembered themselves, since they come by
    /// themselves.
    pub lower: Vec<Tie>,
    /// Tables whose rows those of this one belong to, as far as they are swept too. A row goes by its own age only where it
    /// has none in any of them.
    pub upper: Vec<Tie>,
}

/// The condition, to be put after another one, that a row belongs to no other one that is there. `alias` is what the statement
/// calls the row's table.
pub(super) fn alone(
    schema: Option<&str>,
    shapes: &Shapes,
    alias: &str,
    upper: &[Tie],
) -> Result<String, WarehouseError> {
    let mut text = String::new();
    for tie in upper {
        if !shapes.contains_key(tie.table.name.as_ref()) {
            continue;
        }
        text.push_str(&format!(
            " AND NOT EXISTS (SELECT 1 FROM {} AS u WHERE u.{source} = {alias}.{source}",
            qualified(schema, &tie.table.name)?,
            source = quoted(system::SOURCE_ID)?,
        ));
        for (theirs, own) in tie.table.key.iter().zip(&tie.link) {
            let same = format!(" AND u.{} = {alias}.{}", quoted(theirs)?, quoted(own)?);
            text.push_str(&same);
        }
        text.push(')');
    }
    Ok(text)
}

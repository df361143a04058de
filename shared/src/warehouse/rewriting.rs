//! Rows of the system's own tables that change their content: only as they were read, because others change them too.

use std::sync::Arc;

use super::{
    Filter, Row, Rows, Scan, Value, WarehouseError,
    session::{Session, rows},
    sql::misuse,
};
use crate::catalog::{Table, TableGroup};

/// The most rows of one [`super::Write::Rewrite`].
pub(crate) const MOST: usize = 100;

/// Puts rows in the place of those that are still there as they were read; how many.
pub(super) async fn rewrite<S: Session>(
    session: &mut S,
    table: &Arc<Table>,
    read: &Rows,
    new: &Rows,
) -> Result<u64, WarehouseError> {
    let width = table.columns.len();
    let fit = read.len() == new.len() && read.len() <= MOST;
    if table.group != TableGroup::Internal
        || !fit
        || [read, new].iter().any(|rows| rows.width() != width)
    {
        return Err(misuse(
            &table.name,
            "the rows do not fit those that were read",
        ));
    }
    if read.is_empty() {
        return Ok(0);
    }
    let names = table.columns.iter().map(|column| column.name.to_string());
    let these = Filter::Or(read.iter().map(|row| is(table, row)).collect());
    let there = rows(session, &Scan::of(table).columns(names).filter(these)).await?;
    let mut rewritten = Rows::new(width);
    for (old, new) in read.iter().zip(new.iter()) {
        if there.iter().any(|row| row.values().eq(old.values())) {
            rewritten.push_row(new.values());
        }
    }
    if !rewritten.is_empty() {
        session.replace(table, &rewritten).await?;
    }
    Ok(rewritten.len() as u64)
}

/// The condition that a row has the key of this one.
fn is(table: &Table, row: Row<'_>) -> Filter {
    let parts = table.key.iter().filter_map(|name| {
        let value: Value = row.get(table.position(name)?).to_owned();
        Some(Filter::equal(name.as_ref(), value))
    });
    parts.fold(Filter::All, Filter::and)
}

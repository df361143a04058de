//! Rows of a described report that come back with the row that they belong to.

use super::{
    Admit, Row, Rows, Tie, ValueRef, WarehouseError, order::compare, session::Session, sql::misuse,
    sweep::narrowed,
};
use crate::catalog::{Table, system};

/// Of the arriving rows at these places, in ascending order, those that belong to a row of the table above which this load
/// brought, and which was not there before.
pub(super) async fn with_new_parents<S: Session>(
    session: &mut S,
    parent: &Tie,
    admit: &Admit,
    places: &[usize],
    load_id: i64,
) -> Result<Vec<usize>, WarehouseError> {
    let link = link(parent, admit)?;
    let above = narrowed(&parent.table);
    let Some(shape) = session.shape(&above).await? else {
        return Ok(Vec::new());
    };
    let keys = keys(admit, places, &link);
    let by: Vec<&str> = above.key.iter().map(AsRef::as_ref).collect();
    let found = session
        .lookup(&above, &shape, &admit.source_id, &by, &keys)
        .await?;
    let mut new: Vec<Vec<ValueRef<'_>>> = Vec::new();
    for row in found.iter().filter(|row| is_new(&above, *row, load_id)) {
        new.push(row.values().take(link.len()).collect());
    }
    new.sort_by(|one, other| compare(one.iter().copied(), other.iter().copied()));
    let mut belonging = Vec::new();
    for &place in places {
        let Some(own) = admit.rows.get(place).and_then(|row| key_of(row, &link)) else {
            continue;
        };
        let above = new.binary_search_by(|key| compare(key.iter().copied(), own.iter().copied()));
        if above.is_ok() {
            belonging.push(place);
        }
    }
    Ok(belonging)
}

/// Where the arriving rows have the key of the row above.
fn link(parent: &Tie, admit: &Admit) -> Result<Vec<usize>, WarehouseError> {
    let columns = parent.link.iter();
    let link: Vec<usize> = columns
        .filter_map(|name| admit.columns.iter().position(|column| column == name))
        .collect();
    if link.is_empty() || link.len() != parent.table.key.len() {
        let problem = "the columns that name the row above are not its key";
        return Err(misuse(&admit.table.name, problem));
    }
    Ok(link)
}

/// The keys of the rows above, each once and in ascending order.
fn keys(admit: &Admit, places: &[usize], link: &[usize]) -> Rows {
    let rows = places.iter().filter_map(|&place| admit.rows.get(place));
    let mut keys: Vec<Vec<ValueRef<'_>>> = rows.filter_map(|row| key_of(row, link)).collect();
    keys.sort_by(|one, other| compare(one.iter().copied(), other.iter().copied()));
    keys.dedup_by(|one, other| compare(one.iter().copied(), other.iter().copied()).is_eq());
    let mut all = Rows::new(link.len());
    for key in keys {
        all.push_row(key);
    }
    all
}

/// The key of the row above; `None` where it has none.
fn key_of<'r>(row: Row<'r>, link: &[usize]) -> Option<Vec<ValueRef<'r>>> {
    let key: Vec<ValueRef<'r>> = link.iter().map(|&at| row.get(at)).collect();
    (!key.iter().any(|part| part.is_null())).then_some(key)
}

/// Whether a load brought a row that was not there: one that was keeps the time at which it came first.
pub(super) fn is_new(table: &Table, row: Row<'_>, load_id: i64) -> bool {
    let value = |name: &str| {
        let position = table.position(name);
        position.map_or(ValueRef::Null, |position| row.get(position))
    };
    let came = value(system::RECEIVED_AT).as_timestamp();
    value(system::LOAD_ID).as_integer() == Some(load_id)
        && came.is_some()
        && came == value(system::OBSERVED_AT).as_timestamp()
}

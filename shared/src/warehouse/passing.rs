//! Facts that are told of in passing, and were swept: they come back with what tells of them.

use super::{
    Rows, ValueRef, WarehouseError,
    away::Staying,
    gate::Gate,
    referenced::{self, Counting, Referrers},
    returning::is_new,
    session::Session,
    sweep::narrowed,
};
use crate::catalog::{self, Table};

/// Places of the rows that come back: this load brought a row, which was not there before, that refers to them or that they
/// refer to. What was there before and stays brings nothing, however often the vendor tells of it: its document was
/// there with it, and went.
pub(super) async fn back<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    staying: &[Staying<'_>],
) -> Result<Vec<usize>, WarehouseError> {
    let referrers = Referrers {
        table: gate.table,
        source_id: gate.source_id,
        counting: Counting::New(gate.load_id),
    };
    let ids = staying.iter().map(|row| row.id).collect();
    let named = referenced::among(session, &referrers, ids).await?;
    let mut back: Vec<usize> = staying
        .iter()
        .filter(|row| named.binary_search(&row.id).is_ok())
        .map(|row| row.place)
        .collect();
    for (at, column) in gate.table.columns.iter().enumerate() {
        let brought = gate.columns.get(at).and_then(|place| place.brought);
        let target = column.reference.as_deref().and_then(catalog::table);
        let Some((brought, target)) = brought.zip(target.filter(|table| table.facts)) else {
            continue;
        };
        let naming: Vec<(i64, usize)> = staying
            .iter()
            .filter_map(|row| {
                let named = gate.arriving(row.row, brought).as_integer()?;
                Some((named, row.place))
            })
            .collect();
        let new = new_among(session, gate, target, &naming).await?;
        let naming = naming.into_iter();
        back.extend(
            naming
                .filter(|(named, _)| new.binary_search(named).is_ok())
                .map(|(_, place)| place),
        );
    }
    Ok(back)
}

/// Those of the named rows of a table that this load brought, in ascending order.
async fn new_among<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    table: &Table,
    naming: &[(i64, usize)],
) -> Result<Vec<i64>, WarehouseError> {
    let mut ids: Vec<i64> = naming.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let narrow = narrowed(table);
    let shape = session.shape(&narrow).await?;
    let (Some(shape), [key], false) = (shape, narrow.key.as_slice(), ids.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut keys = Rows::new(1);
    for id in ids {
        keys.push_row([ValueRef::Integer(id)]);
    }
    let found = session
        .lookup(&narrow, &shape, gate.source_id, &[key.as_ref()], &keys)
        .await?;
    let new = found
        .iter()
        .filter(|row| is_new(&narrow, *row, gate.load_id));
    let mut new: Vec<i64> = new.filter_map(|row| row.get(0).as_integer()).collect();
    new.sort_unstable();
    Ok(new)
}

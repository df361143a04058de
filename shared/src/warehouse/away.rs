//! Arriving rows that retention removed: whether they stay away.

use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use super::{
    Rows, Rule, Value, WarehouseError,
    gate::Gate,
    internal,
    order::{Order, compare},
    referenced::{self, Referrers},
    session::Session,
    swept::{self, Recalled},
};
use crate::catalog::TableGroup;

/// Arriving rows of one key that is not stored: their places in the order, and the key.
struct New {
    places: Range<usize>,
    key: Vec<Value>,
}

/// Places in the order where groups of arriving rows begin that were swept and that nothing brings back: neither a change,
/// nor a person's wish, nor a row that refers to them.
pub(super) async fn swept<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    rows: &Rows,
    order: &Order,
    stored: &Rows,
) -> Result<BTreeSet<usize>, WarehouseError> {
    let mut away = BTreeSet::new();
    let obeys = matches!(gate.rule, Rule::Newest | Rule::Asked | Rule::Passing)
        && matches!(gate.table.group, TableGroup::Yclients | TableGroup::Report);
    if !obeys || session.shape(internal::swept()).await?.is_none() {
        return Ok(away);
    }
    let new = new(gate, rows, order, stored);
    let keys = new.iter().map(|new| new.key.iter().map(Value::as_ref));
    let recalled = swept::recall(session, gate.table, gate.source_id, keys).await?;
    if recalled.is_empty() {
        return Ok(away);
    }
    let staying = new
        .iter()
        .filter(|new| stays(gate, rows, order, &recalled, new));
    let mut ids = Vec::new();
    for new in staying {
        away.insert(new.places.start);
        let id = new.key.first().and_then(|id| id.as_ref().as_integer());
        ids.extend(id.zip(Some(new.places.start)));
    }
    if gate.table.facts || away.is_empty() {
        return Ok(away);
    }
    let referrers = Referrers {
        table: gate.table,
        source_id: gate.source_id,
        going: None,
    };
    let asked = ids.iter().map(|(id, _)| *id).collect();
    let wanted = referenced::among(session, &referrers, asked).await?;
    for (id, place) in ids {
        if wanted.binary_search(&id).is_ok() {
            away.remove(&place);
        }
    }
    Ok(away)
}

/// The arriving rows whose keys are not stored.
fn new(gate: &Gate<'_>, rows: &Rows, order: &Order, stored: &Rows) -> Vec<New> {
    let positions: Vec<usize> = gate
        .table
        .key
        .iter()
        .filter_map(|name| gate.table.position(name))
        .collect();
    let mut new = Vec::new();
    let mut next = 0;
    for places in order.groups(gate, rows) {
        let Some(first) = order.row(rows, places.start) else {
            continue;
        };
        let arriving = gate.key.iter().map(|&at| gate.arriving(first, at));
        let is_there = stored.get(next).is_some_and(|row| {
            let own = positions.iter().map(|&at| row.get(at));
            compare(own, arriving.clone()) == Ordering::Equal
        });
        if is_there {
            next += 1;
            continue;
        }
        let key = arriving.map(|value| value.to_owned()).collect();
        new.push(New { places, key });
    }
    new
}

fn stays(gate: &Gate<'_>, rows: &Rows, order: &Order, recalled: &Recalled, new: &New) -> bool {
    let Some(version) = recalled.version(new.key.iter().map(Value::as_ref)) else {
        return false;
    };
    if matches!(gate.rule, Rule::Passing) {
        return true;
    }
    let mut arriving = new
        .places
        .clone()
        .filter_map(|place| order.row(rows, place));
    !arriving.any(|row| swept::changed_since(gate, version, row))
}

//! Arriving rows that retention removed: whether they stay away.

use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use super::{
    Row, Rows, Rule, Value, WarehouseError,
    gate::Gate,
    internal,
    order::{Order, compare},
    passing,
    referenced::{self, Counting, Referrers},
    session::Session,
    swept::{self, Recalled},
};
use crate::catalog::TableGroup;

/// What follows for arriving rows from those that were swept.
#[derive(Debug, Default)]
pub(super) struct Away {
    /// Places in the order where groups of arriving rows begin that were swept and that nothing brings back: neither a change,
    /// nor a person's wish, nor a row that refers to them.
    pub places: BTreeSet<usize>,
    /// What is remembered of arriving rows that are not stored, and of their neighbours.
    pub remembered: Recalled,
}

/// Arriving rows of one key that is not stored: their places in the order, and the key.
struct New {
    places: Range<usize>,
    key: Vec<Value>,
}

/// An arriving row that stays away, unless something brings it back.
pub(super) struct Staying<'r> {
    /// Its place in the order.
    pub place: usize,
    /// Its key, where that is one whole number.
    pub id: i64,
    /// The first that arrives of this key.
    pub row: Row<'r>,
}

/// Looks for what was swept among the arriving rows that are not stored. Where none is new, or nothing was ever swept, no
/// question is asked of the database but the one whether anything was.
pub(super) async fn away<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    rows: &Rows,
    order: &Order,
    stored: &Rows,
) -> Result<Away, WarehouseError> {
    let mut away = Away::default();
    let copied = matches!(gate.table.group, TableGroup::Yclients | TableGroup::Report);
    if !copied
        || order.groups(gate, rows).count() == stored.len()
        || session.shape(internal::swept()).await?.is_none()
    {
        return Ok(away);
    }
    let new = new(gate, rows, order, stored);
    let keys = new.iter().map(|new| new.key.iter().map(Value::as_ref));
    away.remembered = swept::recall(session, gate.table, gate.source_id, keys).await?;
    let obeys = matches!(
        gate.rule,
        Rule::Newest | Rule::Asked | Rule::Passing { ordered: false }
    );
    if !obeys || away.remembered.is_empty() {
        return Ok(away);
    }
    let mut staying = Vec::new();
    for new in &new {
        if !stays(gate, rows, order, &away.remembered, new) {
            continue;
        }
        let place = new.places.start;
        away.places.insert(place);
        let id = new.key.first().and_then(|id| id.as_ref().as_integer());
        if let Some((id, row)) = id.zip(order.row(rows, place)) {
            staying.push(Staying { place, id, row });
        }
    }
    if staying.is_empty() {
        return Ok(away);
    }
    let back = match (gate.table.facts, gate.rule) {
        (false, _) => referred(session, gate, &staying).await?,
        (true, Rule::Passing { .. }) => passing::back(session, gate, &staying).await?,
        (true, _) => return Ok(away),
    };
    for place in back {
        away.places.remove(&place);
    }
    Ok(away)
}

/// Places of rows that others refer to.
async fn referred<S: Session>(
    session: &mut S,
    gate: &Gate<'_>,
    staying: &[Staying<'_>],
) -> Result<Vec<usize>, WarehouseError> {
    let referrers = Referrers {
        table: gate.table,
        source_id: gate.source_id,
        counting: Counting::All,
    };
    let ids = staying.iter().map(|row| row.id).collect();
    let wanted = referenced::among(session, &referrers, ids).await?;
    let back = staying
        .iter()
        .filter(|row| wanted.binary_search(&row.id).is_ok());
    Ok(back.map(|row| row.place).collect())
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
    if matches!(gate.rule, Rule::Passing { .. }) {
        return true;
    }
    let mut arriving = new
        .places
        .clone()
        .filter_map(|place| order.row(rows, place));
    !arriving.any(|row| swept::changed_since(gate, version, row))
}

//! The order of keys.

use std::{cmp::Ordering, ops::Range};

use super::{Row, Rows, ValueRef, gate::Gate};

/// Arriving rows in the order of their keys; rows of one key stay in the order they came.
pub(super) struct Order {
    /// `None` where they came in that order, without doubles.
    sorted: Option<Vec<usize>>,
    len: usize,
}

impl Order {
    pub fn of(gate: &Gate<'_>, rows: &Rows) -> Self {
        let key = |row: Row<'_>, other: Row<'_>| compare_arriving(gate, row, other);
        let ascending = rows
            .iter()
            .zip(rows.iter().skip(1))
            .all(|(row, next)| key(row, next) == Ordering::Less);
        let sorted = (!ascending).then(|| {
            let mut sorted: Vec<usize> = (0..rows.len()).collect();
            sorted.sort_by(|&a, &b| match (rows.get(a), rows.get(b)) {
                (Some(a), Some(b)) => key(a, b),
                _ => Ordering::Equal,
            });
            sorted
        });
        Self {
            sorted,
            len: rows.len(),
        }
    }

    /// The position among the arriving rows of the one that is at this place in the order.
    pub fn position(&self, place: usize) -> usize {
        self.sorted
            .as_ref()
            .map_or(place, |sorted| sorted.get(place).copied().unwrap_or(place))
    }

    pub fn row<'r>(&self, rows: &'r Rows, place: usize) -> Option<Row<'r>> {
        rows.get(self.position(place))
    }

    /// Places of rows with the same key, key by key.
    pub fn groups<'o>(
        &'o self,
        gate: &'o Gate<'_>,
        rows: &'o Rows,
    ) -> impl Iterator<Item = Range<usize>> + 'o {
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = self.row(rows, start).filter(|_| start < self.len)?;
            let mut end = start + 1;
            while self.sorted.is_some()
                && end < self.len
                && self
                    .row(rows, end)
                    .is_some_and(|row| compare_arriving(gate, first, row) == Ordering::Equal)
            {
                end += 1;
            }
            let group = start..end;
            start = end;
            Some(group)
        })
    }
}

fn compare_arriving(gate: &Gate<'_>, row: Row<'_>, other: Row<'_>) -> Ordering {
    compare(
        gate.key
            .iter()
            .map(|&position| gate.arriving(row, position)),
        gate.key
            .iter()
            .map(|&position| gate.arriving(other, position)),
    )
}

/// Keys in the order both databases give them.
pub(super) fn compare<'v>(
    key: impl Iterator<Item = ValueRef<'v>>,
    other: impl Iterator<Item = ValueRef<'v>>,
) -> Ordering {
    key.zip(other)
        .map(|pair| match pair {
            (ValueRef::Text(a), ValueRef::Text(b)) => a.cmp(b),
            (ValueRef::Integer(a), ValueRef::Integer(b)) => a.cmp(&b),
            (ValueRef::Decimal(a), ValueRef::Decimal(b)) => a.cmp(&b),
            (ValueRef::Boolean(a), ValueRef::Boolean(b)) => a.cmp(&b),
            (ValueRef::Date(a), ValueRef::Date(b)) => a.cmp(&b),
            (ValueRef::Timestamp(a), ValueRef::Timestamp(b)) => a.cmp(&b),
            (ValueRef::Json(a), ValueRef::Json(b)) => a.cmp(b),
            _ => Ordering::Equal,
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

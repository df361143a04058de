//! Columns out of the slots of a walk.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    cell::{Cell, Empty, is_nothing},
    extra,
    plan::Source,
    walk::Found,
};
use crate::warehouse::{Rows, ValueRef};

/// A body's values, one per column, and what was left over.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    pub cells: Vec<Cell<'a>>,
    /// Whether the body speaks of the column.
    pub present: u128,
    slots: Vec<Kept>,
}

/// What became of the value in a slot.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    /// A column has it.
    kept: bool,
    /// A column could not take it.
    refused: bool,
}

impl<'a> Values<'a> {
    /// Reads every column; values that no column could take go aside under their paths.
    pub fn read(&mut self, columns: &[Source], paths: &[String], found: &mut Found<'a>, zone: Tz) {
        self.cells.clear();
        self.present = 0;
        self.slots.clear();
        self.slots.resize(found.slots.len(), Kept::default());
        for (index, column) in columns.iter().enumerate() {
            let cell = self.column(column, found, zone);
            if cell.is_some() {
                self.present |= 1 << index;
            }
            self.cells.push(cell.unwrap_or(Cell::Null));
        }
        for (slot, path) in paths.iter().enumerate() {
            let Some(value) = found.slots.get(slot).copied().flatten() else {
                continue;
            };
            match self.slots.get(slot) {
                Some(state) if state.kept => found.surprises += u64::from(state.refused),
                _ if is_nothing(value) => {}
                _ => found.surprise(path.clone(), value),
            }
        }
    }

    /// The column's value: the first of its places that tells one. `None` where the body does not speak of it.
    fn column(&mut self, column: &Source, found: &Found<'a>, zone: Tz) -> Option<Cell<'a>> {
        let mut chosen: Option<Cell<'a>> = None;
        for &slot in &column.slots {
            let Some(value) = found.slots.get(slot).copied().flatten() else {
                continue;
            };
            let Some(state) = self.slots.get_mut(slot) else {
                continue;
            };
            let Some(cell) = column.kind.read(value, zone) else {
                state.refused = true;
                chosen.get_or_insert(Cell::Null);
                continue;
            };
            // What repeats the chosen value is kept by it; what differs goes aside.
            state.kept |= match &chosen {
                None | Some(Cell::Null) => {
                    chosen = Some(cell);
                    true
                }
                Some(chosen) => *chosen == cell || cell == Cell::Null,
            };
        }
        chosen
    }

    /// Fills a column that the body does not have.
    pub fn give(&mut self, column: usize, cell: Cell<'a>) {
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
            self.present |= 1 << column;
        }
    }

    /// The instant in a column.
    pub fn instant(&self, column: usize) -> Option<DateTime<Utc>> {
        match self.get(column) {
            Cell::Instant(at) => Some(*at),
            _ => None,
        }
    }

    /// The value of a column.
    pub fn get(&self, column: usize) -> &Cell<'a> {
        self.cells.get(column).unwrap_or(&Cell::Null)
    }
}

/// Adds a value to the row being built; JSON is written into `scratch` first.
pub(super) fn push(rows: &mut Rows, cell: &Cell<'_>, scratch: &mut String) {
    let value = match cell {
        Cell::Null | Cell::Empty(Empty::Nothing) => ValueRef::Null,
        Cell::Boolean(flag) => ValueRef::Boolean(*flag),
        Cell::Integer(number) => ValueRef::Integer(*number),
        Cell::Decimal(number) => ValueRef::Decimal(*number),
        Cell::Text(text) => ValueRef::Text(text),
        Cell::Written(text) => ValueRef::Text(text),
        Cell::Date(day) => ValueRef::Date(*day),
        Cell::Instant(at) => ValueRef::Timestamp(*at),
        Cell::Empty(Empty::List) => ValueRef::Json("[]"),
        Cell::Empty(Empty::Map) => ValueRef::Json("{}"),
        Cell::Ids(ids) => {
            scratch.clear();
            extra::write(&ids.iter().copied().collect(), scratch);
            ValueRef::Json(scratch)
        }
        Cell::Json(value) => {
            scratch.clear();
            extra::write(value, scratch);
            ValueRef::Json(scratch)
        }
    };
    rows.push(value);
}

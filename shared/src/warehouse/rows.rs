use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::{Value, ValueRef};

/// A batch of rows of the same width, whose texts share one buffer.
///
/// Rows are pushed value by value; a row is complete when as many values as there are columns were pushed. One batch
/// costs two allocations however many values it has, which is what keeps scans as fast as the database's own tools.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    width: usize,
    cells: Vec<Cell>,
    text: String,
    /// Whether any cell is unreadable: rows of all other batches need no look.
    unreadable: bool,
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    cells: &'a [Cell],
    text: &'a str,
    unreadable: bool,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text {
        start: usize,
        end: usize,
    },
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    Json {
        start: usize,
        end: usize,
    },
    /// Something is stored that is not of the column's type. It is given as nothing.
    Unreadable,
}

impl Rows {
    /// An empty batch for rows of this many columns.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            cells: Vec::new(),
            text: String::new(),
            unreadable: false,
        }
    }

    /// An empty batch for rows of the same columns, with room for about as much as this one holds: batches that follow
    /// one another then take memory once.
    pub fn next_batch(&self) -> Self {
        Self {
            width: self.width,
            cells: Vec::with_capacity(self.cells.capacity().min(2 * self.cells.len())),
            text: String::with_capacity(self.text.capacity().min(2 * self.text.len())),
            unreadable: false,
        }
    }

    /// How many columns a row has.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many complete rows there are.
    pub fn len(&self) -> usize {
        self.cells.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is no complete row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of text held; what a batch's memory mostly is.
    pub fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Adds the complete rows of another batch of the same width.
    pub fn append(&mut self, other: &Self) {
        let before = self.text.len();
        let moved = |cell: &Cell| match *cell {
            Cell::Text { start, end } => Cell::Text {
                start: before + start,
                end: before + end,
            },
            Cell::Json { start, end } => Cell::Json {
                start: before + start,
                end: before + end,
            },
            plain => plain,
        };
        let complete = other.len() * other.width;
        self.cells
            .extend(other.cells.iter().take(complete).map(moved));
        self.text.push_str(&other.text);
        self.unreadable |= other.unreadable;
    }

    /// Forgets the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
        self.unreadable = false;
    }

    /// Forgets the values of a row that was begun and not completed.
    pub fn abandon_row(&mut self) {
        let complete = self.len() * self.width;
        self.cells.truncate(complete);
    }

    /// Forgets the last complete row, and the values of one that was begun.
    pub fn pop_row(&mut self) {
        self.abandon_row();
        let left = self.cells.len().saturating_sub(self.width);
        self.cells.truncate(left);
    }

    /// The row at this position.
    pub fn get(&self, index: usize) -> Option<Row<'_>> {
        let start = index.checked_mul(self.width)?;
        let cells = self.cells.get(start..start.checked_add(self.width)?)?;
        Some(Row {
            cells,
            text: &self.text,
            unreadable: self.unreadable,
        })
    }

    /// Every complete row, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.cells.chunks_exact(self.width.max(1)).map(|cells| Row {
            cells,
            text: &self.text,
            unreadable: self.unreadable,
        })
    }

    /// Whether any row has a cell that could not be read.
    pub const fn any_unreadable(&self) -> bool {
        self.unreadable
    }

    /// Adds to the row being built that something is stored in this column that is not of its type.
    pub fn push_unreadable(&mut self) {
        self.unreadable = true;
        self.cells.push(Cell::Unreadable);
    }

    /// Adds a row of another batch, with what could not be read of it.
    pub fn push_copy(&mut self, row: Row<'_>) {
        for (position, value) in row.values().enumerate() {
            if row.is_unreadable(position) {
                self.push_unreadable();
            } else {
                self.push(value);
            }
        }
    }

    /// Adds a value to the row being built. U+0000 in text and JSON is dropped: PostgreSQL cannot keep it.
    pub fn push(&mut self, value: ValueRef<'_>) {
        let cell = match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Boolean(flag) => Cell::Boolean(flag),
            ValueRef::Integer(number) => Cell::Integer(number),
            ValueRef::Decimal(number) => Cell::Decimal(number),
            ValueRef::Text(text) => {
                let (start, end) = self.keep(text);
                Cell::Text { start, end }
            }
            ValueRef::Date(day) => Cell::Date(day),
            ValueRef::Timestamp(at) => Cell::Timestamp(at),
            ValueRef::Json(text) => {
                let (start, end) = self.keep(&without_nul_escapes(text));
                Cell::Json { start, end }
            }
        };
        self.cells.push(cell);
    }

    /// Adds a whole row.
    pub fn push_row<'v>(&mut self, values: impl IntoIterator<Item = ValueRef<'v>>) {
        for value in values {
            self.push(value);
        }
    }

    /// Adds a whole row of values that own their text.
    pub fn push_values<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        self.push_row(values.into_iter().map(Value::as_ref));
    }

    fn keep(&mut self, text: &str) -> (usize, usize) {
        let start = self.text.len();
        if text.as_bytes().contains(&0) {
            self.text
                .extend(text.chars().filter(|&character| character != '\0'));
        } else {
            self.text.push_str(text);
        }
        (start, self.text.len())
    }
}

/// JSON text without the escapes `\u0000`; an escaped backslash before `u0000` is none.
fn without_nul_escapes(json: &str) -> Cow<'_, str> {
    const ESCAPE: &str = "\\u0000";
    if !json.contains(ESCAPE) {
        return Cow::Borrowed(json);
    }
    let mut kept = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        kept.push_str(before);
        rest = if let Some(after) = escape.strip_prefix(ESCAPE) {
            after
        } else {
            let second = escape.chars().nth(1).map_or(0, char::len_utf8);
            let (pair, after) = escape.split_at(1 + second);
            kept.push_str(pair);
            after
        };
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

impl<'a> Row<'a> {
    /// The value in this column; [`ValueRef::Null`] past the last one, and where what is stored could not be read.
    pub fn get(self, column: usize) -> ValueRef<'a> {
        self.cells
            .get(column)
            .map_or(ValueRef::Null, |cell| self.value(cell))
    }

    /// How many columns the row has.
    pub const fn width(self) -> usize {
        self.cells.len()
    }

    /// Whether something is stored in this column that is not of its type: a file of SQLite takes anything anywhere.
    pub fn is_unreadable(self, column: usize) -> bool {
        self.unreadable && matches!(self.cells.get(column), Some(Cell::Unreadable))
    }

    /// Whether that is so in any column.
    pub fn any_unreadable(self) -> bool {
        self.unreadable
            && self
                .cells
                .iter()
                .any(|cell| matches!(cell, Cell::Unreadable))
    }

    /// Every value, in order.
    pub fn values(self) -> impl ExactSizeIterator<Item = ValueRef<'a>> {
        self.cells.iter().map(move |cell| self.value(cell))
    }

    fn value(self, cell: &Cell) -> ValueRef<'a> {
        match *cell {
            Cell::Null | Cell::Unreadable => ValueRef::Null,
            Cell::Boolean(flag) => ValueRef::Boolean(flag),
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Decimal(number) => ValueRef::Decimal(number),
            Cell::Text { start, end } => {
                ValueRef::Text(self.text.get(start..end).unwrap_or_default())
            }
            Cell::Date(day) => ValueRef::Date(day),
            Cell::Timestamp(at) => ValueRef::Timestamp(at),
            Cell::Json { start, end } => {
                ValueRef::Json(self.text.get(start..end).unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were_pushed() {
        let mut rows = Rows::new(3);
        rows.push_row([
            ValueRef::Text("a"),
            ValueRef::Integer(1),
            ValueRef::Json("{}"),
        ]);
        rows.push_row([
            ValueRef::Null,
            ValueRef::Boolean(true),
            ValueRef::Text("żółć"),
        ]);
        let read: Vec<Vec<_>> = rows.iter().map(|row| row.values().collect()).collect();
        assert_eq!(
            read[0],
            [
                ValueRef::Text("a"),
                ValueRef::Integer(1),
                ValueRef::Json("{}")
            ]
        );
        assert_eq!(
            read[1],
            [
                ValueRef::Null,
                ValueRef::Boolean(true),
                ValueRef::Text("żółć")
            ]
        );
    }

    #[test]
    fn appended_rows_keep_their_texts() {
        let batch = |text| {
            let mut rows = Rows::new(2);
            rows.push_row([ValueRef::Text(text), ValueRef::Json("[1]")]);
            rows
        };
        let mut rows = batch("first");
        let mut second = batch("żółć");
        second.push(ValueRef::Text("begun and not completed"));
        rows.append(&second);
        rows.append(&Rows::new(2));
        rows.append(&batch("third"));
        let read: Vec<_> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(read, ["first", "żółć", "third"].map(ValueRef::Text));
        let last = rows.get(2).map(|row| row.get(1));
        assert_eq!(last, Some(ValueRef::Json("[1]")));
    }

    #[test]
    fn what_could_not_be_read_is_nothing_that_says_so() {
        let mut rows = Rows::new(2);
        rows.push_row([ValueRef::Integer(1), ValueRef::Null]);
        assert!(!rows.any_unreadable());
        rows.push(ValueRef::Integer(2));
        rows.push_unreadable();
        let mut copied = Rows::new(2);
        copied.append(&rows);
        rows.iter().for_each(|row| copied.push_copy(row));
        let seen: Vec<_> = copied
            .iter()
            .map(|row| (row.get(1), row.is_unreadable(1), row.any_unreadable()))
            .collect();
        let (whole, broken) = ((ValueRef::Null, false, false), (ValueRef::Null, true, true));
        assert_eq!(seen, [whole, broken, whole, broken]);
        copied.clear();
        copied.push_row([ValueRef::Null, ValueRef::Null]);
        assert!(!copied.any_unreadable());
    }

    #[test]
    fn an_abandoned_row_leaves_the_complete_ones() {
        let mut rows = Rows::new(2);
        rows.push_row([ValueRef::Integer(1), ValueRef::Integer(2)]);
        rows.push(ValueRef::Integer(3));
        rows.abandon_row();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows.get(1).map(|row| row.width()), None);
    }

    #[test]
    fn text_never_holds_the_character_postgres_cannot_keep() {
        let mut rows = Rows::new(1);
        rows.push(ValueRef::Text("a\0b"));
        assert_eq!(
            rows.get(0).map(|row| row.get(0)),
            Some(ValueRef::Text("ab"))
        );
        rows.push(ValueRef::Json(r#"{"a":"x\u0000\\u0000y"}"#));
        assert_eq!(
            rows.get(1).map(|row| row.get(0)),
            Some(ValueRef::Json(r#"{"a":"x\\u0000y"}"#))
        );
    }
}

use std::ops::ControlFlow;

use rust_xlsxwriter::{ColNum, utility::column_number_to_name};

use crate::sheets::SheetError;

/// Takes the rows of a file, with the name of their sheet, until it says that it has enough.
pub(in crate::sheets) type EachRow<'f> =
    dyn FnMut(&str, &Record) -> Result<ControlFlow<()>, SheetError> + 'f;

/// A cell as a file holds it, before anyone knows what it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::sheets) enum RawCell<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
    /// Days since 1899-12-30 in a cell that is shown as a date.
    Moment(f64),
    Boolean(bool),
    /// What a spreadsheet shows for a formula that failed.
    Failed,
    /// A formula whose result the file does not hold; its text, where the cell has it.
    Formula(&'a str),
}

impl RawCell<'_> {
    /// What should be there instead, where a formula has nothing to read.
    pub(in crate::sheets) const fn lacks(self) -> Option<&'static str> {
        match self {
            Self::Failed => Some("a value; the formula in the cell failed"),
            Self::Formula(_) => Some(
                "a value; the file does not hold the formula's result: open it in a spreadsheet program and save it",
            ),
            _ => None,
        }
    }
}

/// One row of a file. Its memory is used again for the next one.
#[derive(Debug, Default)]
pub(in crate::sheets) struct Record {
    /// The line in the file, or the row of the sheet, counted from 1.
    pub(in crate::sheets) line: u64,
    cells: Vec<Kept>,
    text: String,
}

#[derive(Debug, Clone, Copy)]
enum Kept {
    Empty,
    Text(usize, usize),
    Number(f64),
    Moment(f64),
    Boolean(bool),
    Failed,
    Formula(usize, usize),
}

impl Record {
    pub(in crate::sheets) fn clear(&mut self, line: u64) {
        self.line = line;
        self.cells.clear();
        self.text.clear();
    }

    pub(in crate::sheets) const fn len(&self) -> usize {
        self.cells.len()
    }

    pub(in crate::sheets) fn push(&mut self, cell: RawCell<'_>) {
        let kept = match cell {
            RawCell::Empty | RawCell::Text("") => Kept::Empty,
            RawCell::Text(text) => {
                let (start, end) = self.hold(text);
                Kept::Text(start, end)
            }
            RawCell::Formula(text) => {
                let (start, end) = self.hold(text);
                Kept::Formula(start, end)
            }
            RawCell::Number(number) => Kept::Number(number),
            RawCell::Moment(serial) => Kept::Moment(serial),
            RawCell::Boolean(flag) => Kept::Boolean(flag),
            RawCell::Failed => Kept::Failed,
        };
        self.cells.push(kept);
    }

    fn hold(&mut self, text: &str) -> (usize, usize) {
        let start = self.text.len();
        self.text.push_str(text);
        (start, self.text.len())
    }

    pub(in crate::sheets) fn pad(&mut self, width: usize) {
        while self.cells.len() < width {
            self.cells.push(Kept::Empty);
        }
    }

    pub(in crate::sheets) fn get(&self, index: usize) -> RawCell<'_> {
        match self.cells.get(index) {
            None | Some(Kept::Empty) => RawCell::Empty,
            Some(Kept::Text(start, end)) => {
                RawCell::Text(self.text.get(*start..*end).unwrap_or_default())
            }
            Some(Kept::Number(number)) => RawCell::Number(*number),
            Some(Kept::Moment(serial)) => RawCell::Moment(*serial),
            Some(Kept::Boolean(flag)) => RawCell::Boolean(*flag),
            Some(Kept::Failed) => RawCell::Failed,
            Some(Kept::Formula(start, end)) => {
                RawCell::Formula(self.text.get(*start..*end).unwrap_or_default())
            }
        }
    }

    /// Whether no cell holds more than spaces.
    pub(in crate::sheets) fn is_blank(&self) -> bool {
        (0..self.cells.len()).all(|index| match self.get(index) {
            RawCell::Empty => true,
            RawCell::Text(text) => text.trim().is_empty(),
            _ => false,
        })
    }

    /// What a cell holds, for a report; a formula with its place, as spreadsheets name it.
    pub(in crate::sheets) fn shown(&self, sheet: &str, index: usize) -> String {
        let cell = self.get(index);
        match (cell, ColNum::try_from(index)) {
            (RawCell::Formula(_), Ok(column)) => {
                let column = column_number_to_name(column);
                format!("{sheet}!{column}{}: {cell}", self.line)
            }
            _ => cell.to_string(),
        }
    }

    /// The cells as text, for headers and for showing what was found.
    pub(in crate::sheets) fn texts(&self) -> Vec<String> {
        (0..self.cells.len())
            .map(|index| self.get(index).to_string())
            .collect()
    }
}

impl std::fmt::Display for RawCell<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => formatter.write_str(text),
            Self::Number(number) | Self::Moment(number) => write!(formatter, "{number}"),
            Self::Boolean(flag) => write!(formatter, "{flag}"),
            Self::Failed => formatter.write_str("#ERROR"),
            Self::Formula(text) => write!(formatter, "={text}"),
        }
    }
}

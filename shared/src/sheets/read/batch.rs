use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value as Json};

use super::layout::Layout;
use crate::{catalog::Table, warehouse::Rows};

/// Rows of a file, typed, with all that a row of values cannot say.
#[derive(Debug, Clone)]
pub struct SheetBatch {
    /// The table they are for.
    pub table: Arc<Table>,
    /// The names of the rows' columns: `id`, the mapped ones, and `custom_values` when custom fields are mapped.
    pub columns: Arc<[String]>,
    /// The sheet of a workbook; empty for CSV.
    pub sheet: String,
    /// The good rows.
    pub rows: Rows,
    /// For each good row, its line in the file or row in the sheet, counted from 1.
    pub lines: Vec<u64>,
    /// The lines of the good rows whose id is made of what they hold, with the columns of their key; none when it is made
    /// of everything.
    pub keys: HashMap<u64, &'static [&'static str]>,
    /// Referred rows that are named and not given by id: the caller finds the id and puts it into the null cell.
    pub lookups: Vec<Lookup>,
    /// Values that stay as the warehouse has them: the file shows a mask.
    pub kept: Vec<Kept>,
    /// What is wrong with the other rows.
    pub problems: Vec<RowProblem>,
}

/// A reference given by what people call the referred row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The row's position in the batch.
    pub row: usize,
    /// The column that needs the id, such as `type_id`.
    pub column: String,
    /// The column of the referred table, such as `name`.
    pub by: String,
    /// What it holds there.
    pub text: String,
}

/// A value that the file does not show and must not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The row's position in the batch.
    pub row: usize,
    /// The column.
    pub column: String,
    /// The custom field's id, when the column holds custom values.
    pub field: Option<String>,
}

/// Why a row was left out. Its neighbours are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The sheet of a workbook; empty for CSV.
    pub sheet: String,
    /// The line in the file, or row in the sheet, counted from 1.
    pub line: u64,
    /// The table.
    pub entity: String,
    /// The row's id, where the file gives one.
    pub id: Option<String>,
    /// The column, or the header of one.
    pub field: String,
    /// What should be there.
    pub expected: String,
    /// What is there, its beginning.
    pub found: String,
    /// What could be read of the row, by column or by the path to what a referred row is called, with the first of its
    /// problems; nothing where that is long.
    pub row: Option<Map<String, Json>>,
}

/// What was in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Good rows.
    pub rows: u64,
    /// Rows left out.
    pub rejected: u64,
    /// Rows of a list of deliveries that tell of a part and of no delivery; they were passed over.
    pub cards: u64,
    /// Rows of a CSV file with fewer cells than its header; the others are empty.
    pub short: u64,
    /// Sheets of a workbook whose header is not the first sheet's; they were not read.
    pub skipped_sheets: Vec<String>,
}

/// A batch without rows.
pub(super) fn empty(table: &Arc<Table>, layout: &Layout, sheet: &str) -> SheetBatch {
    SheetBatch {
        table: Arc::clone(table),
        columns: Arc::clone(&layout.names),
        sheet: sheet.to_owned(),
        rows: Rows::new(layout.columns.len()),
        lines: Vec::new(),
        keys: HashMap::new(),
        lookups: Vec::new(),
        kept: Vec::new(),
        problems: Vec::new(),
    }
}

/// The beginning of a text, as much as a report shows.
pub(in crate::sheets) fn beginning(text: &str) -> String {
    const SHOWN: usize = 100;
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

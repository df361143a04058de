use rust_xlsxwriter::Workbook;

use crate::sheets::SheetError;

/// The sheet that keeps, in pieces, texts too long for a cell.
pub(in crate::sheets) const SHEET: &str = "_overflow";
/// What a cell begins with whose text is kept there; its key follows.
pub(in crate::sheets) const MARKER_START: &str = "[_overflow ";
/// What ends the key.
pub(in crate::sheets) const MARKER_END: char = ']';
/// Characters of the text that its cell still shows.
const SHOWN: usize = 1_000;

/// Texts too long for a cell, in a sheet of their own. A cell names its text by a key, so that sorting the rows of the list
/// keeps them together.
#[derive(Debug)]
pub(super) struct Overflow {
    sheet: Option<usize>,
    row: u32,
    key: u64,
    /// UTF-16 units that a cell holds at most.
    limit: usize,
}

impl Overflow {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            sheet: None,
            row: 0,
            key: 0,
            limit,
        }
    }

    /// Whether a text must not be written into its cell: too long, or taken for the name of one that is.
    pub(super) fn takes(&self, text: &str) -> bool {
        (text.len() > self.limit && text.encode_utf16().count() > self.limit)
            || text.starts_with(MARKER_START)
    }

    /// Keeps a text and gives what its cell shows.
    pub(super) fn keep(
        &mut self,
        workbook: &mut Workbook,
        sheets: &mut usize,
        text: &str,
    ) -> Result<String, SheetError> {
        self.key += 1;
        let mut part = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(piece_end(rest, self.limit));
            part += 1;
            self.push(workbook, sheets, part, piece)?;
            rest = after;
        }
        let shown: String = text.chars().take(SHOWN.min(self.limit / 4)).collect();
        Ok(format!("{MARKER_START}{}{MARKER_END} {shown}…", self.key))
    }

    fn push(
        &mut self,
        workbook: &mut Workbook,
        sheets: &mut usize,
        part: u32,
        piece: &str,
    ) -> Result<(), SheetError> {
        let index = match self.sheet {
            Some(index) => index,
            None => {
                let sheet = workbook.add_worksheet_with_constant_memory()?;
                sheet.set_name(SHEET)?;
                sheet.write_string(0, 0, "key")?;
                sheet.write_string(0, 1, "part")?;
                sheet.write_string(0, 2, "text")?;
                self.sheet = Some(*sheets);
                *sheets += 1;
                *sheets - 1
            }
        };
        self.row += 1;
        let sheet = workbook.worksheet_from_index(index)?;
        sheet.write_number(self.row, 0, self.key as f64)?;
        sheet.write_number(self.row, 1, part)?;
        sheet.write_string(self.row, 2, piece)?;
        Ok(())
    }
}

/// Where the longest beginning ends that a cell holds.
fn piece_end(text: &str, limit: usize) -> usize {
    let mut units = 0;
    for (index, character) in text.char_indices() {
        units += character.len_utf16();
        if units > limit && index > 0 {
            return index;
        }
    }
    text.len()
}

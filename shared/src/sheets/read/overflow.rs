use std::{
    collections::HashMap,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use super::{
    archive::damaged,
    record::{RawCell, Record},
};
use crate::sheets::{
    SheetError,
    write::{MARKER_END, MARKER_START, OVERFLOW_SHEET},
};

/// Texts that were too long for their cells, put together again in a temporary file.
pub(super) struct Overflowed {
    spool: File,
    end: u64,
    texts: HashMap<u64, Place>,
    limit: u64,
}

struct Place {
    start: u64,
    bytes: u64,
    parts: u64,
}

impl Overflowed {
    pub(super) fn new(folder: &Path, limit: u64) -> Result<Self, SheetError> {
        Ok(Self {
            spool: tempfile::tempfile_in(folder)?,
            end: 0,
            texts: HashMap::new(),
            limit,
        })
    }

    /// Takes a row of the sheet: key, number of the part, part.
    pub(super) fn keep(&mut self, row: &Record) -> Result<(), SheetError> {
        let (RawCell::Number(key), RawCell::Number(part), RawCell::Text(text)) =
            (row.get(0), row.get(1), row.get(2))
        else {
            return Ok(());
        };
        let (key, part) = (key as u64, part as u64);
        let end = self.end;
        let place = self.texts.entry(key).or_insert(Place {
            start: end,
            bytes: 0,
            parts: 0,
        });
        if part != place.parts + 1 || place.start + place.bytes != end {
            let place = format!("{OVERFLOW_SHEET}, row {}", row.line);
            return Err(damaged(&place, &"the parts of the text are out of order"));
        }
        place.parts = part;
        place.bytes += text.len() as u64;
        if place.bytes > self.limit {
            return Err(SheetError::RowTooLong {
                line: row.line,
                limit: self.limit,
            });
        }
        self.spool.write_all(text.as_bytes())?;
        self.end += text.len() as u64;
        Ok(())
    }

    /// The whole text that a cell names; `None` when it names none.
    pub(super) fn get(&mut self, cell: &str) -> Result<Option<String>, SheetError> {
        let place = cell
            .strip_prefix(MARKER_START)
            .and_then(|rest| rest.split_once(MARKER_END))
            .and_then(|(key, _)| key.parse().ok())
            .and_then(|key: u64| self.texts.get(&key));
        let Some(place) = place else { return Ok(None) };
        self.spool.seek(SeekFrom::Start(place.start))?;
        let mut text = String::new();
        (&mut self.spool)
            .take(place.bytes)
            .read_to_string(&mut text)?;
        Ok(Some(text))
    }
}

use std::{collections::BTreeMap, io::Write};

use chrono_tz::Tz;

use super::{COLUMNS, PREFIX, stored::Stored};
use crate::{
    catalog,
    sheets::{
        SheetError,
        guard::TextKind,
        write::{push_text, special_bytes},
    },
    warehouse::{Filter, Row, Rows, Scan, ValueRef},
};

/// Bytes gathered before they are handed on.
const BUFFER: usize = 64 * 1024;

/// The columns of `repairs` that the writer takes, in this order.
const SCANNED: [&str; 8] = [
    "id",
    "type_id",
    "type_id.name",
    "vendor",
    "issue",
    "status",
    "created_at",
    "custom_values",
];

/// What the shop's own repairs say about where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdsOrigin {
    /// Who gives the data away: the shop's name.
    pub data_provider: String,
    /// Three letters, ISO 3166-1.
    pub country: String,
    /// The zone that says on which day a repair came in.
    pub zone: Tz,
}

/// Writes repairs as a file of the standard. Those that came from one get every cell back as it was.
///
/// Texts go out as they are, as the standard has them: descriptions of faults can tell something about a person.
#[derive(Debug)]
pub struct OrdsWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    special: [bool; 256],
    origin: OrdsOrigin,
    rows: u64,
}

impl<W: Write> OrdsWriter<W> {
    /// Begins a file with its header.
    pub fn new(origin: OrdsOrigin, out: W) -> Self {
        let mut writer = Self {
            out,
            buffer: Vec::with_capacity(BUFFER),
            special: special_bytes(b','),
            origin,
            rows: 0,
        };
        writer.line(|name| name.to_owned());
        writer
    }

    /// The scan whose rows the writer takes.
    pub fn scan(filter: Filter) -> Result<Scan, SheetError> {
        let table = catalog::table("repairs").ok_or_else(|| SheetError::UnknownList {
            name: "repairs".to_owned(),
        })?;
        Ok(Scan::of(table).columns(SCANNED).filter(filter))
    }

    /// Writes rows of the [`scan`](Self::scan).
    pub fn write(&mut self, rows: &Rows) -> Result<(), SheetError> {
        for row in rows.iter() {
            self.rows += 1;
            let stored = self.stored(row)?;
            let zone = self.origin.zone;
            self.line(|name| stored.cell(name, zone));
            if self.buffer.len() >= BUFFER {
                self.out.write_all(&self.buffer)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    /// How many rows were written.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands on what is left and gives back what took the file.
    pub fn finish(mut self) -> Result<W, SheetError> {
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn stored(&self, row: Row<'_>) -> Result<Stored, SheetError> {
        let text = |index: usize| row.get(index).as_str().map(str::to_owned);
        let mut stored = Stored {
            id: text(0).unwrap_or_default(),
            type_id: text(1),
            type_name: text(2),
            vendor: text(3),
            issue: text(4),
            status: text(5).unwrap_or_default(),
            created_at: row.get(6).as_timestamp(),
            custom: BTreeMap::new(),
        };
        if let ValueRef::Json(json) = row.get(7) {
            let custom: BTreeMap<String, serde_json::Value> = serde_json::from_str(json)
                .map_err(|_| SheetError::CustomValues { row: self.rows })?;
            for (id, value) in custom {
                if let (Some(name), Some(text)) = (id.strip_prefix(PREFIX), value.as_str()) {
                    stored.custom.insert(name.to_owned(), text.to_owned());
                }
            }
        }
        if !stored.is_ords() {
            let origin = [
                ("data_provider", &self.origin.data_provider),
                ("country", &self.origin.country),
            ];
            for (name, text) in origin {
                stored
                    .custom
                    .entry(name.to_owned())
                    .or_insert_with(|| text.clone());
            }
        }
        Ok(stored)
    }

    fn line(&mut self, cell: impl Fn(&str) -> String) {
        for (index, name) in COLUMNS.into_iter().enumerate() {
            if index > 0 {
                self.buffer.push(b',');
            }
            push_text(
                &mut self.buffer,
                &self.special,
                &cell(name),
                TextKind::Free,
                false,
            );
        }
        self.buffer.push(b'\n');
    }
}

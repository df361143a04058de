use std::{
    io::{Read, Seek, SeekFrom},
    ops::ControlFlow,
    sync::Arc,
};

use super::{
    Mapping, MappingGuess, ReadOptions, ReadSummary, Separator, SheetBatch, archive,
    csv::{self, CsvRows, Dialect},
    encoding::{self, Encoding},
    layout::Layout,
    mapping,
    number::Signs,
    record::{EachRow, Record},
    rows::RowReader,
    xlsx,
};
use crate::{
    catalog::Table,
    sheets::{
        CustomField, SheetError,
        guard::{self, TextKind},
    },
};

/// Rows that are looked at to tell the order of dates, and characters of their cells.
const SAMPLE_ROWS: usize = 1_000;
const SAMPLE_CHARACTERS: usize = 40;

/// What a list's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetFormat {
    /// Text, one row a line.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
}

/// A list that somebody uploads, opened: its format and encoding are settled and its header is read.
pub struct SheetFile<R> {
    input: R,
    options: ReadOptions,
    dialect: Option<Dialect>,
    header: Vec<String>,
    samples: Vec<Vec<String>>,
}

impl<R: Read + Seek> SheetFile<R> {
    /// Opens a file: tells what it is by its content, looks at what it would unpack to, reads its header and a sample.
    pub fn open(mut input: R, options: ReadOptions) -> Result<Self, SheetError> {
        let format = format_of(&mut input)?;
        match (options.format, format) {
            (Some(SheetFormat::Csv), SheetFormat::Xlsx) => {
                return Err(SheetError::WrongFormat {
                    expected: "CSV file",
                    found: "a zip archive, as XLSX workbooks are",
                });
            }
            (Some(SheetFormat::Xlsx), SheetFormat::Csv) => {
                return Err(SheetError::WrongFormat {
                    expected: "XLSX workbook",
                    found: "text, as CSV files are",
                });
            }
            _ => {}
        }
        let dialect = match format {
            SheetFormat::Xlsx => {
                archive::check(&mut input, &options.limits)?;
                None
            }
            SheetFormat::Csv => {
                let encoding = match options.encoding {
                    Some(encoding) => encoding,
                    None => encoding::guess(&mut input)?,
                };
                Some(csv::sniff(&mut input, encoding, options.separator)?)
            }
        };
        let mut file = Self {
            input,
            options,
            dialect,
            header: Vec::new(),
            samples: Vec::new(),
        };
        file.look()?;
        Ok(file)
    }

    /// What the file is.
    pub const fn format(&self) -> SheetFormat {
        match self.dialect {
            Some(_) => SheetFormat::Csv,
            None => SheetFormat::Xlsx,
        }
    }

    /// The encoding of a CSV file.
    pub fn encoding(&self) -> Option<Encoding> {
        self.dialect.map(|dialect| dialect.encoding)
    }

    /// What stands between the cells of a CSV file.
    pub fn separator(&self) -> Option<char> {
        self.dialect.map(|dialect| char::from(dialect.separator))
    }

    /// The header row.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The beginnings of the first rows' cells, as they stand in the file; at most 1,000 rows.
    pub fn samples(&self) -> &[Vec<String>] {
        &self.samples
    }

    /// Guesses which column is which, for a list of this table in a shop with these custom fields.
    pub fn guess(&self, table: &Table, fields: &[CustomField]) -> MappingGuess {
        let is_csv = self.dialect.is_some();
        let mut guess = mapping::guess(table, &self.header, &self.samples, fields, is_csv);
        guess.mapping.encoding = self.encoding();
        let separator = self.dialect.map(|dialect| dialect.separator);
        guess.mapping.separator = separator.and_then(Separator::of_byte);
        guess
    }

    /// Reads every row as the mapping says and hands them on in batches, until told to stop. Its columns are found by their
    /// headers: those that it does not name are left out, and one that the file does not have is an error. A row with a
    /// problem is left out and reported; a file that cannot be read further ends with an error that names the place.
    pub fn read(
        &mut self,
        table: &Arc<Table>,
        mapping: &Mapping,
        fields: &[CustomField],
        take: &mut dyn FnMut(SheetBatch) -> ControlFlow<()>,
    ) -> Result<ReadSummary, SheetError> {
        let mapping = &mapping.fitted(&self.header)?;
        let layout = Layout::new(table, mapping, fields)?;
        if mapping.columns.iter().all(|column| column.target.is_none()) {
            return Err(SheetError::NoKnownColumn {
                headers: shown(&self.header),
            });
        }
        let options = self.options.clone();
        let exact = self.dialect.is_some();
        let numbers = self
            .samples
            .iter()
            .flat_map(|row| layout.numbers(row))
            .map(String::as_str);
        let signs = Signs::of(self.dialect.map(|dialect| dialect.separator), numbers);
        let mut reader = RowReader::new(table, &layout, &options, mapping, signs, take);
        let skipped = self.each_row(&mut |sheet, record| Ok(reader.row(sheet, record, exact)))?;
        // Whoever stopped the reading does not want the rest either.
        if let Some(skipped_sheets) = skipped {
            let _stopped = reader.flush();
            reader.summary.skipped_sheets = skipped_sheets;
        }
        Ok(reader.summary)
    }

    /// Gives every row after the header; the names of sheets that were skipped, or nothing when the taker stopped.
    pub(in crate::sheets) fn each_row(
        &mut self,
        each: &mut EachRow<'_>,
    ) -> Result<Option<Vec<String>>, SheetError> {
        let header = std::mem::take(&mut self.header);
        let mut sheets = Sheets {
            header: &header,
            current: None,
            skipped: Vec::new(),
        };
        let mut stopped = false;
        let read = self.raw_rows(&mut |sheet, record| {
            if !sheets.is_row(sheet, record) {
                return Ok(ControlFlow::Continue(()));
            }
            let flow = each(sheet, record)?;
            stopped = flow.is_break();
            Ok(flow)
        });
        let skipped = std::mem::take(&mut sheets.skipped);
        self.header = header;
        read?;
        Ok((!stopped).then_some(skipped))
    }

    fn raw_rows(&mut self, each: &mut EachRow<'_>) -> Result<(), SheetError> {
        let limits = self.options.limits;
        let Some(dialect) = self.dialect else {
            self.input.seek(SeekFrom::Start(0))?;
            return xlsx::rows(&mut self.input, &limits, &self.options.folder, each);
        };
        let mut rows = CsvRows::new(&mut self.input, dialect, limits)?;
        let mut record = Record::default();
        while rows.next(&mut record)? {
            if each("", &record)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), SheetError> {
        let mut header = None;
        let mut samples = Vec::new();
        let mut first = String::new();
        self.raw_rows(&mut |sheet, record| {
            if header.is_none() {
                header = Some(texts(record));
                sheet.clone_into(&mut first);
            } else if sheet != first || samples.len() >= SAMPLE_ROWS {
                return Ok(ControlFlow::Break(()));
            } else {
                samples.push(sample(record));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.header = header.ok_or(SheetError::Empty)?;
        self.samples = samples;
        Ok(())
    }
}

/// Tells the header of each sheet from its rows. A list may be split over sheets with the same header; others are skipped.
struct Sheets<'h> {
    header: &'h [String],
    /// The sheet that is read, and whether its rows count.
    current: Option<(String, bool)>,
    skipped: Vec<String>,
}

impl Sheets<'_> {
    fn is_row(&mut self, sheet: &str, record: &Record) -> bool {
        if let Some((current, counts)) = &self.current
            && current == sheet
        {
            return *counts;
        }
        let counts = texts(record) == self.header;
        if !counts {
            self.skipped.push(sheet.to_owned());
        }
        self.current = Some((sheet.to_owned(), counts));
        false
    }
}

fn texts(record: &Record) -> Vec<String> {
    let mut texts: Vec<String> = record
        .texts()
        .iter()
        .map(|text| guard::unguard(text, TextKind::Free).into_owned())
        .collect();
    while texts.last().is_some_and(String::is_empty) {
        texts.pop();
    }
    texts
}

/// The first headers as an error shows them; what is no text (a picture, say) has signs that no screen shows.
pub(super) fn shown(header: &[String]) -> String {
    const SHOWN: usize = 10;
    let mut texts: Vec<String> = header
        .iter()
        .take(SHOWN)
        .map(|text| {
            let visible = text.chars().filter(|character| !character.is_control());
            let short: String = visible.take(SAMPLE_CHARACTERS).collect();
            format!("`{short}`")
        })
        .collect();
    if header.len() > SHOWN {
        texts.push("…".to_owned());
    }
    texts.join(", ")
}

fn sample(record: &Record) -> Vec<String> {
    let shorten = |text: String| text.chars().take(SAMPLE_CHARACTERS).collect();
    record.texts().into_iter().map(shorten).collect()
}

fn format_of<R: Read + Seek>(input: &mut R) -> Result<SheetFormat, SheetError> {
    input.seek(SeekFrom::Start(0))?;
    let mut start = Vec::with_capacity(8);
    input.take(8).read_to_end(&mut start)?;
    let found = match start.as_slice() {
        [] => return Err(SheetError::Empty),
        [b'P', b'K', 3, 4, ..] => return Ok(SheetFormat::Xlsx),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "an old or password-protected Excel workbook",
        [0x1F, 0x8B, ..] => "a gzip archive",
        [b'P', b'K', 5, 6, ..] => "an empty zip archive",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        [b'<', b'?', b'x', b'm', b'l', ..] => "an XML file",
        _ => return Ok(SheetFormat::Csv),
    };
    Err(SheetError::WrongFormat {
        expected: "list",
        found,
    })
}

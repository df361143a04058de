use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    ReadLimits,
    encoding::{Decoded, Encoding, NotText},
    lines::Lines,
    record::{RawCell, Record},
};
use crate::sheets::SheetError;

/// How many bytes of text are looked at to find the separator.
const SAMPLE: usize = 64 * 1024;
/// Separators that are looked for; of equals, the first one wins.
const SEPARATORS: [u8; 4] = *b";,\t|";

/// A CSV file, settled: how its bytes are text and what stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) encoding: Encoding,
    pub(super) separator: u8,
    /// Lines at the start that are no rows: Excel's `sep=;`.
    pub(super) skip: u64,
}

/// Finds the separator on a bounded sample: the one by which most rows have as many cells as the first.
pub(super) fn sniff<R: Read + Seek>(
    input: &mut R,
    encoding: Encoding,
    separator: Option<u8>,
) -> Result<Dialect, SheetError> {
    input.seek(SeekFrom::Start(0))?;
    let mut sample = Vec::with_capacity(SAMPLE);
    Decoded::new(&mut *input, encoding)
        .take(SAMPLE as u64)
        .read_to_end(&mut sample)
        .map_err(|error| failed(error, encoding))?;
    let stated = sample.strip_prefix(b"sep=").and_then(|rest| match rest {
        [separator, b'\r' | b'\n', ..] => Some(*separator),
        _ => None,
    });
    let guess = || {
        // A tie goes to the earlier one, as `max_by_key` takes the last of equals.
        SEPARATORS
            .into_iter()
            .rev()
            .max_by_key(|&separator| score(&sample, separator))
            .unwrap_or(b',')
    };
    Ok(Dialect {
        encoding,
        separator: separator.or(stated).unwrap_or_else(guess),
        skip: u64::from(stated.is_some()),
    })
}

/// Cells of the header, when at least two, weighed by the share of sampled rows that have as many.
fn score(sample: &[u8], separator: u8) -> u64 {
    let mut reader = builder(separator).from_reader(sample);
    let mut record = csv::ByteRecord::new();
    let (mut header, mut rows, mut alike) = (0, 0, 0);
    while rows < 100 && reader.read_byte_record(&mut record).unwrap_or(false) {
        if rows == 0 {
            header = record.len() as u64;
        }
        rows += 1;
        alike += u64::from(record.len() as u64 == header);
    }
    if header < 2 {
        return 0;
    }
    alike * 1_000 / rows.max(1) * 1_000 + header
}

fn builder(separator: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .buffer_capacity(16 * 1024);
    builder
}

/// The rows of a CSV file, one at a time.
pub(super) struct CsvRows<R: Read> {
    reader: csv::Reader<Metered<Decoded<R>>>,
    record: csv::ByteRecord,
    given: Arc<AtomicU64>,
    encoding: Encoding,
    skip: u64,
    limits: ReadLimits,
    last_line: u64,
}

impl<R: Read + Seek> CsvRows<R> {
    pub(super) fn new(
        mut input: R,
        dialect: Dialect,
        limits: ReadLimits,
    ) -> Result<Self, SheetError> {
        input.seek(SeekFrom::Start(0))?;
        let given = Arc::new(AtomicU64::new(0));
        let metered = Metered {
            input: Decoded::new(input, dialect.encoding),
            given: Arc::clone(&given),
            limit: limits.row_bytes,
            lines: Lines::new(dialect.separator),
        };
        Ok(Self {
            reader: builder(dialect.separator).from_reader(metered),
            record: csv::ByteRecord::new(),
            given,
            encoding: dialect.encoding,
            skip: dialect.skip,
            limits,
            last_line: 0,
        })
    }

    /// Reads the next row that is not blank; false at the end.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, SheetError> {
        loop {
            self.given.store(0, Ordering::Relaxed);
            let read = self.reader.read_byte_record(&mut self.record);
            if !read.map_err(|error| self.failure(error))? {
                return Ok(false);
            }
            let lines = &mut self.reader.get_mut().lines;
            self.last_line = lines.next_row().unwrap_or(self.last_line + 1);
            if let Some(line) = lines.open_quote() {
                return Err(SheetError::OpenQuote { line });
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.fill(record)?;
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    fn fill(&self, record: &mut Record) -> Result<(), SheetError> {
        if self.record.len() > self.limits.columns {
            return Err(SheetError::TooManyCells {
                line: self.last_line,
                found: self.record.len(),
                limit: self.limits.columns,
            });
        }
        record.clear(self.last_line);
        for field in &self.record {
            // The decoder gives UTF-8 and cells are cut at ASCII bytes, so this never fails.
            record.push(RawCell::Text(
                std::str::from_utf8(field).unwrap_or_default(),
            ));
        }
        Ok(())
    }

    fn failure(&mut self, error: csv::Error) -> SheetError {
        let next = self.reader.get_mut().lines.next_row();
        let line = next.unwrap_or(self.last_line + 1);
        match error.into_kind() {
            csv::ErrorKind::Io(error)
                if error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<RowTooLong>()) =>
            {
                SheetError::RowTooLong {
                    line,
                    limit: self.limits.row_bytes,
                }
            }
            csv::ErrorKind::Io(error) => failed(error, self.encoding),
            _ => SheetError::Encoding {
                encoding: self.encoding.name(),
                line,
            },
        }
    }
}

fn failed(error: io::Error, encoding: Encoding) -> SheetError {
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<NotText>())
    {
        Some(problem) => SheetError::Encoding {
            encoding: encoding.name(),
            line: problem.line,
        },
        None => SheetError::Io(error),
    }
}

/// Stops a row that does not end, before it fills the memory.
struct Metered<R> {
    input: R,
    /// Bytes given since the last row ended.
    given: Arc<AtomicU64>,
    limit: u64,
    lines: Lines,
}

#[derive(Debug, thiserror::Error)]
#[error("the row is too long")]
struct RowTooLong;

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given.load(Ordering::Relaxed) > self.limit {
            return Err(io::Error::new(io::ErrorKind::InvalidData, RowTooLong));
        }
        let count = self.input.read(out)?;
        self.given.fetch_add(count as u64, Ordering::Relaxed);
        if !out.is_empty() {
            self.lines.look(out.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}

//! Lists that somebody uploads, read as typed rows.

mod archive;
mod batch;
mod beside;
mod csv;
mod encoding;
mod file;
mod fitting;
mod key;
mod layout;
mod lines;
mod mapping;
mod moment;
mod names;
mod number;
mod overflow;
mod parse;
mod record;
mod rows;
mod separator;
mod synonyms;
mod targets;
mod xlsx;

use std::path::PathBuf;

use chrono_tz::Tz;

pub use batch::{Kept, Lookup, ReadSummary, RowProblem, SheetBatch};
pub use encoding::Encoding;
pub use file::{SheetFile, SheetFormat};
pub use mapping::{ColumnMapping, Mapping, MappingGuess, Question};
pub use moment::DateOrder;
pub use separator::Separator;
pub use targets::{Target, label_of_path, targets};

pub(in crate::sheets) use names::is_known;
pub(in crate::sheets) use record::Record;

/// What is known about a file before it is opened, and where its rows belong.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The format, when somebody stated it; otherwise the content says.
    pub format: Option<SheetFormat>,
    /// The encoding of a CSV file, when somebody stated it; otherwise it is guessed.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a CSV file, when somebody stated it; otherwise it is guessed.
    pub separator: Option<u8>,
    /// The zone of times without an offset: the business's.
    pub zone: Tz,
    /// What is put, with a `:`, before ids that have none: the subscription or the file's origin.
    pub namespace: String,
    /// Where temporary files lie.
    pub folder: PathBuf,
    /// How much is read at most.
    pub limits: ReadLimits,
}

impl ReadOptions {
    /// Guesses all that can be guessed, with the usual limits.
    pub fn new(zone: Tz, namespace: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self {
            format: None,
            encoding: None,
            separator: None,
            zone,
            namespace: namespace.into(),
            folder: folder.into(),
            limits: ReadLimits::default(),
        }
    }
}

/// How much of a file is read at most; what is larger is refused by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Bytes of one row.
    pub row_bytes: u64,
    /// Cells of one row.
    pub columns: usize,
    /// What a workbook unpacks to, in bytes, all parts together.
    pub unpacked_bytes: u64,
    /// What the texts that a workbook's cells share unpack to, in bytes; they are kept in memory.
    pub shared_text_bytes: u64,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            row_bytes: 4 << 20,
            columns: 1_000,
            unpacked_bytes: 4 << 30,
            shared_text_bytes: 64 << 20,
        }
    }
}

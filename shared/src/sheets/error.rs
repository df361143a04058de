use std::io;

/// Why a list could not be made, written or read as a whole. Problems of single rows are [`RowProblem`](super::RowProblem)s.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The file, or what takes it, failed.
    #[error("reading or writing the file failed")]
    Io(#[from] io::Error),
    /// There is no prepared list and no table of this name.
    #[error("there is no list named `{name}`")]
    UnknownList {
        /// The name.
        name: String,
    },
    /// The table has no such column.
    #[error("table `{table}` has no column `{column}`")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column or path.
        column: String,
    },
    /// Rows of this table do not come in by lists.
    #[error("rows of table `{table}` cannot be imported from a list")]
    NotImportable {
        /// The table.
        table: String,
    },
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The content is not what the stated or guessed format holds.
    #[error("the file is not a {expected}: it looks like {found}")]
    WrongFormat {
        /// The format that was expected.
        expected: &'static str,
        /// What the content looks like.
        found: &'static str,
    },
    /// The bytes do not fit the encoding.
    #[error("line {line} is not {encoding} text")]
    Encoding {
        /// The encoding, stated or guessed.
        encoding: &'static str,
        /// Counted from 1.
        line: u64,
    },
    /// A row is longer than what is kept in memory.
    #[error(
        "the row that begins at line {line} is longer than {limit} bytes; is a closing quote missing?"
    )]
    RowTooLong {
        /// Counted from 1.
        line: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A quote opens a cell and the file ends inside of it, with all rows between.
    #[error(
        "the quote that opens at line {line} is never closed; the rest of the file would be one cell"
    )]
    OpenQuote {
        /// Counted from 1.
        line: u64,
    },
    /// No header names a column of the table.
    #[error("no column of this file is known")]
    NoKnownColumn {
        /// The beginnings of the first headers. Not in the message: a file without headers has a person's data there.
        headers: String,
    },
    /// A row has more cells than a list may have.
    #[error("line {line} has {found} cells, more than {limit}")]
    TooManyCells {
        /// Counted from 1.
        line: u64,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A part of a workbook would unpack to more than is allowed, or to more than it declares.
    #[error("`{part}` in the workbook unpacks to more than {limit} bytes")]
    TooLarge {
        /// The part's name in the archive.
        part: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The workbook is damaged or holds what no spreadsheet writes.
    #[error("the workbook cannot be read at {place}: {reason}")]
    Workbook {
        /// The part, sheet or cell.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The workbook could not be written.
    #[error("the workbook could not be written")]
    WriteWorkbook(#[from] rust_xlsxwriter::XlsxError),
    /// The mapping does not fit the file or the table.
    #[error("the column mapping does not fit: {reason}")]
    Mapping {
        /// What is wrong.
        reason: String,
    },
    /// The mapping leads columns somewhere that the file does not have.
    #[error("the column mapping names columns that the file does not have: {headers}")]
    MappingHeaders {
        /// The mapping's headers, the first ones.
        headers: String,
    },
    /// A header that the format needs is missing.
    #[error("the file has no column `{header}`")]
    MissingHeader {
        /// The header.
        header: &'static str,
    },
    /// A reference, or a column of a list, holds what cannot be written in the format.
    #[error("row {row} holds custom values that are not a JSON object")]
    CustomValues {
        /// Counted from 1 among the rows written.
        row: u64,
    },
}

impl SheetError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "list_unreadable",
            Self::UnknownColumn { .. } => "list_column",
            Self::NotImportable { .. } => "list_table",
            Self::Empty => "list_empty",
            Self::WrongFormat { .. } => "list_format",
            Self::Encoding { .. } => "list_encoding",
            Self::RowTooLong { .. } => "list_row_too_long",
            Self::OpenQuote { .. } => "list_open_quote",
            Self::NoKnownColumn { .. } => "list_no_known_column",
            Self::TooManyCells { .. } => "list_too_many_cells",
            Self::TooLarge { .. } => "list_too_large",
            Self::Workbook { .. } => "list_workbook",
            Self::Mapping { .. } => "list_mapping",
            Self::MappingHeaders { .. } => "list_mapping_headers",
            Self::MissingHeader { .. } => "list_header",
            // No reading of a file ends in these.
            Self::UnknownList { .. } | Self::WriteWorkbook(_) | Self::CustomValues { .. } => {
                "list_failed"
            }
        }
    }
}

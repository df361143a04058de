use std::{fmt, io};

use super::VERSION;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The line, from 1.
    pub line: u64,
    /// Bytes before it (after decompression), from 0.
    pub byte: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, byte {}", self.line, self.byte)
    }
}

/// Why the reading of an exchange file ended early. Rows given out before are to be thrown away.
#[derive(Debug)]
pub struct ReadError {
    /// Where.
    pub at: Place,
    /// What is wrong; boxed, because every value that is read passes through a result with this error.
    pub fault: Box<FileFault>,
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self.fault {
            FileFault::CutShort { .. } => self.fault.fmt(formatter),
            _ => write!(formatter, "{}: {}", self.at, self.fault),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.fault.as_ref())
    }
}

/// What is wrong with a whole file.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[source] io::Error),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A zip archive.
    #[error("this is a zip archive, not an XML file; unpack it first")]
    Zip,
    /// Compressed by gzip where plain XML was expected.
    #[error("this is a gzip file, not an XML file; unpack it, or name it .xml.gz")]
    Gzip,
    /// Compressed data that is damaged.
    #[error("the compressed data is damaged")]
    Compression(#[source] io::Error),
    /// An encoding other than UTF-8.
    #[error("the file is in {0}; save it in UTF-8")]
    Encoding(String),
    /// Bytes that are not UTF-8.
    #[error("bytes that are not UTF-8")]
    NotUtf8,
    /// Something that does not begin like XML.
    #[error("this is not an XML file")]
    NotXml,
    /// XML that breaks the rules of XML.
    #[error("not well-formed XML: {0}")]
    Malformed(String),
    /// XML of another kind.
    #[error(
        "this is not an exchange file: its root is <{0}>, not <wynos> of the namespace urn:wynos:exchange:1"
    )]
    NotExchange(String),
    /// A document type definition.
    #[error("the file has a DOCTYPE, which an exchange file must not have")]
    Doctype,
    /// An entity other than the five of XML.
    #[error("the entity &{0}; is not allowed; only &lt; &gt; &amp; &quot; &apos; are")]
    Entity(String),
    /// The file ends too early.
    #[error("the file is truncated: it ends {0}")]
    Truncated(String),
    /// The compressed data ends too early. What it held so far comes out in whole pieces, so its place there tells nothing.
    #[error("the file is truncated: its compressed data ends too early, after {bytes} bytes")]
    CutShort {
        /// How long the compressed file is.
        bytes: u64,
    },
    /// Made by a newer, incompatible version.
    #[error("the file has format version {0}; this program reads version {VERSION} and its minor versions", VERSION = VERSION)]
    Version(String),
    /// A header that does not say what it must.
    #[error("the header's <{element}>: expected {expected}, found {found}")]
    Header {
        /// Which element of the header.
        element: &'static str,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// A section that the profile does not have, or that is out of order or doubled.
    #[error("section <{name}>: {problem}")]
    Section {
        /// The section's element.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A trailer that does not fit the file.
    #[error("the trailer's entry of {section}: expected {expected}, found {found}")]
    Trailer {
        /// The section's name.
        section: String,
        /// What was read.
        expected: String,
        /// What the trailer says.
        found: String,
    },
    /// Content that is not what its digest says.
    #[error(
        "{section} was damaged or changed after the file was made: its SHA-256 is {found}, the file says {expected}"
    )]
    Digest {
        /// The section's name, or `header`.
        section: String,
        /// The digest that the file states.
        expected: String,
        /// The digest of what was read.
        found: String,
    },
    /// A limit was passed.
    #[error("{what} is larger than the limit of {limit} {unit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
        /// Its unit.
        unit: &'static str,
    },
    /// Reading went on after an error.
    #[error("reading ended with an error before")]
    Ended,
}

impl FileFault {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file_unreadable",
            Self::Empty => "file_empty",
            Self::Zip => "file_is_zip",
            Self::Gzip => "file_is_gzip",
            Self::Compression(_) => "file_compression_damaged",
            Self::Encoding(_) => "file_encoding",
            Self::NotUtf8 => "file_not_utf8",
            Self::NotXml => "file_not_xml",
            Self::Malformed(_) => "file_malformed",
            Self::NotExchange(_) => "file_not_exchange",
            Self::Doctype => "file_doctype",
            Self::Entity(_) => "file_entity",
            Self::Truncated(_) => "file_truncated",
            Self::CutShort { .. } => "file_cut_short",
            Self::Version(_) => "file_version",
            Self::Header { .. } => "file_header",
            Self::Section { .. } => "file_section",
            Self::Trailer { .. } => "file_trailer",
            Self::Digest { .. } => "file_checksum",
            Self::TooLarge { .. } => "file_too_large",
            Self::Ended => "file_ended",
        }
    }
}

/// Why an exchange file could not be written. What was written of it is of no use.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output refused.
    #[error("the exchange file could not be written")]
    Io(#[from] io::Error),
    /// A section that the profile does not have, or that comes too late.
    #[error("the profile {profile} has no section {table} at this place")]
    Section {
        /// The profile.
        profile: &'static str,
        /// The table.
        table: String,
    },
    /// Rows without an open section, or of another width than its columns.
    #[error("rows of {found} columns where the section takes {expected}")]
    Width {
        /// The columns that the open section takes; 0 where none is open.
        expected: usize,
        /// The columns that came.
        found: usize,
    },
    /// Rows that are not in the order of their ids.
    #[error("{table} {id}: the row is not in the order of the ids' bytes")]
    Order {
        /// The table.
        table: String,
        /// The row that came too late.
        id: String,
    },
    /// A value that its column cannot hold.
    #[error("{table} {id}: {column} holds {problem}")]
    Value {
        /// The table.
        table: String,
        /// The row.
        id: String,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A PASSWORD value that could not be decrypted.
    #[error("{table} {id}: the value of a PASSWORD field could not be decrypted")]
    Password {
        /// The table.
        table: String,
        /// The row.
        id: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Passwords were asked for in a profile that never carries them.
    #[error("only the profile full can carry passwords")]
    PasswordsInBasic,
    /// More custom fields than a shop can have.
    #[error("more than {0} custom fields")]
    TooManyFields(usize),
}

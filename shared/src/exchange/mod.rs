//! The exchange file: the versioned XML file that one subscription exports and another imports.
//!
//! `docs/exchange-format.md` describes the format, [`SCHEMA`] is its XSD. [`Writer`] and [`Reader`] stream: their memory
//! does not grow with the data. What a file carries is declared by a [`Profile`].

mod error;
mod gate;
mod gzip;
mod header;
mod json;
mod limits;
mod list;
mod problem;
mod profile;
mod pull;
mod reader;
mod row;
mod schema;
mod text;
mod value;
mod writer;

#[cfg(test)]
mod tests;

pub use error::{FileFault, Place, ReadError, WriteError};
pub use gzip::{Source, open};
pub use header::{Header, ProfileName};
pub use limits::Limits;
pub use problem::{Notice, Problem, RowProblem};
pub use profile::{Profile, Rewrite, Section, SectionColumn};
pub use reader::{Batch, Item, Reader};
pub use schema::{SCHEMA, generate_schema};
pub use writer::{Passwords, Reveal, SectionTotal, Totals, Writer};

/// The telephone number that stands for "no phone" in files of the profile `basic`.
pub use crate::checks::phone::PLACEHOLDER as PLACEHOLDER_PHONE;

/// The namespace of every element of format version 1, declared as the default namespace of the root.
pub const NAMESPACE: &str = "urn:wynos:exchange:1";
/// The format version that [`Writer`] writes: `major.minor`. A newer minor version adds only what may be skipped.
pub const VERSION: &str = "1.0";

/// The format's major version.
const MAJOR: u32 = 1;
/// The newest minor version that [`Reader`] knows all of.
const MINOR: u32 = 0;
/// The root element.
const ROOT: &str = "wynos";
/// The element that closes a file with its counts and digests.
const TRAILER: &str = "trailer";

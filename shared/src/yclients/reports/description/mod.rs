//! Table descriptions: small YAML documents that say which tables come out of a report's records and how. Specified in
//! `docs/table-description.md`.

mod check;
mod fault;
mod names;
#[cfg(test)]
mod said;
#[cfg(test)]
mod tests;
mod text;

use super::{Paths, TableShape};

pub use fault::{DescriptionError, Fault, Problem};
pub use names::{TableNames, check_table_name};

/// The most bytes of a description.
pub const LONGEST: usize = 64 * 1024;

/// Reads a description into the shapes of its tables, and checks it: its own sense, its names against `names`, its paths and
/// types against what was met in a sample. Every fault that can be found at once is told, each with its line.
///
/// `kept` are the tables as they are, where the description takes the place of another one: what they have already was
/// settled when they were made, whatever was met there since.
pub fn read(
    yaml: &str,
    paths: &Paths,
    names: &TableNames,
    kept: &[TableShape],
) -> Result<Vec<TableShape>, DescriptionError> {
    let document = text::parse(yaml).map_err(DescriptionError::one)?;
    let mut check = check::Check::new(paths, names, kept);
    let shapes = check.document(&document);
    match check.faults {
        faults if faults.is_empty() => Ok(shapes),
        faults => Err(DescriptionError { faults }),
    }
}

use std::collections::BTreeSet;

use super::fault::Problem;
use crate::{catalog, yclients::reports::infer::LONGEST_NAME};

/// Beginnings of names that belong to the system, now or in a later version, or to a database.
const RESERVED: [&str; 6] = [
    "yclients_",
    "bi_",
    "ix_",
    "sqlite_",
    "pg_",
    "personal_data_",
];

/// The tables that other reports of the subscription have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNames(pub BTreeSet<String>);

/// Checks that a table of a report may have this name: plain, not the system's, and nobody else's.
pub fn check_table_name(name: &str, names: &TableNames) -> Result<(), Problem> {
    if !is_plain(name) {
        return Err(Problem::Name {
            name: name.chars().take(100).collect(),
        });
    }
    let reserved = RESERVED.iter().any(|beginning| name.starts_with(beginning));
    if reserved || catalog::table(name).is_some() {
        return Err(Problem::Reserved {
            name: name.to_owned(),
        });
    }
    if names.0.contains(name) {
        return Err(Problem::Taken {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// Whether a name can stand in SQL as it is, and leaves room for the names of variant columns.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= LONGEST_NAME
        && !name.contains("__")
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

//! Records of which it is not known which rows of a table they have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Path, RECORD};
use crate::warehouse::{Filter, Value};

/// So many records of a table are known by name; of more, the table as a whole stays as it is. A condition takes no more.
const MOST: usize = 1_000;

/// Records that have something else in the place that a table's rows are to come from: the rows that they had stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unread {
    /// Where the first of them has it.
    pub path: Path,
    records: BTreeSet<String>,
    /// How many there are beside; one that is read twice counts twice.
    more: u64,
}

impl Unread {
    /// How many records they are.
    pub fn count(&self) -> u64 {
        self.records.len() as u64 + self.more
    }

    /// Whether nothing of the table is exchanged: there are more of them than can be named.
    pub const fn is_whole(&self) -> bool {
        self.more > 0
    }

    /// The rows of all other records.
    pub fn others(&self) -> Filter {
        let values = self.records.iter();
        let values = values.map(|record| Value::from(record.as_str())).collect();
        Filter::Not(Box::new(Filter::In {
            column: RECORD.to_owned(),
            values,
        }))
    }
}

/// Takes note of what was read of a table: these records, of which some have something else there. One that is read again
/// counts as it is now.
pub(super) fn note<'r>(
    all: &mut BTreeMap<String, Unread>,
    table: &str,
    records: impl IntoIterator<Item = &'r str>,
    unread: &BTreeMap<String, Path>,
) {
    if let Some(known) = all.get_mut(table) {
        for record in records {
            if !unread.contains_key(record) {
                known.records.remove(record);
            }
        }
    }
    for (record, path) in unread {
        let known = all.entry(table.to_owned()).or_insert_with(|| Unread {
            path: path.clone(),
            ..Unread::default()
        });
        if known.records.len() < MOST {
            known.records.insert(record.clone());
        } else if !known.records.contains(record) {
            known.more += 1;
        }
    }
    all.retain(|_, known| known.count() > 0);
}

/// How many records they are of all tables, each once.
pub(super) fn count(all: &BTreeMap<String, Unread>) -> u64 {
    let named: BTreeSet<&String> = all.values().flat_map(|known| &known.records).collect();
    let more = all.values().map(|known| known.more).max();
    named.len() as u64 + more.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_once_and_as_it_is_now_and_too_many_are_all() {
        let path: Path = "services[]".parse().unwrap();
        let unread = |ids: &[&str]| -> BTreeMap<String, Path> {
            let ids = ids.iter();
            ids.map(|id| ((*id).to_owned(), path.clone())).collect()
        };
        let mut all = BTreeMap::new();
        note(&mut all, "lines", ["1", "2", "3"], &unread(&["1", "2"]));
        note(&mut all, "pieces", ["1", "2", "3"], &unread(&["2"]));
        note(&mut all, "lines", ["1"], &unread(&["1"]));
        assert_eq!((count(&all), all["lines"].count()), (2, 2));
        assert_eq!(all["lines"].path, path);
        note(&mut all, "lines", ["2"], &unread(&[]));
        note(&mut all, "pieces", ["2"], &unread(&[]));
        assert_eq!((count(&all), all.contains_key("pieces")), (1, false));
        assert!(!all["lines"].is_whole());
        let many: Vec<String> = (0..=MOST).map(|id| format!("x{id}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        note(&mut all, "lines", many.iter().copied(), &unread(&many));
        assert!(all["lines"].is_whole());
        assert_eq!(count(&all), MOST as u64 + 2);
    }
}

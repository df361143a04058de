//! What a report leaves out, counted once however often the vendor tells of it: a list that moves is read twice, and a record
//! that moves comes on two pages.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// So many records are told apart in one message; those beyond are counted as they come.
const MOST: usize = 100_000;

/// What was left out so far, as far as this message read.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Rows without a key, by the records that they are of.
    keyless: HashMap<u64, u64>,
    /// Records without an id, known by what they say.
    nameless: HashSet<u64>,
}

impl Aside {
    /// The rows without a key there are in all, after a record with so many of them was read: as it is now.
    pub fn keyless(&mut self, total: u64, record: &str, rows: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        record.hash(&mut hasher);
        let record = hasher.finish();
        let before = self.keyless.get(&record).copied();
        if before.is_some() || (rows > 0 && self.keyless.len() < MOST) {
            self.keyless.insert(record, rows);
        }
        total.saturating_sub(before.unwrap_or(0)) + rows
    }

    /// Whether a record without an id, of this digest, was not counted yet.
    pub fn is_new(&mut self, nameless: u64) -> bool {
        if self.nameless.len() < MOST {
            return self.nameless.insert(nameless);
        }
        !self.nameless.contains(&nameless)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_is_read_again_counts_as_it_is_now() {
        let mut aside = Aside::default();
        let mut total = 0;
        for (record, rows, all) in [
            ("1", 2, 2),
            ("2", 1, 3),
            ("1", 2, 3),
            ("1", 0, 1),
            ("3", 0, 1),
        ] {
            total = aside.keyless(total, record, rows);
            assert_eq!(total, all, "{record} with {rows}");
        }
        assert!(aside.is_new(7) && !aside.is_new(7) && aside.is_new(8));
    }
}

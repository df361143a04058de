//! What a run left out that it was to do.

use std::collections::BTreeMap;

use crate::{
    catalog::Locale,
    i18n::{Args, text_with},
    warehouse::SAME_KEY,
};

/// What a run that was done left out of its work. How much it is, is among the run's counts, and is not where it is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Tables that could not be read.
    Tables,
    /// Records of a pull that could not be made out or taken, and were set aside.
    SetAside,
    /// Days that were not compared with the vendor to their end.
    Days,
    /// Days of a comparison that had nothing to compare.
    NothingCompared,
    /// Rows of a report that have no key.
    RowsWithoutKey,
    /// Rows of a report with a key that another row has.
    RowsWithSameKey,
    /// Records that the vendor gave no id, of which a report makes no rows.
    RecordsWithoutId,
    /// Old rows that a retention left where they are, since what stands in their keys is of another type.
    UnreadableRows,
    /// Records of which a report leaves the rows of a table as they were, since something else stands in the place of a list.
    UnreadRecords,
}

impl Gap {
    /// Every kind of gap.
    pub const ALL: [Self; 9] = [
        Self::Tables,
        Self::SetAside,
        Self::Days,
        Self::NothingCompared,
        Self::RowsWithoutKey,
        Self::RowsWithSameKey,
        Self::RecordsWithoutId,
        Self::UnreadableRows,
        Self::UnreadRecords,
    ];

    /// The name of the count among those of a run.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tables => "failed_tables",
            Self::SetAside => "set_aside",
            Self::Days => "not_checked",
            Self::NothingCompared => "nothing_compared",
            Self::RowsWithoutKey => "without_key",
            Self::RowsWithSameKey => SAME_KEY,
            Self::RecordsWithoutId => "without_id",
            Self::UnreadableRows => "unreadable_rows",
            Self::UnreadRecords => "unread_records",
        }
    }

    /// The gaps of a run with these counts, with how much each is: more than nothing. A run without any did all of its work.
    pub fn all_in(counts: &BTreeMap<String, i64>) -> Vec<(Self, i64)> {
        let counted = Self::ALL
            .into_iter()
            .filter_map(|gap| Some((gap, *counts.get(gap.name())?)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// What was left out, and how much, in the reader's language; part of a sentence.
    pub fn words(self, locale: Locale, count: i64) -> String {
        let key = match self {
            Self::Tables => "job-gap-tables",
            Self::SetAside => "job-gap-set-aside",
            Self::Days => "job-gap-days",
            Self::NothingCompared => "job-gap-nothing-compared",
            Self::RowsWithoutKey => "job-gap-rows-without-key",
            Self::RowsWithSameKey => "job-gap-rows-with-same-key",
            Self::RecordsWithoutId => "job-gap-records-without-id",
            Self::UnreadableRows => "job-gap-unreadable-rows",
            Self::UnreadRecords => "job-gap-unread-records",
        };
        text_with(locale, key, &Args::new().with("count", count))
    }

    /// The code under which the journal tells of a run that left this out.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Tables => "job.partial",
            Self::SetAside => "job.set-aside",
            Self::Days => "job.not-checked",
            Self::NothingCompared => "job.nothing-compared",
            Self::RowsWithoutKey | Self::RowsWithSameKey | Self::RecordsWithoutId => "job.left-out",
            Self::UnreadableRows => "job.unreadable",
            Self::UnreadRecords => "job.unread",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_what_is_counted_and_more_than_nothing() {
        let counts = [
            ("checked", 4),
            ("not_checked", 3),
            ("failed_tables", 0),
            ("without_id", 2),
        ];
        let counts = counts.map(|(name, count)| (name.to_owned(), count));
        let counts = BTreeMap::from(counts);
        let found = [(Gap::Days, 3), (Gap::RecordsWithoutId, 2)];
        assert_eq!(Gap::all_in(&counts), found);
        assert!(Gap::all_in(&BTreeMap::new()).is_empty());
    }

    #[test]
    fn every_gap_has_words_of_its_own_that_tell_how_much() {
        for locale in Locale::ALL {
            for count in [1, 3, 25] {
                let words = Gap::ALL.map(|gap| gap.words(locale, count));
                for (at, one) in words.iter().enumerate() {
                    let sound = one.contains(&count.to_string()) && !one.contains(['{', '$']);
                    assert!(sound && !one.starts_with("job-gap"), "{one}");
                    assert!(
                        !words.iter().skip(at + 1).any(|other| other == one),
                        "{one}"
                    );
                }
            }
        }
        assert_eq!(Gap::Days.words(Locale::En, 1), "1 day was not checked");
    }
}

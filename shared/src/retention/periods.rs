//! How long everything is kept that nobody removes by hand: one table, which `docs/retention.md` repeats.

use chrono::TimeDelta;

/// How long one kind of thing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// What, as the journal and the documents call it.
    pub what: &'static str,
    /// Days, counted from when it was last of use.
    pub days: i64,
}

impl Period {
    const fn new(what: &'static str, days: i64) -> Self {
        Self { what, days }
    }

    /// The period as a time.
    pub const fn time(&self) -> TimeDelta {
        TimeDelta::days(self.days)
    }
}

/// Links that were used, or whose time is over: until then they say so, and then they are unknown.
pub const LINKS: Period = Period::new("links", 30);
/// Mails about files, with what became of them.
pub const MAILS: Period = Period::new("mails", 90);
/// Deliveries whose file is gone. Files themselves go a day after they were claimed, or when their link is over.
pub const DELIVERIES: Period = Period::new("deliveries", 400);
/// Imports whose upload and rows to undo are gone.
pub const IMPORTS: Period = Period::new("imports", 400);
/// Entries of the journal.
pub const JOURNAL: Period = Period::new("journal", 400);
/// Runs of pulls, histories and jobs, but for each job's last one.
pub const RUNS: Period = Period::new("runs", 90);
/// Messages that were put aside, beside the queue.
pub const PARKED_MESSAGES: Period = Period::new("parked_messages", 14);
/// Records that could not be read, kept in the warehouse.
pub const PARKED_RECORDS: Period = Period::new("parked_records", 90);
/// Rows of reports that were read and never put in their place.
pub const STAGED_ROWS: Period = Period::new("staged_rows", 2);
/// Customers noted for files of the command line that were never finished, because the command was killed.
pub const UNFINISHED_FILES: Period = Period::new("unfinished_files", 7);
/// The list of loads.
pub const LOADS: Period = Period::new("loads", 400);
/// What comparisons with a vendor found: days with both sides' totals, and differences.
pub const RECONCILIATIONS: Period = Period::new("reconciliations", 92);
/// The personal-data log: it outlives everything that it speaks of.
pub const PERSONAL_DATA_LOG: Period = Period::new("personal_data_log", 1_830);

/// All of them.
pub const PERIODS: [Period; 13] = [
    LINKS,
    MAILS,
    DELIVERIES,
    IMPORTS,
    JOURNAL,
    RUNS,
    PARKED_MESSAGES,
    PARKED_RECORDS,
    STAGED_ROWS,
    UNFINISHED_FILES,
    LOADS,
    RECONCILIATIONS,
    PERSONAL_DATA_LOG,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_say_the_same() {
        let text = include_str!("../../../docs/retention.md");
        for period in PERIODS {
            let row = format!("| `{}` | {} |", period.what, period.days);
            assert!(text.contains(&row), "docs/retention.md lacks: {row}");
        }
    }

    #[test]
    fn the_personal_data_log_outlives_everything() {
        let others = PERIODS
            .iter()
            .filter(|period| **period != PERSONAL_DATA_LOG);
        assert!(others.map(|period| period.days).max().unwrap() < PERSONAL_DATA_LOG.days);
    }
}

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    admits::ConflictPolicy,
    finding::{Finding, Severity},
    park::Rejected,
    portion::Portion,
};
use crate::warehouse::Outcome;

/// What became, or would become, of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// By table.
    pub tables: BTreeMap<String, TableCounts>,
    /// All findings of the step, those that are not kept for the report included.
    pub findings: u64,
    /// Things that the file says and that did not come in, which belong to no table.
    #[serde(default)]
    pub left_out: u64,
    /// Digest of the file that was validated, in hexadecimal digits.
    #[serde(default)]
    pub sha256: String,
}

/// What became, or would become, of one table's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCounts {
    /// Rows of the file, rejected ones included.
    pub rows: u64,
    /// Not here before.
    pub new: u64,
    /// Here, and changed to what the file says, also where that was a conflict which the file won.
    pub changed: u64,
    /// Here as the file says.
    pub unchanged: u64,
    /// Changed both in the file and here.
    pub conflict: u64,
    /// Joined with a row that was here under another id.
    pub merged: u64,
    /// Rejected.
    pub rejected: u64,
    /// Things that somebody should look at.
    pub warnings: u64,
    /// Of these, the things that the file says and that did not come in.
    #[serde(default)]
    pub left_out: u64,
    /// Taken back by undoing.
    pub undone: u64,
    /// Left by undoing, because somebody touched the row since or another row needs it.
    pub kept: u64,
}

impl Counts {
    /// The counts of a table.
    pub(super) fn table(&mut self, table: &str) -> &mut TableCounts {
        self.tables.entry(table.to_owned()).or_default()
    }

    /// Counts what is known of a portion before the warehouse is asked.
    pub(super) fn portion(&mut self, portion: &Portion) {
        let counts = self.table(&portion.table.name);
        counts.rows += portion.seen;
        counts.rejected += portion.rejected.len() as u64;
        counts.merged += portion.merged;
        counts.unchanged += portion.unchanged;
    }

    /// Counts rows that could not be read.
    pub(super) fn refused(&mut self, rows: &[Rejected]) {
        for row in rows {
            let counts = self.table(&row.table);
            counts.rows += 1;
            counts.rejected += 1;
        }
    }

    /// Counts findings.
    pub(super) fn note(&mut self, findings: &[Finding]) {
        self.findings += findings.len() as u64;
        for finding in findings
            .iter()
            .filter(|finding| finding.severity == Severity::Warning)
        {
            let left_out = u64::from(finding.leaves_out());
            if finding.table.is_empty() {
                self.left_out += left_out;
                continue;
            }
            let counts = self.table(&finding.table);
            counts.warnings += 1;
            counts.left_out += left_out;
        }
    }

    /// Sums over all tables, by what they count.
    pub fn totals(&self) -> [(&'static str, u64); 9] {
        let sum = |count: fn(&TableCounts) -> u64| self.tables.values().map(count).sum();
        [
            ("rows", sum(|table| table.rows)),
            ("new", sum(|table| table.new)),
            ("changed", sum(|table| table.changed)),
            ("unchanged", sum(|table| table.unchanged)),
            ("conflict", sum(|table| table.conflict)),
            ("merged", sum(|table| table.merged)),
            ("rejected", sum(|table| table.rejected)),
            ("undone", sum(|table| table.undone)),
            ("kept", sum(|table| table.kept)),
        ]
    }

    /// Whether the report lists anything of the file that is not here now: rejected rows, conflicts, and values, records,
    /// columns or sheets that were left out.
    pub fn has_problems(&self) -> bool {
        let is_whole = |counts: &TableCounts| {
            counts.rejected == 0 && counts.conflict == 0 && counts.left_out == 0
        };
        self.left_out > 0 || !self.tables.values().all(is_whole)
    }
}

impl TableCounts {
    /// Counts outcomes; what is in conflict is also changed where the file wins.
    pub(super) fn add(&mut self, outcomes: &[Outcome], conflict: ConflictPolicy) {
        for outcome in outcomes {
            if *outcome == Outcome::Conflict && conflict == ConflictPolicy::TakeTheirs {
                self.changed += 1;
            }
            *match outcome {
                Outcome::New => &mut self.new,
                Outcome::Changed => &mut self.changed,
                Outcome::Unchanged | Outcome::Stale | Outcome::KeptOut => &mut self.unchanged,
                Outcome::Conflict => &mut self.conflict,
                Outcome::Undone => &mut self.undone,
                Outcome::Touched => &mut self.kept,
            } += 1;
        }
    }

    /// Counts what undoing did; a row that is as it was before the import counts as taken back.
    pub(super) fn add_undone(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes {
            *match outcome {
                Outcome::Touched => &mut self.kept,
                _ => &mut self.undone,
            } += 1;
        }
    }
}

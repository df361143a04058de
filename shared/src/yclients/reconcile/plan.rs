//! Which days are read next: kept in the warehouse with what was found, so that a run that broke off goes on there.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::gauge::Subject;

/// Days that are asked for at once: most companies have a week on a page or two.
const DAYS_AT_ONCE: u64 = 7;
/// After so many days in a row that could not be read, the rest of a list is not tried.
const PATIENCE: u32 = 3;

/// How far a run has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Whether deletes that came by webhook were asked about.
    pub deletes: bool,
    /// The last mark of such a delete that was looked at.
    #[serde(default)]
    pub mark: Option<String>,
    /// The list that is read; `None` before the first.
    pub table: Option<String>,
    /// Its first day that is still to be read.
    pub next: Option<NaiveDate>,
    /// Up to this day, days are read one by one: together they could not be.
    pub singly_to: Option<NaiveDate>,
    /// Days in a row that could not be read.
    pub failed: u32,
    /// Whether everything is told, and only the run is still to be ended.
    pub told: bool,
}

impl Progress {
    /// What is read next: the subject's place and its days, both inclusive; `None` where nothing is left.
    pub fn window(
        &self,
        subjects: &[Subject],
        (from, to): (NaiveDate, NaiveDate),
    ) -> Option<(usize, NaiveDate, NaiveDate)> {
        let at = match &self.table {
            None => 0,
            Some(table) => subjects
                .iter()
                .position(|subject| subject.stream.table == table)?,
        };
        subjects.get(at)?;
        let next = self.next.unwrap_or(from);
        if next > to {
            return (at + 1 < subjects.len()).then_some((at + 1, from, self.last(from, to, false)));
        }
        let singly = self.singly_to.is_some_and(|to| next <= to);
        Some((at, next, self.last(next, to, singly)))
    }

    fn last(&self, first: NaiveDate, to: NaiveDate, singly: bool) -> NaiveDate {
        let days = if singly { 0 } else { DAYS_AT_ONCE - 1 };
        first
            .checked_add_days(Days::new(days))
            .map_or(to, |last| last.min(to))
    }

    /// The days up to this one are read.
    pub fn done(&mut self, subject: &Subject, to: NaiveDate) {
        self.enter(subject);
        self.failed = 0;
        self.next = to.succ_opt();
    }

    /// The days up to this one could not be read.
    pub fn gave_up(&mut self, subject: &Subject, to: NaiveDate) {
        self.enter(subject);
        self.failed += 1;
        self.next = to.succ_opt();
    }

    /// The days of this window are read one by one from now on.
    pub fn narrow(&mut self, subject: &Subject, from: NaiveDate, to: NaiveDate) {
        self.enter(subject);
        self.next = Some(from);
        self.singly_to = Some(to);
    }

    /// Whether it is worth to try the next day of this list after one more could not be read.
    pub fn has_patience(&self, subject: &Subject) -> bool {
        let before = match &self.table {
            Some(table) if table == subject.stream.table => self.failed,
            _ => 0,
        };
        before + 1 < PATIENCE
    }

    fn enter(&mut self, subject: &Subject) {
        if self.table.as_deref() != Some(subject.stream.table) {
            self.table = Some(subject.stream.table.to_owned());
            self.singly_to = None;
            self.failed = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_a_week_at_a_time_list_by_list_and_singly_where_a_week_was_too_much() {
        let subjects = Subject::of(&[], |_| true);
        let period = (day("2026-03-01"), day("2026-03-10"));
        let mut progress = Progress::default();
        let mut read = Vec::new();
        while let Some((at, from, to)) = progress.window(&subjects, period) {
            if read.len() == 1 {
                progress.narrow(&subjects[at], from, to);
                read.push((at, from.to_string(), "narrow".to_owned()));
                continue;
            }
            read.push((at, from.to_string(), to.to_string()));
            progress.done(&subjects[at], to);
            let kept = serde_json::to_string(&progress).unwrap();
            progress = serde_json::from_str(&kept).unwrap();
        }
        let read: Vec<_> = read
            .iter()
            .map(|(at, from, to)| format!("{at} {} {}", &from[8..], to.rsplit('-').next().unwrap()))
            .collect();
        assert_eq!(
            read,
            [
                "0 01 07",
                "0 08 narrow",
                "0 08 08",
                "0 09 09",
                "0 10 10",
                "1 01 07",
                "1 08 10",
                "2 01 07",
                "2 08 10",
            ]
        );
    }

    #[test]
    fn every_list_with_indicators_and_days_is_compared() {
        let names = |tables: &[&str], off: &str| -> Vec<String> {
            let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
            let subjects = Subject::of(&tables, |table| table != off);
            subjects
                .iter()
                .map(|subject| {
                    let names = subject.gauges().map(|gauge| gauge.table.name.to_string());
                    names.collect::<Vec<_>>().join("+")
                })
                .collect()
        };
        let records = "yclients_records+yclients_record_services+yclients_record_consumables";
        let all = [
            records,
            "yclients_goods_transactions",
            "yclients_finance_transactions",
        ];
        assert_eq!(names(&[], ""), all);
        assert_eq!(names(&[], "yclients_records"), all[1..]);
        assert_eq!(
            names(&["yclients_record_services"], "yclients_record_consumables"),
            ["yclients_records+yclients_record_services"]
        );
    }
}

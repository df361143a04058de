//! Which days are read next: kept in the warehouse with what was found, so that a run that broke off goes on there.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::gauge::Subject;
use crate::yclients::streams::streams;

/// Days that are asked for at once: most companies have a week on a page or two.
const DAYS_AT_ONCE: u64 = 7;
/// After so many days in a row that could not be read, the rest of a list is not tried.
const PATIENCE: u32 = 3;

/// So many messages try the same day before it is given up.
const MOST_WAITS: u32 = 20;

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
    /// Messages in a row that ended where the one before did.
    #[serde(default)]
    pub waits: u32,
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
        let place = |table: &str| streams().iter().position(|stream| stream.table == table);
        // The table may have been turned off since: the lists after it are still to be read.
        let reached = self.table.as_deref().and_then(place);
        let mut lists = subjects.iter().enumerate();
        lists.find_map(|(at, subject)| {
            let (next, singly) = match place(subject.stream.table).cmp(&reached) {
                Ordering::Less => return None,
                Ordering::Equal => {
                    let next = self.next.unwrap_or(from);
                    (next, self.singly_to.is_some_and(|to| next <= to))
                }
                Ordering::Greater => (subject.first(from), false),
            };
            (next <= to).then(|| (at, next, Self::last(next, to, singly)))
        })
    }

    fn last(first: NaiveDate, to: NaiveDate, singly: bool) -> NaiveDate {
        let days = if singly { 0 } else { DAYS_AT_ONCE - 1 };
        first
            .checked_add_days(Days::new(days))
            .map_or(to, |last| last.min(to))
    }

    /// The days up to this one are read, as far as the vendor gave them.
    pub fn done(&mut self, subject: &Subject, to: NaiveDate) {
        self.enter(subject);
        self.failed = 0;
        self.waits = 0;
        self.next = to.succ_opt();
    }

    /// The days up to this one could not be read.
    pub fn gave_up(&mut self, subject: &Subject, to: NaiveDate) {
        self.enter(subject);
        self.failed += 1;
        self.waits = 0;
        self.next = to.succ_opt();
    }

    /// One more message ends where the one before did; whether another one is to try.
    pub fn may_wait(&mut self) -> bool {
        self.waits += 1;
        self.waits < MOST_WAITS
    }

    /// The days of this window are read one by one from now on.
    pub fn narrow(&mut self, subject: &Subject, from: NaiveDate, to: NaiveDate) {
        self.enter(subject);
        self.next = Some(from);
        self.singly_to = Some(to);
    }

    /// Up to which day a list is given up where one more day of it, `to`, could not be read: to that one, or to the last one
    /// where it is not worth to try the next.
    pub fn until(&self, subject: &Subject, to: NaiveDate, last: NaiveDate) -> NaiveDate {
        let before = match &self.table {
            Some(table) if table == subject.stream.table => self.failed,
            _ => 0,
        };
        if before + 1 < PATIENCE { to } else { last }
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
    fn a_list_that_was_turned_off_and_one_that_is_held_since_later_do_not_end_the_run() {
        let mut subjects = Subject::of(&[], |_| true);
        let period = (day("2026-03-01"), day("2026-03-10"));
        let mut progress = Progress::default();
        progress.done(&subjects[0], day("2026-03-07"));
        let records = subjects.remove(0);
        let next = progress.window(&subjects, period);
        assert_eq!(next, Some((0, day("2026-03-01"), day("2026-03-07"))));
        subjects[0].since = Some(day("2026-03-11"));
        subjects[1].since = Some(day("2026-03-09"));
        let next = progress.window(&subjects, period);
        assert_eq!(next, Some((1, day("2026-03-09"), day("2026-03-10"))));
        progress.done(&subjects[1], day("2026-03-10"));
        subjects.insert(0, records);
        assert_eq!(progress.window(&subjects, period), None, "it was passed by");
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

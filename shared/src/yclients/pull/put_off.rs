//! What of a period cannot be read for now: how long its table waits, and what is given up in the end.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::cursor::{Reading, TableCursor};

/// How long a table waits after the first failure; twice as long after each further one …
const FIRST: TimeDelta = TimeDelta::minutes(5);
/// … up to this.
const LONGEST: TimeDelta = TimeDelta::hours(4);
/// A table of which no window could be read for so long is given up: a dozen attempts, and the vendor's worst day.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// A table of a period that waits, because what was asked for failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::yclients) struct PutOff {
    /// The first failure since a window was read.
    pub since: DateTime<Utc>,
    /// Failures since then.
    pub failures: u32,
    /// When it is tried again.
    pub until: DateTime<Utc>,
}

/// What of a period was not read and is not tried any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::yclients) struct LeftOut {
    /// The code of the last reason.
    pub code: String,
    /// What was to be read.
    pub readings: Vec<Reading>,
}

impl LeftOut {
    /// The days that it is about, both of each pair inclusive, the first ones first; days that follow each other are one
    /// pair.
    pub fn days(&self) -> Vec<(NaiveDate, NaiveDate)> {
        let mut days: Vec<_> = self.readings.iter().filter_map(days_of).collect();
        days.sort_unstable();
        let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for (from, to) in days {
            match joined.last_mut() {
                Some((_, last)) if last.succ_opt().is_none_or(|next| from <= next) => {
                    *last = to.max(*last);
                }
                _ => joined.push((from, to)),
            }
        }
        joined
    }
}

impl TableCursor {
    /// Until when the table waits, where it does at that time.
    pub fn waits_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = self.put_off.as_ref()?.until;
        (until > now).then_some(until)
    }

    /// Passes that were not read to their end.
    pub fn unread(&self) -> usize {
        let left_out = self.left_out.as_ref().map_or(0, |left| left.readings.len());
        self.then.len() + usize::from(self.pass.is_some()) + left_out
    }

    /// What is under way failed in a way that may pass: until when the table waits, or nothing where it is given up. From the
    /// second failure on what failed comes after everything else: it may be that window alone which the vendor cannot give.
    pub fn failed(&mut self, code: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // What stood still for long, with its source or for its plan, was not tried in that time.
        let is_fresh = |before: &PutOff| now - before.until < PATIENCE;
        let before = self.put_off.take().filter(is_fresh);
        let (since, failures) = before.map_or((now, 1), |before| {
            (before.since, before.failures.saturating_add(1))
        });
        if now - since >= PATIENCE {
            self.leave_out_rest(code);
            return None;
        }
        if failures > 1
            && !self.then.is_empty()
            && let Some(reading) = self.take_first()
        {
            self.then.push(reading);
        }
        let until = now + pause(failures);
        self.put_off = Some(PutOff {
            since,
            failures,
            until,
        });
        Some(until)
    }

    /// What is under way cannot be read, however often it is tried; what comes after it may.
    pub fn leave_out(&mut self, code: &str) {
        let first = self.take_first();
        self.add_left_out(code, first);
    }

    /// Nothing more is tried.
    pub fn leave_out_rest(&mut self, code: &str) {
        let pass = self.pass.take().map(|pass| pass.reading);
        let rest: Vec<Reading> = pass.into_iter().chain(self.then.drain(..)).collect();
        self.add_left_out(code, rest);
        self.put_off = None;
    }

    /// What is under way, or would be next.
    fn take_first(&mut self) -> Option<Reading> {
        match self.pass.take() {
            Some(pass) => Some(pass.reading),
            None if self.then.is_empty() => None,
            None => Some(self.then.remove(0)),
        }
    }

    fn add_left_out(&mut self, code: &str, readings: impl IntoIterator<Item = Reading>) {
        let mut readings = readings.into_iter().peekable();
        if readings.peek().is_none() {
            return;
        }
        let before = self.left_out.take().map(|left| left.readings);
        self.left_out = Some(LeftOut {
            code: code.to_owned(),
            readings: before.into_iter().flatten().chain(readings).collect(),
        });
    }
}

fn days_of(reading: &Reading) -> Option<(NaiveDate, NaiveDate)> {
    match reading {
        Reading::Window { from, to } | Reading::DeletedWindow { from, to } => Some((*from, *to)),
        Reading::Whole | Reading::Changes { .. } | Reading::Deleted { .. } => None,
    }
}

fn pause(failures: u32) -> TimeDelta {
    (FIRST * (1 << failures.clamp(1, 16).saturating_sub(1))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yclients::{pull::cursor::Pass, streams::stream};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn month(month: &str, last: u32) -> Reading {
        Reading::Window {
            from: format!("2026-{month}-01").parse().unwrap(),
            to: format!("2026-{month}-{last}").parse().unwrap(),
        }
    }

    fn cursor() -> TableCursor {
        let endpoint = &stream("yclients_records").unwrap().endpoint;
        TableCursor {
            pass: Some(Pass::new(month("05", 31), endpoint)),
            then: vec![month("04", 30), month("03", 31)],
            ..TableCursor::default()
        }
    }

    #[test]
    fn what_fails_once_waits_in_its_place_and_what_fails_again_comes_after_the_others() {
        let mut cursor = cursor();
        let now = at("2026-06-01T12:00:00Z");
        let soon = at("2026-06-01T12:05:00Z");
        assert_eq!(cursor.failed("vendor.unavailable", now), Some(soon));
        assert_eq!(cursor.pass.as_ref().unwrap().reading, month("05", 31));
        assert_eq!(cursor.waits_until(now), Some(soon));
        assert_eq!(cursor.waits_until(soon), None);
        let later = at("2026-06-01T12:15:00Z");
        assert_eq!(cursor.failed("vendor.unavailable", soon), Some(later));
        let order = [month("04", 30), month("03", 31), month("05", 31)];
        assert_eq!((cursor.pass.as_ref(), &cursor.then[..]), (None, &order[..]));
        // Nothing was begun: it is the next one that failed.
        cursor.failed("vendor.unavailable", later);
        let order = [month("03", 31), month("05", 31), month("04", 30)];
        assert_eq!(cursor.then, order);
        assert_eq!((cursor.unread(), &cursor.left_out), (3, &None));
    }

    #[test]
    fn pauses_grow_to_hours_and_after_a_day_nothing_is_tried_any_more() {
        let mut cursor = cursor();
        let begun = at("2026-06-01T12:00:00Z");
        let (mut now, mut pauses) = (begun, Vec::new());
        while let Some(until) = cursor.failed("vendor.unavailable", now) {
            pauses.push((until - now).num_minutes());
            now = until;
        }
        assert_eq!(pauses[..7], [5, 10, 20, 40, 80, 160, 240]);
        assert!(pauses.len() < 15 && pauses[7..].iter().all(|&pause| pause == 240));
        assert!(now - begun >= PATIENCE && now - begun < PATIENCE + LONGEST);
        assert_eq!((cursor.pass.as_ref(), cursor.then.len()), (None, 0));
        assert_eq!((cursor.waits_until(now), cursor.unread()), (None, 3));
        let left = cursor.left_out.unwrap();
        let days = |from: &str, to: &str| (from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(left.code, "vendor.unavailable");
        assert_eq!(left.days(), [days("2026-03-01", "2026-05-31")]);
    }

    #[test]
    fn a_long_standstill_is_no_time_of_trying_and_what_fails_after_it_fails_for_the_first_time() {
        let code = "vendor.unavailable";
        let begun = at("2026-06-01T12:00:00Z");
        let failed_twice = || {
            let mut cursor = cursor();
            let soon = cursor.failed(code, begun).unwrap();
            (cursor.failed(code, soon).unwrap(), cursor)
        };
        // Nearly a day after it was to be tried: it is given up, as one that was tried all the time.
        let (until, mut cursor) = failed_twice();
        let late = until + PATIENCE - TimeDelta::minutes(1);
        assert_eq!(cursor.failed(code, late), None);
        assert_eq!(cursor.unread(), 3);
        assert!(cursor.left_out.is_some());
        for standstill in [PATIENCE, TimeDelta::days(40)] {
            let (until, mut cursor) = failed_twice();
            let again = until + standstill;
            assert_eq!(cursor.failed(code, again), Some(again + FIRST));
            let put_off = cursor.put_off.clone().unwrap();
            assert_eq!((put_off.since, put_off.failures), (again, 1));
            assert_eq!((cursor.unread(), &cursor.left_out), (3, &None));
            // From then on it has a whole day.
            let mut now = again + FIRST;
            while let Some(until) = cursor.failed(code, now) {
                now = until;
            }
            assert!(now - again >= PATIENCE && now - again < PATIENCE + LONGEST);
        }
    }

    #[test]
    fn what_cannot_be_read_at_all_is_left_out_alone() {
        let mut cursor = cursor();
        cursor.leave_out("vendor.too-large");
        assert_eq!((cursor.pass.as_ref(), cursor.then.len()), (None, 2));
        cursor.then.remove(0);
        cursor.leave_out("vendor.invalid");
        cursor.leave_out("vendor.invalid");
        let left = cursor.left_out.clone().unwrap();
        let days = |from: &str, to: &str| (from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(
            left.days(),
            [
                days("2026-03-01", "2026-03-31"),
                days("2026-05-01", "2026-05-31")
            ]
        );
        assert_eq!((left.code.as_str(), cursor.unread()), ("vendor.invalid", 2));
        let kept = serde_json::to_value(&cursor).unwrap();
        assert_eq!(serde_json::from_value::<TableCursor>(kept).unwrap(), cursor);
    }
}

//! One window of days, read to its end and compared page by page. What is held in memory is the ids of the window's records
//! and its totals.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;

use super::{
    compare::{Line, Verdict, compare},
    gauge::Subject,
    notes,
    rows::{self, Told, day_of},
    tally::Tally,
};
use crate::{
    yclients::{
        decode::{Body, Context, Decoded},
        lists::{Answer, Care, List, pushed},
        pull::{
            PullError,
            page::{Page, Tail},
            work::Work,
        },
    },
    zone::start_of_day,
};

/// The vendor's days and ours may begin an hour apart: what lies so near the ends of a window may belong to the next.
const DOUBT: TimeDelta = TimeDelta::hours(2);

/// The code of the reason of a day whose list ended below its own count.
const LIST_SHORT: &str = "reconciliation.list-short";
/// The code of the reason of a day of which records came that cannot be made out.
const UNREADABLE: &str = "reconciliation.unreadable";

/// Whether a window was read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Whole,
    /// Time ran short before, or there was more in it than one message can do.
    Broken,
}

/// Days of one list that are compared together, both inclusive, and how far that is.
#[derive(Debug)]
pub(super) struct Window<'s> {
    pub subject: &'s Subject,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// When the list was begun.
    pub began_at: Option<DateTime<Utc>>,
    /// Records that the list had.
    pub seen: HashSet<i64>,
    /// Records to be asked for by themselves: ours claims to be newer than what the list says.
    pub again: Vec<i64>,
    /// The vendor's side, by gauge and day.
    pub tallies: BTreeMap<(usize, NaiveDate), Tally>,
    /// The code of the reason why records of it may be missing, though it was read to its end: nothing can be said of what
    /// was not seen.
    pub lacks: Option<&'static str>,
}

/// Records of one answer, and how they came.
pub(super) struct Batch<'b> {
    pub records: &'b [Json],
    pub body: Body,
    /// Whether they were asked for by their ids.
    pub asked: bool,
    pub observed_at: DateTime<Utc>,
}

/// A record that differs.
#[derive(Debug)]
pub(super) struct Suspect {
    pub told: Told,
    /// Whether it lives on our side.
    pub living: bool,
    pub lines: Vec<Line>,
}

impl<'s> Window<'s> {
    pub fn new(subject: &'s Subject, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            subject,
            from,
            to,
            began_at: None,
            seen: HashSet::new(),
            again: Vec::new(),
            tallies: BTreeMap::new(),
            lacks: None,
        }
    }

    /// Whether records that did not come may be asked for by their ids: what the vendor says to a record's own id is proof
    /// whatever its list counts, and its counts are not to be relied upon (facts, section 1.6). Days of which it is not
    /// known whose list ended short are told apart first.
    pub fn may_ask(&self) -> bool {
        self.lacks
            .is_none_or(|code| code == LIST_SHORT && self.is_one_day())
    }

    pub fn is_one_day(&self) -> bool {
        self.from == self.to
    }

    /// The instants at which the window begins and ends at the branch.
    pub fn bounds(&self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let after = self.to.checked_add_days(Days::new(1)).unwrap_or(self.to);
        (start_of_day(self.from, zone), start_of_day(after, zone))
    }

    /// The day of the window that the record counts on: the vendor's list has it in the window, whatever its offset says.
    pub fn day(&self, at: Option<DateTime<Utc>>, zone: Tz) -> NaiveDate {
        day_of(at, zone).map_or(self.from, |day| day.clamp(self.from, self.to))
    }

    /// Whether the record may belong to the days before or after.
    pub fn is_doubtful(&self, at: Option<DateTime<Utc>>, zone: Tz) -> bool {
        let (begin, end) = self.bounds(zone);
        at.is_none_or(|at| at < begin + DOUBT || at >= end - DOUBT)
    }

    /// Counts a record and its lines on the vendor's side.
    pub fn count(&mut self, told: &Told, zone: Tz) {
        let day = self.day(told.at, zone);
        let subject = self.subject;
        let tally = self.tallies.entry((0, day)).or_default();
        tally.add(&subject.main, &told.values);
        for (at, (gauge, lines)) in subject.lines.iter().zip(&told.lines).enumerate() {
            for (_, values) in lines.iter().flatten() {
                let tally = self.tallies.entry((at + 1, day)).or_default();
                tally.add(gauge, values);
            }
        }
    }
}

impl Work<'_> {
    /// Reads the window's list to its end and compares what it has, then looks for what it does not have; not where records
    /// may be in it that did not come, and asking for each by its id does not tell.
    pub(super) async fn read_window(&mut self, window: &mut Window<'_>) -> Result<Read, PullError> {
        if self.read_list(window, false).await? == Read::Broken {
            return Ok(Read::Broken);
        }
        if self.look_again(window).await? == Read::Broken {
            return Ok(Read::Broken);
        }
        if !window.may_ask() {
            return Ok(Read::Whole);
        }
        self.find_extra(window).await
    }

    /// Reads the window's list; that of deleted records where these are asked for separately, of which nothing follows for
    /// what it does not have.
    pub(super) async fn read_list(
        &mut self,
        window: &mut Window<'_>,
        deleted: bool,
    ) -> Result<Read, PullError> {
        let stream = window.subject.stream;
        let mut params = Vec::new();
        if deleted {
            let own = |(name, value): &(&'static str, &'static str)| (*name, (*value).to_owned());
            params.extend(stream.deletion.pass().into_iter().flatten().map(own));
        }
        if let Some(filter) = self.filters.get(stream.table) {
            params.extend(pushed(stream, filter));
        }
        let caller = self.caller.clone();
        let days = Some((window.from, window.to));
        let company = self.branch.company_id;
        let mut list = List::new(&caller, company, stream, days, Care::Moved).with(params);
        loop {
            self.keep().await?;
            let Some(mut answer) = list.next().await? else {
                if list.is_short() && !deleted {
                    window.lacks.get_or_insert(LIST_SHORT);
                }
                return Ok(Read::Whole);
            };
            if deleted {
                stream.deletion.mark(&mut answer.records);
            }
            self.compare_page(window, &answer).await?;
            if self.out_of_time() {
                return Ok(Read::Broken);
            }
        }
    }

    async fn compare_page(
        &mut self,
        window: &mut Window<'_>,
        answer: &Answer,
    ) -> Result<(), PullError> {
        window.began_at.get_or_insert(answer.observed_at);
        let batch = Batch {
            records: &answer.records,
            body: Body::Full,
            asked: false,
            observed_at: answer.observed_at,
        };
        let suspects = self.compare_batch(window, &batch).await?;
        self.settle_all(window, &batch, suspects).await
    }

    /// Compares records with those held, and counts those that agree; gives the others. Bodies that no record can be made
    /// out of are set aside like those of any load, and the window lacks what they may tell.
    pub(super) async fn compare_batch(
        &mut self,
        window: &mut Window<'_>,
        batch: &Batch<'_>,
    ) -> Result<Vec<Suspect>, PullError> {
        let subject = window.subject;
        let zone = self.branch.time_zone;
        let mut decoded = self.decoded(subject, batch, batch.records);
        if self.know_services(subject.stream, &decoded).await? {
            decoded = self.decoded(subject, batch, batch.records);
        }
        let mut told = rows::told(subject, &decoded);
        let any_unreadable = rows::any_unreadable(subject, &decoded);
        drop(decoded);
        if any_unreadable {
            window.lacks.get_or_insert(UNREADABLE);
            Box::pin(self.set_unreadable_aside(window, batch)).await?;
        }
        // On the page after, a record that moved comes once more.
        told.retain(|told| window.seen.insert(told.id) || batch.asked);
        let ids: Vec<i64> = told.iter().map(|told| told.id).collect();
        let held = self.held(subject, &ids).await?;
        let mut suspects = Vec::new();
        for told in told {
            let there = held.get(&told.id);
            match compare(subject, &told, there, zone) {
                Verdict::Gone => {}
                Verdict::Agrees => {
                    if !batch.asked || !window.is_doubtful(told.at, zone) {
                        window.count(&told, zone);
                    }
                }
                Verdict::Differs(lines) => suspects.push(Suspect {
                    living: there.is_some_and(|held| held.living),
                    told,
                    lines,
                }),
            }
        }
        Ok(suspects)
    }

    async fn set_unreadable_aside(
        &mut self,
        window: &Window<'_>,
        batch: &Batch<'_>,
    ) -> Result<(), PullError> {
        let subject = window.subject;
        let is_unreadable = |record: &&Json| {
            let decoded = self.decoded(subject, batch, std::slice::from_ref(*record));
            rows::any_unreadable(subject, &decoded)
        };
        let records = batch.records.iter().filter(is_unreadable);
        let records: Vec<Json> = records.cloned().collect();
        self.mend(window, batch, &records, Vec::new()).await
    }

    pub(super) async fn held(
        &self,
        subject: &Subject,
        ids: &[i64],
    ) -> Result<std::collections::HashMap<i64, rows::Held>, PullError> {
        let snapshot = self.warehouse.snapshot().await?;
        Ok(rows::held(&snapshot, subject, self.source.id.as_str(), ids).await?)
    }

    pub(super) fn decoded(
        &self,
        subject: &Subject,
        batch: &Batch<'_>,
        records: &[Json],
    ) -> Vec<Decoded> {
        let context = Context {
            branch: &self.branch,
            observed_at: batch.observed_at,
            categories: self.categories.as_deref(),
        };
        subject.stream.decode(&context, records, batch.body)
    }

    /// Lets records in and notes what differed, in one transaction.
    pub(super) async fn mend(
        &mut self,
        window: &Window<'_>,
        batch: &Batch<'_>,
        records: &[Json],
        noted: Vec<(NaiveDate, Vec<Line>)>,
    ) -> Result<(), PullError> {
        let page = Page {
            stream: window.subject.stream,
            records,
            body: batch.body,
            asked: batch.asked,
            observed_at: batch.observed_at,
        };
        let tail = Tail {
            notes: vec![self.noted(window.subject, noted, true)],
            ..Tail::default()
        };
        self.commit(page, &tail).await
    }

    /// Rows of what differed.
    pub(super) fn noted(
        &self,
        subject: &Subject,
        noted: Vec<(NaiveDate, Vec<Line>)>,
        mended: bool,
    ) -> (Arc<crate::catalog::Table>, crate::warehouse::Rows) {
        let about = notes::About {
            run: self.run.as_str(),
            source: self.source.id.as_str(),
            mended,
            at: self.services.clock.now(),
        };
        let names = subject.gauges().map(|gauge| gauge.table.name.as_ref());
        notes::differences(&names.collect::<Vec<_>>(), &about, &noted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_list_that_lacks_records_only_a_day_that_ended_short_is_asked_about_one_by_one() {
        let subjects = Subject::of(&["yclients_goods_transactions".to_owned()], |_| true);
        let asks = |to: &str, lacks| {
            let (from, to) = ("2026-09-06".parse().unwrap(), to.parse().unwrap());
            let mut window = Window::new(&subjects[0], from, to);
            window.lacks = lacks;
            window.may_ask()
        };
        let (day, week) = ("2026-09-06", "2026-09-12");
        assert!(asks(day, None) && asks(week, None));
        assert!(asks(day, Some(LIST_SHORT)) && !asks(week, Some(LIST_SHORT)));
        assert!(!asks(day, Some(UNREADABLE)) && !asks(week, Some(UNREADABLE)));
    }

    #[test]
    fn a_window_begins_and_ends_when_its_days_do_where_clocks_leave_midnight_out() {
        let subjects = Subject::of(&["yclients_goods_transactions".to_owned()], |_| true);
        let bounds = |from: &str, to: &str| {
            let window = Window::new(&subjects[0], from.parse().unwrap(), to.parse().unwrap());
            let (begin, end) = window.bounds(Tz::America__Santiago);
            [begin, end].map(|at| at.to_rfc3339())
        };
        // The day has 23 hours: it begins at one o'clock.
        let day = ["2026-09-06T04:00:00+00:00", "2026-09-07T03:00:00+00:00"];
        assert_eq!(bounds("2026-09-06", "2026-09-06"), day);
        let before = ["2026-09-05T04:00:00+00:00", "2026-09-06T04:00:00+00:00"];
        assert_eq!(bounds("2026-09-05", "2026-09-05"), before);
    }
}

//! How far each table of a source is read: kept in the warehouse, in the transaction of the rows it speaks of.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::put_off::{LeftOut, PutOff};
use crate::{
    SourceId,
    yclients::{
        lists::Place,
        streams::{Cadence, Endpoint, Stream},
    },
};

/// On connecting, so many days are read at once: today and those before.
const FIRST_DAYS: u64 = 2;
/// Appointments are made for the time to come; so many days of it are read with them.
const DAYS_AHEAD: u64 = 365;
/// Days that are read again every day where a row that is missing from them is deleted.
const DAYS_AGAIN: u64 = 7;
/// After a filter or the time zone changed, so many days are read again.
const DAYS_AGAIN_ALL: u64 = 31;
/// How often whole lists, and those days, are read again.
const WHOLE_AGAIN: TimeDelta = TimeDelta::hours(23);

/// How far a table is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::yclients) struct TableCursor {
    /// What changed before is loaded.
    #[serde(default)]
    pub loaded_to: Option<DateTime<Utc>>,
    /// The first day that was ever read of a list that is read by days, but for histories.
    #[serde(default)]
    pub first_day: Option<NaiveDate>,
    /// When the last whole list that was read to its end ended: one that takes longer than until the next would leave no time
    /// for what changed.
    #[serde(default)]
    pub whole_at: Option<DateTime<Utc>>,
    /// When the last days were last read again.
    #[serde(default)]
    pub days_at: Option<DateTime<Utc>>,
    /// The last whole list was empty while rows were held: once may be a fault.
    #[serde(default)]
    pub empty_once: bool,
    /// The filter that the rows which are there were let in by; `None` for none.
    #[serde(default)]
    pub filter: Option<Json>,
    /// Where making tombstones of rows that a new filter keeps out goes on.
    #[serde(default)]
    pub keeping_out: Option<KeepingOut>,
    /// How often categories of services had moved when that filter was applied.
    #[serde(default)]
    pub moves: u64,
    /// The time zone that rows were last read by; `None` where that was not noted.
    #[serde(default)]
    pub zone: Option<String>,
    /// Which of the endpoints lets this source in: 0 is the stream's own, the others its fallbacks.
    #[serde(default)]
    pub endpoint: usize,
    /// When the stream's own endpoint last turned this source away; `None` where it lets it in.
    #[serde(default)]
    pub turned_away_at: Option<DateTime<Utc>>,
    /// The code of that refusal, until people were told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned_away_by: Option<String>,
    /// What is being read.
    #[serde(default)]
    pub pass: Option<Pass>,
    /// What is to be read after it.
    #[serde(default)]
    pub then: Vec<Reading>,
    /// Of a history: nothing of the table could be read lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_off: Option<PutOff>,
    /// Of a history: what is not tried any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
}

/// How far a new filter was applied to the rows that are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::yclients) struct KeepingOut {
    /// The filter.
    pub filter: Option<Json>,
    /// How often categories of services had moved.
    #[serde(default)]
    pub moves: u64,
    /// The primary key that it goes on after.
    pub after: Vec<Json>,
}

/// What one pass through a list reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::yclients) enum Reading {
    /// All of it.
    Whole,
    /// What changed since.
    Changes { after: DateTime<Utc> },
    /// What was deleted since, where that has to be asked for.
    Deleted { after: DateTime<Utc> },
    /// Days of the branch, both inclusive.
    Window { from: NaiveDate, to: NaiveDate },
    /// What was deleted in these days.
    DeletedWindow { from: NaiveDate, to: NaiveDate },
}

impl Reading {
    /// Whether deleted rows are asked for, and these only.
    pub fn is_of_deleted(&self) -> bool {
        matches!(self, Self::Deleted { .. } | Self::DeletedWindow { .. })
    }
}

/// A pass that is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::yclients) struct Pass {
    /// What it reads.
    pub reading: Reading,
    /// What of the filter the vendor was asked to apply: pages that were cut by another one do not go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pushed: Vec<(String, String)>,
    /// Whether a record was set aside: then nothing that the list does not name is proved to be gone, since it may have been
    /// that record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub set_aside: bool,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

impl Pass {
    /// Whether it asks for the same page as another one.
    pub fn asks_as(&self, other: &Self) -> bool {
        (&self.reading, &self.pushed, &self.place) == (&other.reading, &other.pushed, &other.place)
    }

    /// The beginning of a reading.
    pub fn new(reading: Reading, endpoint: &Endpoint) -> Self {
        Self {
            reading,
            pushed: Vec::new(),
            set_aside: false,
            place: Place::start(endpoint),
        }
    }
}

impl TableCursor {
    /// The name it is kept under.
    pub fn key(source: &SourceId, table: &str) -> String {
        format!("pull/{source}/{table}")
    }

    /// The endpoint that lets this source in.
    pub fn endpoint_of<'s>(&self, stream: &'s Stream) -> &'s Endpoint {
        self.endpoint
            .checked_sub(1)
            .and_then(|at| stream.fallbacks.get(at))
            .unwrap_or(&stream.endpoint)
    }

    /// A fallback tells less of a row than the stream's own endpoint, and what shut that may have passed: once a day it is asked
    /// again, for all that the fallback read. A refusal from before `since` does not stand any more: then it is asked at once,
    /// and what the fallback was at is begun anew. Where the fallback is denied too, what it was at is not waited for.
    pub fn ask_own_endpoint_again(
        &mut self,
        stream: &Stream,
        now: DateTime<Utc>,
        today: NaiveDate,
        since: DateTime<Utc>,
        is_denied: bool,
    ) {
        let lately = self.turned_away_at.is_some_and(|at| now - at < WHOLE_AGAIN);
        let stands = self.turned_away_at.is_none_or(|at| at >= since);
        let is_under_way = !is_denied && (self.pass.is_some() || !self.then.is_empty());
        if self.endpoint == 0 || (stands && (lately || is_under_way)) {
            return;
        }
        self.endpoint = 0;
        if let Some(pass) = self.pass.take() {
            self.then.insert(0, pass.reading);
        }
        self.read_again(stream, today);
    }

    /// The filter has changed to this one, or what it decides by has, and what it keeps out is out: what it lets in is to be
    /// read.
    pub fn filtered(
        &mut self,
        (filter, moves): (Option<Json>, u64),
        stream: &Stream,
        today: NaiveDate,
    ) {
        self.filter = filter;
        self.moves = moves;
        self.keeping_out = None;
        self.whole_at = None;
        // What was being read was read by the filter before.
        self.begin_anew(stream);
        self.read_again(stream, today);
    }

    /// Times are read by this zone from now on. Days that were read by another one are read again, and what is being read is
    /// begun anew; lists without days are read whole every day.
    pub fn moved_to(&mut self, zone: &str, stream: &Stream, today: NaiveDate) {
        let before = self.zone.replace(zone.to_owned());
        if stream.window.is_some() && before.is_some_and(|before| before != zone) {
            self.begin_anew(stream);
            self.read_again(stream, today);
        }
    }

    /// What is being read is read from its beginning.
    fn begin_anew(&mut self, stream: &Stream) {
        if let Some(pass) = self.pass.take() {
            let endpoint = self.endpoint_of(stream);
            self.pass = Some(Pass::new(pass.reading, endpoint));
        }
    }

    fn read_again(&mut self, stream: &Stream, today: NaiveDate) {
        let again = match (self.loaded_to, stream.window) {
            (None, _) => return,
            (Some(_), Some(_)) => Reading::Window {
                from: today - Days::new(DAYS_AGAIN_ALL),
                to: today + Days::new(DAYS_AHEAD),
            },
            (Some(_), None) => Reading::Whole,
        };
        if !self.then.contains(&again) {
            self.then.push(again);
        }
    }

    /// Days from this one on were read.
    pub fn reaches_back_to(&mut self, day: NaiveDate) {
        // What was read before this was noted is not known.
        if self.loaded_to.is_none() || self.first_day.is_some() {
            self.first_day = self.first_day.into_iter().chain([day]).min();
        }
    }

    /// Somebody says that rows are gone: what proves it is to be read at once.
    pub fn doubt(&mut self) {
        self.whole_at = None;
        self.days_at = None;
    }

    /// What is to be read now, in order.
    pub fn due(&self, stream: &Stream, now: DateTime<Utc>, today: NaiveDate) -> Vec<Reading> {
        if stream.cadence == Cadence::OnDemand {
            return Vec::new();
        }
        let endpoint = self.endpoint_of(stream);
        let window = stream.window.filter(|_| endpoint.filters_by_time);
        let Some(loaded_to) = self.loaded_to else {
            return match window {
                Some(window) => {
                    let from = today - Days::new(FIRST_DAYS - 1);
                    let ahead = if window.column == "datetime" {
                        DAYS_AHEAD
                    } else {
                        0
                    };
                    let to = today + Days::new(ahead);
                    vec![Reading::Window { from, to }]
                }
                None => vec![Reading::Whole],
            };
        };
        let old = |at: Option<DateTime<Utc>>| at.is_none_or(|at| now - at >= WHOLE_AGAIN);
        let Some(cursor) = stream.cursor.filter(|_| endpoint.filters_by_time) else {
            return vec![Reading::Whole];
        };
        if stream.deletion.by_absence() && old(self.whole_at) {
            return vec![Reading::Whole];
        }
        let after = loaded_to - TimeDelta::minutes(cursor.overlap_minutes);
        let mut readings = vec![Reading::Changes { after }];
        if stream.deletion.pass().is_some() {
            readings.push(Reading::Deleted { after });
        }
        if window.is_some() && stream.deletion.by_window() && old(self.days_at) {
            let from = today - Days::new(DAYS_AGAIN);
            readings.push(Reading::Window { from, to: today });
        }
        readings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yclients::streams::stream;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_time_reads_two_days_of_events_and_lists_whole() {
        let cursor = TableCursor::default();
        let due = |table: &str| {
            cursor.due(
                stream(table).unwrap(),
                at("2026-05-10T12:00:00Z"),
                day("2026-05-10"),
            )
        };
        let days = |to: &str| {
            vec![Reading::Window {
                from: day("2026-05-09"),
                to: day(to),
            }]
        };
        assert_eq!(due("yclients_records"), days("2027-05-10"));
        assert_eq!(due("yclients_finance_transactions"), days("2026-05-10"));
        assert_eq!(due("yclients_clients"), [Reading::Whole]);
        assert_eq!(due("yclients_documents"), []);
    }

    #[test]
    fn a_refusal_from_before_an_order_stands_no_longer_and_one_from_after_it_does() {
        let stream = stream("yclients_clients").unwrap();
        let poorer = TableCursor {
            loaded_to: Some(at("2026-05-10T10:00:00Z")),
            endpoint: 1,
            turned_away_at: Some(at("2026-05-10T10:00:00Z")),
            ..TableCursor::default()
        };
        let under_way = TableCursor {
            pass: Some(Pass::new(Reading::Whole, &stream.fallbacks[0])),
            ..poorer.clone()
        };
        let after = |cursor: &TableCursor, now: &str, since: &str| {
            let mut cursor = cursor.clone();
            cursor.ask_own_endpoint_again(stream, at(now), day("2026-05-10"), at(since), false);
            cursor
        };
        let (earlier, later) = ("2026-05-10T10:00:00Z", "2026-05-10T11:00:00Z");
        let (noon, tomorrow) = ("2026-05-10T12:00:00Z", "2026-05-11T10:00:00Z");
        for cursor in [&poorer, &under_way] {
            assert_eq!(after(cursor, noon, earlier), *cursor);
            let asked = after(cursor, noon, later);
            assert_eq!((asked.endpoint, &asked.pass), (0, &None));
            assert_eq!(asked.then, [Reading::Whole]);
        }
        assert_eq!(after(&poorer, tomorrow, earlier).endpoint, 0);
        assert_eq!(after(&under_way, tomorrow, earlier), under_way);
        // It was asked on this order, in vain: the next turn goes on with what is read instead.
        let in_vain = TableCursor {
            turned_away_at: Some(at(noon)),
            ..under_way
        };
        assert_eq!(after(&in_vain, noon, later), in_vain);
    }

    #[test]
    fn later_it_reads_what_changed_with_an_overlap_and_whole_lists_once_a_day() {
        let cursor = TableCursor {
            loaded_to: Some(at("2026-05-10T11:00:00Z")),
            whole_at: Some(at("2026-05-10T11:00:00Z")),
            days_at: Some(at("2026-05-09T11:00:00Z")),
            ..TableCursor::default()
        };
        let due =
            |table: &str, now: &str| cursor.due(stream(table).unwrap(), at(now), day("2026-05-10"));
        let after = at("2026-05-10T09:55:00Z");
        let noon = "2026-05-10T12:00:00Z";
        assert_eq!(due("yclients_records", noon), [Reading::Changes { after }]);
        assert_eq!(due("yclients_clients", noon), [Reading::Changes { after }]);
        assert_eq!(
            due("yclients_clients", "2026-05-11T11:00:00Z"),
            [Reading::Whole]
        );
        assert_eq!(
            due("yclients_finance_transactions", noon),
            [
                Reading::Changes { after },
                Reading::Deleted { after },
                Reading::Window {
                    from: day("2026-05-03"),
                    to: day("2026-05-10")
                },
            ]
        );
        assert_eq!(due("yclients_staff", noon), [Reading::Whole]);
    }
}

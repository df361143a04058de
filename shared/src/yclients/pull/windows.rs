//! How a period of the past is cut into what is read one after the other.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::cursor::Reading;
use crate::yclients::streams::{self, Stream};

/// The longest period.
pub(super) const MOST_MONTHS: usize = 12 * 30;

/// The streams of these tables that can be asked for by day, or all of them.
pub(super) fn streams_of(tables: &[String]) -> impl Iterator<Item = &'static Stream> {
    streams::streams().iter().filter(move |stream| {
        let named = tables.is_empty()
            || tables.iter().any(|table| {
                streams::carrier(table).is_some_and(|carrier| carrier.table == stream.table)
            });
        stream.window.is_some() && named
    })
}

/// Whether periods of the past can be asked for of this table; lists of things are read whole.
pub fn has_history(table: &str) -> bool {
    let tables = [table.to_owned()];
    streams_of(&tables).next().is_some()
}

/// What is deleted may have to be asked for separately.
pub(super) fn readings_per_window(stream: &Stream) -> usize {
    1 + usize::from(stream.deletion.pass().is_some())
}

pub(super) fn readings(stream: &Stream, from: NaiveDate, to: NaiveDate) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (from, to) in windows(from, to) {
        readings.push(Reading::Window { from, to });
        if stream.deletion.pass().is_some() {
            readings.push(Reading::DeletedWindow { from, to });
        }
    }
    readings
}

/// The period cut at the beginnings of months, the newest part first; both days of each inclusive.
pub(super) fn windows(from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let mut windows = Vec::new();
    let mut begin = from;
    while begin <= to && windows.len() <= MOST_MONTHS {
        let next = begin
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1)));
        let Some(next) = next else {
            break;
        };
        windows.push((begin, to.min(next - Days::new(1))));
        begin = next;
    }
    windows.reverse();
    windows
}

#[cfg(test)]
#[path = "windows_tests.rs"]
mod tests;

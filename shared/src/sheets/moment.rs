//! Days and times as lists hold them: ISO 8601 with a space, which Excel takes for a date in every language and which
//! sorts as text. An hour that the clock shows twice carries its offset, so that each instant reads back exactly.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// An instant as the clocks of a zone show it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) local: NaiveDateTime,
    /// Seconds east of UTC, where the local time alone would not say which instant is meant.
    pub(super) offset: Option<i32>,
}

/// What the clocks of the zone show at this instant.
pub(super) fn shown(at: DateTime<Utc>, zone: Tz) -> Shown {
    let utc = at.naive_utc();
    if zone == Tz::UTC {
        return Shown {
            local: utc,
            offset: None,
        };
    }
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    let local = utc.checked_add_offset(offset).unwrap_or(utc);
    let twice = zone.offset_from_local_datetime(&local).single().is_none();
    Shown {
        local,
        offset: twice.then_some(offset.local_minus_utc()),
    }
}

/// Writes an instant in UTC: `2016-03-01T14:30:00Z`, with six digits after the point where it has a fraction.
pub(super) fn push_utc(out: &mut Vec<u8>, at: DateTime<Utc>) {
    push_local(out, at.naive_utc(), b'T');
    out.push(b'Z');
}

/// Writes an instant as a zone's clocks show it: `2016-03-01 15:30:00`.
pub(super) fn push_shown(out: &mut Vec<u8>, moment: Shown) {
    push_local(out, moment.local, b' ');
    if let Some(offset) = moment.offset {
        out.push(if offset < 0 { b'-' } else { b'+' });
        let seconds = offset.unsigned_abs();
        push_two(out, seconds / 3600);
        out.push(b':');
        push_two(out, seconds / 60 % 60);
        if seconds % 60 != 0 {
            out.push(b':');
            push_two(out, seconds % 60);
        }
    }
}

fn push_local(out: &mut Vec<u8>, at: NaiveDateTime, between: u8) {
    push_day(out, at.date());
    out.push(between);
    push_two(out, at.hour());
    out.push(b':');
    push_two(out, at.minute());
    out.push(b':');
    push_two(out, at.second());
    let micros = at.nanosecond() / 1000;
    if micros != 0 {
        out.push(b'.');
        push_two(out, micros / 10_000);
        push_two(out, micros / 100);
        push_two(out, micros);
        // People read `05.25`; programs get the digits they always got.
        while between == b' ' && out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// Writes a day: `2016-03-01`.
pub(super) fn push_day(out: &mut Vec<u8>, day: NaiveDate) {
    match u32::try_from(day.year()) {
        Ok(year @ 0..=9999) => {
            push_two(out, year / 100);
            push_two(out, year);
        }
        // Six digits and a sign, as ISO 8601 has it for years that four digits cannot say.
        _ => out.extend_from_slice(format!("{:+07}", day.year()).as_bytes()),
    }
    out.push(b'-');
    push_two(out, day.month());
    out.push(b'-');
    push_two(out, day.day());
}

/// The last two decimal digits.
fn push_two(out: &mut Vec<u8>, number: u32) {
    let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or(0);
    out.extend_from_slice(&[digit(number / 10), digit(number)]);
}

//! Days and instants as the vendor writes them. Forms met in one API (facts, section 1.7): `2019-01-16T16:00:00+09:00`,
//! `…+0900`, `…000+03:00` with milliseconds, `….000000Z`, `2019-01-16 16:00:00` and `08.11.2019` without a zone, and
//! `0000-00-00 00:00:00` for nothing.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// That there is none.
    Nothing,
    /// A wall clock and, where it was told, its offset.
    At {
        wall: NaiveDateTime,
        offset: Option<FixedOffset>,
    },
}

/// Reads any of the vendor's forms; `None` where it is none of them.
pub(super) fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.is_empty() || text.starts_with("0000-00-00") {
        return Some(Moment::Nothing);
    }
    let (day, rest) = day(text)?;
    let rest = rest
        .strip_prefix(['T', 't', ' '])
        .unwrap_or(rest)
        .trim_start();
    if rest.is_empty() {
        let wall = day.and_time(NaiveTime::MIN);
        return Some(Moment::At { wall, offset: None });
    }
    let (time, rest) = time(rest)?;
    let wall = day.and_time(time);
    let offset = match rest.trim() {
        "" => None,
        "Z" | "z" => FixedOffset::east_opt(0),
        rest => Some(offset(rest)?),
    };
    Some(Moment::At { wall, offset })
}

/// The instant of a moment: by its own offset, else by the branch's zone. `None` for years a warehouse cannot keep.
pub(super) fn instant(
    wall: NaiveDateTime,
    offset: Option<FixedOffset>,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    let at = match offset {
        Some(offset) => wall.checked_sub_offset(offset)?.and_utc(),
        None => local(wall, zone)?,
    };
    let year = chrono::Datelike::year(&at);
    (0..=9999).contains(&year).then_some(at)
}

/// The branch's wall clock as an instant. An hour that comes twice is the first one; an hour that is skipped is counted on
/// from before the gap.
pub(super) fn local(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    if let Some(at) = zone.from_local_datetime(&wall).earliest() {
        return Some(at.to_utc());
    }
    let before = wall.checked_sub_signed(Duration::hours(3))?;
    let at = zone.from_local_datetime(&before).earliest()?;
    at.to_utc().checked_add_signed(Duration::hours(3))
}

fn day(text: &str) -> Option<(NaiveDate, &str)> {
    let digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let separator = text.as_bytes().get(4)?;
    if *separator == b'-' && (0..4).all(digit) {
        let year: i32 = text.get(..4)?.parse().ok()?;
        let (month, rest) = number(text.get(5..)?, 2)?;
        let (day, rest) = number(rest.strip_prefix('-')?, 2)?;
        return Some((NaiveDate::from_ymd_opt(year, month, day)?, rest));
    }
    let (day, rest) = number(text, 2)?;
    let (month, rest) = number(rest.strip_prefix('.')?, 2)?;
    let rest = rest.strip_prefix('.')?;
    let (year, rest) = number(rest, 4).filter(|(year, _)| *year >= 1000)?;
    let year = i32::try_from(year).ok()?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

/// Hours (without a leading zero too) and minutes; seconds and their fraction where they are told.
fn time(text: &str) -> Option<(NaiveTime, &str)> {
    let (hour, rest) = number(text, 2)?;
    let (minute, mut rest) = number(rest.strip_prefix(':')?, 2)?;
    let (mut second, mut micros) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = number(after, 2)?;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let fraction = after.get(..digits.min(6)).filter(|text| !text.is_empty())?;
            let scale = 10u32.pow(u32::try_from(6 - fraction.len()).ok()?);
            micros = fraction.parse::<u32>().ok()? * scale;
            rest = after.get(digits..)?;
        }
    }
    Some((
        NaiveTime::from_hms_micro_opt(hour, minute, second, micros)?,
        rest,
    ))
}

/// `+03:00`, `+0300`, `+03`.
fn offset(text: &str) -> Option<FixedOffset> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, rest) = number(rest, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() {
        (0, rest)
    } else {
        number(rest, 2)?
    };
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    let plain = rest.is_empty() && minutes < 60;
    FixedOffset::east_opt(sign * seconds).filter(|_| plain)
}

/// A number of at most this many digits, and what follows it.
fn number(text: &str, digits: usize) -> Option<(u32, &str)> {
    let length = text
        .bytes()
        .take(digits)
        .take_while(u8::is_ascii_digit)
        .count();
    let (number, rest) = text.split_at_checked(length)?;
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Asia::Tokyo, Europe::Moscow};

    use super::*;

    fn utc(text: &str, zone: Tz) -> String {
        match read(text).unwrap() {
            Moment::Nothing => "nothing".to_owned(),
            Moment::At { wall, offset } => instant(wall, offset, zone).unwrap().to_rfc3339(),
        }
    }

    #[test]
    fn every_form_of_the_vendor_is_read() {
        for (text, zone, expected) in [
            (
                "2019-01-16T16:00:00+09:00",
                Moscow,
                "2019-01-16T07:00:00+00:00",
            ),
            (
                "2019-01-16T20:35:11+0900",
                Moscow,
                "2019-01-16T11:35:11+00:00",
            ),
            (
                "2019-01-16T16:00:00.000+03:00",
                Tokyo,
                "2019-01-16T13:00:00+00:00",
            ),
            (
                "2019-10-13T16:00:00.000000Z",
                Tokyo,
                "2019-10-13T16:00:00+00:00",
            ),
            ("2019-01-16 16:00:00", Tokyo, "2019-01-16T07:00:00+00:00"),
            ("2019-01-16 16:00", Moscow, "2019-01-16T13:00:00+00:00"),
            ("2019-01-16 9:00", Moscow, "2019-01-16T06:00:00+00:00"),
            ("08.11.2019", Moscow, "2019-11-07T21:00:00+00:00"),
            ("8.11.2019 10:00:00", Moscow, "2019-11-08T07:00:00+00:00"),
            ("2017-04-04", Moscow, "2017-04-03T21:00:00+00:00"),
            (
                "2017-04-04T10:00:00-0530",
                Moscow,
                "2017-04-04T15:30:00+00:00",
            ),
        ] {
            assert_eq!(utc(text, zone), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_written_in_many_ways() {
        for text in ["", " ", "0000-00-00", "0000-00-00 00:00:00"] {
            assert_eq!(read(text), Some(Moment::Nothing));
        }
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for text in [
            "soon",
            "2019-13-01",
            "2019-02-30 10:00:00",
            "20190116",
            "2019-01-16T25:00:00",
            "2019-01-16 10:00:00+99:99",
            "12:30",
            "2019-01-16x",
            "1.1.19",
            "ż",
            "2019-01-16 10",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_hours_that_a_clock_skips_or_repeats_have_an_instant() {
        // 2026-03-08 02:30 does not exist in New York; 2026-11-01 01:30 comes twice.
        assert_eq!(
            utc("2026-03-08 02:30:00", New_York),
            "2026-03-08T07:30:00+00:00"
        );
        assert_eq!(
            utc("2026-11-01 01:30:00", New_York),
            "2026-11-01T05:30:00+00:00"
        );
    }
}

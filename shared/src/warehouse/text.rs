//! Days and instants as text of fixed width, written and read by hand: scans do little else.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Length of `YYYY-MM-DD`.
pub(super) const DATE_LEN: usize = 10;
/// Length of `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
pub(super) const TIMESTAMP_LEN: usize = 27;

fn digits<const N: usize>(mut number: u32) -> [u8; N] {
    let mut text = [b'0'; N];
    for place in text.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    text
}

/// The day as `YYYY-MM-DD`; `None` for years that do not have four digits.
pub(super) fn date(day: NaiveDate) -> Option<[u8; DATE_LEN]> {
    let year = u32::try_from(day.year())
        .ok()
        .filter(|year| *year <= 9999)?;
    let [y0, y1, y2, y3] = digits(year);
    let [m0, m1] = digits(day.month());
    let [d0, d1] = digits(day.day());
    Some([y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1])
}

/// The instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`; `None` for years that do not have four digits.
pub(super) fn timestamp(at: DateTime<Utc>) -> Option<[u8; TIMESTAMP_LEN]> {
    let at = at.naive_utc();
    let [y0, y1, y2, y3, _, m0, m1, _, d0, d1] = date(at.date())?;
    let [h0, h1] = digits(at.hour());
    let [i0, i1] = digits(at.minute());
    // A leap second has 1,000 or more milliseconds; it is kept as the last microsecond of its minute.
    let microseconds = (at.nanosecond() / 1_000).min(999_999);
    let [s0, s1] = digits(at.second());
    let [f0, f1, f2, f3, f4, f5] = digits(microseconds);
    Some([
        y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', i0, i1, b':', s0, s1, b'.',
        f0, f1, f2, f3, f4, f5, b'Z',
    ])
}

fn number(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0u32, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

/// Reads a day as [`date`] writes it; also one that is the beginning of an instant.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, rest @ ..] = text.as_bytes() else {
        return None;
    };
    if !rest.is_empty() && parse_timestamp(text).is_none() {
        return None;
    }
    let year = i32::try_from(number(&[*y0, *y1, *y2, *y3])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[*m0, *m1])?, number(&[*d0, *d1])?)
}

/// Reads an instant as [`timestamp`] writes it, or as a person would: a space for the `T`, less than microseconds, an
/// offset, or only a day. Without a zone it is UTC.
pub(super) fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    fixed(text.as_bytes()).or_else(|| typed(text))
}

fn fixed(text: &[u8]) -> Option<DateTime<Utc>> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        i0,
        i1,
        b':',
        s0,
        s1,
        b'.',
        fraction @ ..,
    ] = text
    else {
        return None;
    };
    let (b'Z', fraction) = fraction.split_last().filter(|(_, rest)| rest.len() == 6)? else {
        return None;
    };
    let year = i32::try_from(number(&[*y0, *y1, *y2, *y3])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(&[*m0, *m1])?, number(&[*d0, *d1])?)?;
    let time = NaiveTime::from_hms_micro_opt(
        number(&[*h0, *h1])?,
        number(&[*i0, *i1])?,
        number(&[*s0, *s1])?,
        number(fraction)?,
    )?;
    Some(NaiveDateTime::new(day, time).and_utc())
}

fn typed(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day.and_time(NaiveTime::MIN).and_utc());
    }
    let zoned = text.replacen(' ', "T", 1);
    if let Ok(at) = DateTime::parse_from_rfc3339(&zoned) {
        return Some(at.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(&zoned, form).ok())
        .map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn an_instant_comes_back_from_its_text() {
        for text in [
            "2026-02-28T23:59:59.999999Z",
            "0000-01-01T00:00:00.000000Z",
            "9999-12-31T00:00:00.000001Z",
        ] {
            let written = timestamp(at(text)).unwrap();
            assert_eq!(std::str::from_utf8(&written).unwrap(), text);
            assert_eq!(parse_timestamp(text), Some(at(text)));
        }
    }

    #[test]
    fn what_a_person_typed_is_understood() {
        let expected = Some(at("2026-03-01T10:20:30Z"));
        for text in [
            "2026-03-01 10:20:30",
            "2026-03-01T10:20:30.0Z",
            "2026-03-01 11:20:30+01:00",
        ] {
            assert_eq!(parse_timestamp(text), expected, "{text}");
        }
        assert_eq!(parse_timestamp("2026-13-01"), None);
        assert_eq!(
            parse_date("2026-03-01"),
            NaiveDate::from_ymd_opt(2026, 3, 1)
        );
        assert_eq!(parse_date("2026-03-01x"), None);
    }

    #[test]
    fn years_without_four_digits_are_refused() {
        assert_eq!(date(NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap()), None);
        assert_eq!(date(NaiveDate::from_ymd_opt(-1, 1, 1).unwrap()), None);
    }
}

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Which comes first in dates such as `01-03-2016`, that nobody can read without being told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 1 March.
    DayFirst,
    /// 3 January.
    MonthFirst,
}

/// Why text is no date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoMoment {
    /// It reads as none.
    Unreadable,
    /// It reads as two, and the mapping does not say which.
    OrderUnknown,
    /// The clocks of the zone were moved past it.
    Skipped,
}

/// A day, and what else was stated.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stated {
    day: NaiveDate,
    time: Option<NaiveTime>,
    offset: Option<FixedOffset>,
}

/// Reads a day. A time of day is refused unless it is midnight.
pub(super) fn day(text: &str, order: Option<DateOrder>) -> Result<NaiveDate, NoMoment> {
    let stated = stated(text, order)?;
    match stated.time {
        None | Some(NaiveTime::MIN) if stated.offset.is_none() => Ok(stated.day),
        _ => Err(NoMoment::Unreadable),
    }
}

/// Reads an instant. A local time that the clocks show twice means the first; a day means its midnight.
pub(super) fn instant(
    text: &str,
    order: Option<DateOrder>,
    zone: Tz,
) -> Result<DateTime<Utc>, NoMoment> {
    let stated = stated(text, order)?;
    let local = stated.day.and_time(stated.time.unwrap_or(NaiveTime::MIN));
    match stated.offset {
        Some(offset) => offset
            .from_local_datetime(&local)
            .single()
            .map(|at| at.with_timezone(&Utc))
            .ok_or(NoMoment::Unreadable),
        None => in_zone(local, zone),
    }
}

/// The instant at which the clocks of the zone show this, the first of two.
pub(super) fn in_zone(local: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, NoMoment> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
        .ok_or(NoMoment::Skipped)
}

/// What an unstated order could be, told from one date: the order when only one is possible.
pub(super) fn order_of(text: &str) -> Option<DateOrder> {
    let day_first = stated(text, Some(DateOrder::DayFirst)).is_ok();
    let month_first = stated(text, Some(DateOrder::MonthFirst)).is_ok();
    match (day_first, month_first) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

fn stated(text: &str, order: Option<DateOrder>) -> Result<Stated, NoMoment> {
    let text = text.trim();
    let split = text
        .char_indices()
        .skip(1)
        .find(|(_, character)| matches!(character, 'T' | 't' | ' ' | ',' | '\u{a0}'))
        .map_or(text.len(), |(index, _)| index);
    let (first, rest) = text.split_at(split);
    let day = calendar_day(first, order)?;
    let rest = rest.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, 'T' | 't' | ',')
    });
    if rest.is_empty() {
        return Ok(Stated {
            day,
            time: None,
            offset: None,
        });
    }
    let (time, offset) = clock(rest).ok_or(NoMoment::Unreadable)?;
    Ok(Stated {
        day,
        time: Some(time),
        offset,
    })
}

/// `2016-03-01`, `2016/3/1`, `1.03.2016`; `01-03-2016` and `01/03/2016` with an order, or where only one is possible.
fn calendar_day(text: &str, order: Option<DateOrder>) -> Result<NaiveDate, NoMoment> {
    let separator = text
        .chars()
        .skip(1)
        .find(|character| matches!(character, '-' | '.' | '/'))
        .ok_or(NoMoment::Unreadable)?;
    let signed = text.starts_with(['+', '-']) && separator == '-';
    let bare = if signed {
        text.get(1..).unwrap_or_default()
    } else {
        text
    };
    let mut parts = bare.split(separator);
    let (Some(a), Some(b), Some(c), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NoMoment::Unreadable);
    };
    let number = |part: &str| -> Result<u32, NoMoment> {
        if part.is_empty() || part.len() > 6 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoMoment::Unreadable);
        }
        part.parse().map_err(|_| NoMoment::Unreadable)
    };
    let (x, y, z) = (number(a)?, number(b)?, number(c)?);
    let build = |year: u32, month, day| {
        let year = i32::try_from(year).ok()?;
        let year = if text.starts_with('-') { -year } else { year };
        NaiveDate::from_ymd_opt(year, month, day)
    };
    if signed || a.len() == 4 {
        return build(x, y, z).ok_or(NoMoment::Unreadable);
    }
    if c.len() != 4 {
        return Err(NoMoment::Unreadable);
    }
    let day_first = build(z, y, x);
    let month_first = build(z, x, y);
    match (separator, order) {
        ('.', _) | (_, Some(DateOrder::DayFirst)) => day_first.ok_or(NoMoment::Unreadable),
        (_, Some(DateOrder::MonthFirst)) => month_first.ok_or(NoMoment::Unreadable),
        (_, None) => match (day_first, month_first) {
            (Some(day), None) | (None, Some(day)) => Ok(day),
            (Some(one), Some(other)) if one == other => Ok(one),
            (Some(_), Some(_)) => Err(NoMoment::OrderUnknown),
            (None, None) => Err(NoMoment::Unreadable),
        },
    }
}

/// `14:30`, `14:30:05.123456`, `2:30 PM`, with `Z`, `+01:00` or `+0100` behind it.
fn clock(text: &str) -> Option<(NaiveTime, Option<FixedOffset>)> {
    let lower = text.to_ascii_lowercase();
    let (lower, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end(), Some(0)),
        (_, Some(rest)) => (rest.trim_end(), Some(12)),
        _ => (lower.as_str(), None),
    };
    let (time, offset) = match lower.find(['z', '+', '-']) {
        Some(index) => {
            let (time, offset) = lower.split_at(index);
            (time.trim_end(), Some(offset_of(offset)?))
        }
        None => (lower, None),
    };
    let mut parts = time.split(':');
    let hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next()?.parse().ok()?;
    let (second, micro) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once(['.', ',']) {
            None => (seconds.parse().ok()?, 0),
            Some((whole, fraction)) => (whole.parse().ok()?, micros(fraction)?),
        },
    };
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(shift) => hour % 12 + shift,
    };
    Some((
        NaiveTime::from_hms_micro_opt(hour, minute, second, micro)?,
        offset,
    ))
}

fn micros(fraction: &str) -> Option<u32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
    six.parse().ok()
}

fn offset_of(text: &str) -> Option<FixedOffset> {
    if text == "z" {
        return FixedOffset::east_opt(0);
    }
    let negative = text.starts_with('-');
    let digits: String = text
        .chars()
        .filter(char::is_ascii_digit)
        .chain("000000".chars())
        .take(6)
        .collect();
    if !text
        .bytes()
        .skip(1)
        .all(|byte| byte.is_ascii_digit() || byte == b':')
        || text.len() < 3
    {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i32>().ok();
    let seconds = part(0..2)? * 3600 + part(2..4)? * 60 + part(4..6)?;
    FixedOffset::east_opt(if negative { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn days_are_read_in_every_usual_form() {
        for text in [
            "2016-03-01",
            "1.3.2016",
            "01.03.2016",
            "2016/3/1",
            " 2016-03-01 00:00 ",
        ] {
            assert_eq!(day(text, None), Ok(ymd(2016, 3, 1)), "{text}");
        }
        assert_eq!(day("13-03-2016", None), Ok(ymd(2016, 3, 13)));
        assert_eq!(day("03/13/2016", None), Ok(ymd(2016, 3, 13)));
        assert_eq!(day("2016-13-01", None), Err(NoMoment::Unreadable));
        assert_eq!(day("2016-03-01 12:00", None), Err(NoMoment::Unreadable));
    }

    #[test]
    fn a_date_that_reads_as_two_needs_its_order() {
        assert_eq!(day("01-03-2016", None), Err(NoMoment::OrderUnknown));
        let order = Some(DateOrder::DayFirst);
        assert_eq!(day("01-03-2016", order), Ok(ymd(2016, 3, 1)));
        let order = Some(DateOrder::MonthFirst);
        assert_eq!(day("01-03-2016", order), Ok(ymd(2016, 1, 3)));
        assert_eq!(order_of("01-03-2016"), None);
        assert_eq!(order_of("31-03-2016"), Some(DateOrder::DayFirst));
        assert_eq!(order_of("03/31/2016"), Some(DateOrder::MonthFirst));
    }

    #[test]
    fn instants_are_read_in_the_zone_or_by_their_offset() {
        let utc = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .unwrap()
                .with_timezone(&Utc)
        };
        let warsaw = chrono_tz::Europe::Warsaw;
        let cases = [
            ("2016-03-01 15:30:00", "2016-03-01T14:30:00Z"),
            ("2016-03-01T14:30:00.5Z", "2016-03-01T14:30:00.5Z"),
            ("01.03.2016, 15:30", "2016-03-01T14:30:00Z"),
            ("2016-03-01 3:30 PM", "2016-03-01T14:30:00Z"),
            ("2016-03-01 15:30+01:00", "2016-03-01T14:30:00Z"),
            ("2025-10-26 02:30:00", "2025-10-26T00:30:00Z"),
            ("2025-10-26 02:30:00+01:00", "2025-10-26T01:30:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(instant(text, None, warsaw), Ok(utc(expected)), "{text}");
        }
        assert_eq!(
            instant("2025-03-30 02:30", None, warsaw),
            Err(NoMoment::Skipped)
        );
    }
}

//! Numbers, days and instants as an exchange file spells them.

use std::io::Write as _;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};
use rust_decimal::Decimal;

use super::problem::{Fault, Problem};

/// Instants are kept to the microsecond.
const NANOS_IN_MICRO: u32 = 1_000;

/// The white space of XML, which values that are not text may stand in.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether XML calls this character white space.
pub(super) const fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

pub(super) fn boolean(text: &str) -> Result<bool, Fault> {
    match trim(text) {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(Fault::wrong_type("true or false", other)),
    }
}

pub(super) fn integer(text: &str) -> Result<i64, Fault> {
    let text = trim(text);
    text.parse()
        .map_err(|_| Fault::wrong_type("a whole number of 64 bits", text))
}

/// An exact number; zeros past the scale are let through.
pub(super) fn decimal(text: &str, scale: u32) -> Result<Decimal, Fault> {
    let text = trim(text);
    let fault = || {
        let expected = format!("a number with at most {scale} digits after the point");
        Fault::wrong_type(expected, text)
    };
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-'));
    if !plain {
        return Err(fault());
    }
    let number = Decimal::from_str_exact(text).map_err(|_| fault())?;
    if number.scale() > scale && number.normalize().scale() > scale {
        return Err(fault());
    }
    Ok(number)
}

pub(super) fn date(text: &str) -> Result<NaiveDate, Fault> {
    let text = trim(text);
    parse_date(text).ok_or_else(|| Fault::wrong_type("a day as YYYY-MM-DD", text))
}

/// An instant with its zone, cut to the microsecond.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, Fault> {
    let text = trim(text);
    let fault = || {
        let expected = "an instant with its zone, as YYYY-MM-DDThh:mm:ssZ";
        Fault::wrong_type(expected, text)
    };
    parse_instant(text).ok_or_else(fault)
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (year, rest) = digits.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    if year.len() < 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let year = i32::try_from(number(year)?).ok()?;
    NaiveDate::from_ymd_opt(
        if negative { -year } else { year },
        number(month)?,
        number(day)?,
    )
}

fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, clock) = text.split_once('T')?;
    let zone_at = clock.find(['Z', '+', '-'])?;
    let (clock, zone) = clock.split_at(zone_at);
    let time = parse_time(clock)?;
    let offset = parse_zone(zone)?;
    parse_date(day)?
        .and_time(time)
        .and_local_timezone(offset)
        .single()
        .map(|instant| instant.to_utc())
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    if [hours, minutes, seconds].iter().any(|part| part.len() != 2) {
        return None;
    }
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .fold(0, |micros, digit| micros * 10 + u32::from(digit - b'0'));
    NaiveTime::from_hms_micro_opt(number(hours)?, number(minutes)?, number(seconds)?, micros)
}

fn parse_zone(text: &str) -> Option<FixedOffset> {
    if text == "Z" {
        return FixedOffset::east_opt(0);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    if text.starts_with('-') {
        FixedOffset::west_opt(seconds)
    } else {
        FixedOffset::east_opt(seconds)
    }
}

/// Digits only; the standard parser would let a sign through.
fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

/// Appends an exact number without needless zeros: one spelling for one number.
pub(super) fn push_decimal(number: Decimal, out: &mut Vec<u8>) {
    let number = number.normalize();
    let number = if number.is_zero() {
        Decimal::ZERO
    } else {
        number
    };
    push_display(number, out);
}

pub(super) fn push_date(day: NaiveDate, out: &mut Vec<u8>) {
    let year = day.year();
    if year < 0 {
        out.push(b'-');
    }
    push_display(
        format_args!(
            "{:04}-{:02}-{:02}",
            year.unsigned_abs(),
            day.month(),
            day.day()
        ),
        out,
    );
}

/// Appends an instant in UTC with as many digits of a second as it needs: none, three or six.
pub(super) fn push_instant(instant: DateTime<Utc>, out: &mut Vec<u8>) {
    push_date(instant.date_naive(), out);
    let time = instant.time();
    push_display(
        format_args!(
            "T{:02}:{:02}:{:02}",
            time.hour(),
            time.minute(),
            time.second()
        ),
        out,
    );
    // A leap second is kept as the last moment of its minute.
    let micros = (time.nanosecond() / NANOS_IN_MICRO).min(999_999);
    if !micros.is_multiple_of(1_000) {
        push_display(format_args!(".{micros:06}"), out);
    } else if micros != 0 {
        push_display(format_args!(".{:03}", micros / 1_000), out);
    }
    out.push(b'Z');
}

pub(super) fn push_display(value: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing into memory cannot fail.
    let _ = write!(out, "{value}");
}

/// A value out of a closed list.
pub(super) fn choice<'t>(
    text: &'t str,
    choices: &[crate::catalog::Choice],
) -> Result<&'t str, Fault> {
    let text = trim(text);
    if choices.iter().any(|choice| choice.value == text) {
        return Ok(text);
    }
    let known: Vec<_> = choices.iter().map(|choice| choice.value.as_ref()).collect();
    Err(Fault::new(
        Problem::UnknownValue,
        format!("one of {}", known.join(", ")),
        text,
    ))
}

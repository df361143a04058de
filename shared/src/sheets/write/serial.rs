//! Spreadsheet dates: days since 1899-12-30, the time of day as a fraction.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

const MICROS_A_DAY: f64 = 86_400_000_000.0;
/// The first day, 1900-03-01, whose number all spreadsheets agree on; Excel counts a 29 February 1900 that never was.
const FIRST: i64 = 61;
/// Numbers of days a spreadsheet knows, to the end of 9999.
const DAYS: std::ops::Range<f64> = 0.0..2_958_466.0;

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default()
}

/// The number of a moment; `None` where a spreadsheet has none, or none that gives back the exact microsecond.
pub(super) fn serial_of(at: NaiveDateTime) -> Option<f64> {
    let days = at.date().signed_duration_since(epoch()).num_days();
    if days < FIRST {
        return None;
    }
    let micros =
        f64::from(at.num_seconds_from_midnight()) * 1e6 + f64::from(at.nanosecond() / 1000);
    let serial = days as f64 + micros / MICROS_A_DAY;
    (moment_of(serial) == Some(at)).then_some(serial)
}

/// The moment a spreadsheet's number stands for, to the microsecond.
pub(in crate::sheets) fn moment_of(serial: f64) -> Option<NaiveDateTime> {
    if !DAYS.contains(&serial) {
        return None;
    }
    let days = serial.floor();
    let micros = ((serial - days) * MICROS_A_DAY).round();
    let leap = if days < 60.0 { 1 } else { 0 };
    let day = epoch().checked_add_signed(TimeDelta::try_days(days as i64 + leap)?)?;
    day.and_time(NaiveTime::MIN)
        .checked_add_signed(TimeDelta::microseconds(micros as i64))
}

/// The day a spreadsheet's number stands for; `None` when it says a time of day too.
pub(in crate::sheets) fn day_of(serial: f64) -> Option<NaiveDate> {
    let at = moment_of(serial)?;
    (at.time() == NaiveTime::MIN).then(|| at.date())
}

//! Spreadsheet dates: days since 1899-12-30, the time of day as a fraction.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

const MICROS_A_DAY: f64 = 86_400_000_000.0;
/// Spreadsheets keep milliseconds and many programs write 15 digits of a number, which miss a moment of these centuries
/// by up to 5 microseconds: so near to a whole millisecond, that is the one that was meant.
const MISSED_BY: f64 = 5.0;
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

/// The moment a spreadsheet's number stands for: the whole millisecond next to it, else to the microsecond.
pub(in crate::sheets) fn moment_of(serial: f64) -> Option<NaiveDateTime> {
    if !DAYS.contains(&serial) {
        return None;
    }
    let days = serial.floor();
    let exact = (serial - days) * MICROS_A_DAY;
    let whole = (exact / 1e3).round() * 1e3;
    let micros = if (exact - whole).abs() <= MISSED_BY {
        whole
    } else {
        exact.round()
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_15_digits_is_the_minute_that_was_meant() {
        let first = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let first = first.and_time(NaiveTime::MIN);
        for minute in 0..2_000 {
            let at = first + TimeDelta::minutes(minute * 7);
            let days = (at - epoch().and_time(NaiveTime::MIN)).num_seconds() as f64 / 86_400.0;
            let written: f64 = format!("{days:.10}").parse().unwrap();
            assert_eq!(moment_of(written), Some(at));
        }
    }

    #[test]
    fn a_microsecond_of_our_own_is_kept_or_not_written_as_a_number() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        for micro in [0, 1, 4, 6, 123_456, 999_994, 999_998] {
            let at = day.and_hms_micro_opt(10, 4, 59, micro).unwrap();
            if let Some(serial) = serial_of(at) {
                assert_eq!(moment_of(serial), Some(at));
            }
        }
    }
}

//! Days and times as the clocks of a business's zone show them.

use chrono::{
    DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

/// Minutes after which a clock that was put forward shows a time again: a whole day was left out once, in 2011.
const LONGEST_GAP_MINUTES: i64 = 26 * 60;

/// The instant at which a day begins in the zone, where clocks may begin it later than at midnight.
pub fn start_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let shown = day.and_time(NaiveTime::MIN);
    instant(shown, zone).unwrap_or_else(|| shown.and_utc())
}

/// The instant at which clocks in the zone first show this time or, where they leave it out, the next one they show.
pub fn instant(shown: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
        let later = shown.checked_add_signed(TimeDelta::minutes(minutes))?;
        match zone.from_local_datetime(&later) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.to_utc()),
            MappedLocalTime::None => None,
        }
    })
}

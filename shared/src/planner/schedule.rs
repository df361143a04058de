use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use super::ScheduleError;
use crate::zone::instant;

/// The longest pause between two runs, in minutes: four weeks.
const LONGEST_MINUTES: u32 = 28 * 24 * 60;
/// Days looked through for the next run: a week, and one at each end because days begin at other times in other zones.
const DAYS_AHEAD: u64 = 9;

/// When a job runs by itself. As text: `every 15 minutes`, `every 2 hours`, `every hour`, `daily at 03:30` (also `every day at
/// 03:30`), `weekly on mon,thu at 04:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Every so many minutes, whatever the clocks show.
    Minutes(u32),
    /// Every so many hours, whatever the clocks show.
    Hours(u32),
    /// Every day at this time in the business's zone.
    Daily(NaiveTime),
    /// On these days of the week at this time in the business's zone.
    Weekly {
        /// The days, at least one.
        days: BTreeSet<Day>,
        /// The time.
        at: NaiveTime,
    },
}

/// A day of the week, ordered from Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub Weekday);

impl Schedule {
    /// The first time after `after` that the schedule names. Intervals count from `anchor`; days and times are those of
    /// `zone`.
    ///
    /// A time that the clocks leave out is replaced by the next one that they show; of a time that they show twice, the
    /// first counts. `None` only beyond the calendar's end.
    pub fn next(
        &self,
        anchor: DateTime<Utc>,
        after: DateTime<Utc>,
        zone: Tz,
    ) -> Option<DateTime<Utc>> {
        match self {
            Self::Minutes(minutes) => next_multiple(anchor, after, i64::from(*minutes)),
            Self::Hours(hours) => next_multiple(anchor, after, i64::from(*hours) * 60),
            Self::Daily(at) => next_day(after, zone, *at, |_| true),
            Self::Weekly { days, at } => next_day(after, zone, *at, |day| days.contains(&Day(day))),
        }
    }

    /// Refuses what would never fire, and what is past all use.
    fn checked(self) -> Result<Self, ScheduleError> {
        let minutes = match &self {
            Self::Minutes(minutes) => *minutes,
            Self::Hours(hours) => hours.saturating_mul(60),
            Self::Weekly { days, .. } if days.is_empty() => return Err(ScheduleError::NeverFires),
            Self::Daily(_) | Self::Weekly { .. } => return Ok(self),
        };
        match minutes {
            0 => Err(ScheduleError::NeverFires),
            1..=LONGEST_MINUTES => Ok(self),
            _ => Err(ScheduleError::TooRare),
        }
    }
}

fn next_multiple(
    anchor: DateTime<Utc>,
    after: DateTime<Utc>,
    minutes: i64,
) -> Option<DateTime<Utc>> {
    let step = TimeDelta::try_minutes(minutes).filter(|step| *step > TimeDelta::zero())?;
    let steps = (after - anchor)
        .num_microseconds()?
        .div_euclid(step.num_microseconds()?)
        + 1;
    // The first run is one step after the job was made, never before it.
    let micros = step.num_microseconds()?.checked_mul(steps.max(1))?;
    anchor.checked_add_signed(TimeDelta::microseconds(micros))
}

fn next_day(
    after: DateTime<Utc>,
    zone: Tz,
    at: NaiveTime,
    meant: impl Fn(Weekday) -> bool,
) -> Option<DateTime<Utc>> {
    let first = after.with_timezone(&zone).date_naive().pred_opt()?;
    (0..DAYS_AHEAD)
        .filter_map(|days| first.checked_add_days(Days::new(days)))
        .filter(|day| meant(day.weekday()))
        .filter_map(|day| instant(day.and_time(at), zone))
        .find(|instant| *instant > after)
}

impl Ord for Day {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0
            .num_days_from_monday()
            .cmp(&other.0.num_days_from_monday())
    }
}

impl PartialOrd for Day {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes(1) => formatter.write_str("every minute"),
            Self::Minutes(minutes) => write!(formatter, "every {minutes} minutes"),
            Self::Hours(1) => formatter.write_str("every hour"),
            Self::Hours(hours) => write!(formatter, "every {hours} hours"),
            Self::Daily(at) => write!(formatter, "daily at {}", at.format("%H:%M")),
            Self::Weekly { days, at } => {
                let days: Vec<_> = days
                    .iter()
                    .map(|day| day.0.to_string().to_lowercase())
                    .collect();
                write!(
                    formatter,
                    "weekly on {} at {}",
                    days.join(","),
                    at.format("%H:%M")
                )
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split_whitespace()
            .filter(|word| !matches!(*word, "at" | "on"))
            .collect();
        // Only the whole of it shows where it went wrong: of "every day", "day" is what nobody would have called wrong.
        let unreadable = || ScheduleError::Unreadable { text: text.into() };
        let schedule = match words.as_slice() {
            ["daily", at] | ["every", "day", at] => Self::Daily(time(at)?),
            ["every", count, unit] => interval(count, unit).ok_or_else(unreadable)?,
            ["every", unit] => interval("1", unit).ok_or_else(unreadable)?,
            // Days without a time.
            ["weekly", .., last] if !last.contains(':') => return Err(unreadable()),
            ["weekly", days @ .., at] => Self::Weekly {
                days: week_days(days)?,
                at: time(at)?,
            },
            _ => return Err(unreadable()),
        };
        schedule.checked()
    }
}

fn interval(count: &str, unit: &str) -> Option<Schedule> {
    let count = count.parse().ok()?;
    match unit {
        "m" | "min" | "minute" | "minutes" => Some(Schedule::Minutes(count)),
        "h" | "hour" | "hours" => Some(Schedule::Hours(count)),
        _ => None,
    }
}

fn time(text: &str) -> Result<NaiveTime, ScheduleError> {
    NaiveTime::parse_from_str(text, "%H:%M")
        .map_err(|_| ScheduleError::NoSuchTime { text: text.into() })
}

fn week_days(words: &[&str]) -> Result<BTreeSet<Day>, ScheduleError> {
    words
        .iter()
        .flat_map(|word| word.split(','))
        .filter(|name| !name.is_empty())
        .map(|name| {
            let day = name.parse::<Weekday>();
            day.map(Day)
                .map_err(|_| ScheduleError::NoSuchDay { text: name.into() })
        })
        .collect()
}

crate::control::text_enum::stored_as_text!(Schedule);

impl serde::Serialize for Schedule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

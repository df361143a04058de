use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::PeriodError;

/// The most days that one run covers: ten years.
const LONGEST_DAYS: u64 = 3_660;

/// Days in the business's zone, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// Which period a run covers when nobody names one. As text: `last 7 days`, `last 2 months`, `since 2026-01-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodRule {
    /// So many days up to today, today included.
    LastDays(u32),
    /// So many whole months before this one, and this one up to today.
    LastMonths(u32),
    /// From that day up to today.
    Since(NaiveDate),
}

impl Period {
    /// These days, looked at on the day `today`. A period that begins after it has no data yet; one that only ends after
    /// it may hold appointments to come, and is allowed for up to a year.
    pub fn new(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Result<Self, PeriodError> {
        let last = today.checked_add_days(Days::new(366)).unwrap_or(today);
        if to < from {
            return Err(PeriodError::Reversed { from, to });
        }
        if from > today || to > last {
            return Err(PeriodError::Future {
                period: format!("{from} to {to}"),
            });
        }
        let days = (to - from).num_days();
        if u64::try_from(days).unwrap_or(u64::MAX) > LONGEST_DAYS {
            return Err(PeriodError::TooLong);
        }
        Ok(Self { from, to })
    }
}

impl PeriodRule {
    /// The period it names on the day that it is in the zone.
    pub fn at(self, now: DateTime<Utc>, zone: Tz) -> Result<Period, PeriodError> {
        let today = now.with_timezone(&zone).date_naive();
        let from = match self {
            Self::LastDays(days) => today.checked_sub_days(Days::new(u64::from(days.max(1)) - 1)),
            Self::LastMonths(months) => today
                .with_day(1)
                .and_then(|first| first.checked_sub_months(chrono::Months::new(months))),
            Self::Since(day) if day > today => {
                return Err(PeriodError::Future {
                    period: self.to_string(),
                });
            }
            Self::Since(day) => Some(day),
        };
        Period::new(from.ok_or(PeriodError::TooLong)?, today, today)
    }

    /// Refuses a rule that names no period on that day.
    pub fn check(self, now: DateTime<Utc>, zone: Tz) -> Result<Self, PeriodError> {
        match self {
            Self::LastDays(0) => Err(PeriodError::Empty),
            _ => self.at(now, zone).map(|_| self),
        }
    }
}

impl fmt::Display for PeriodRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastDays(days) => write!(formatter, "last {days} days"),
            Self::LastMonths(months) => write!(formatter, "last {months} months"),
            Self::Since(day) => write!(formatter, "since {day}"),
        }
    }
}

impl FromStr for PeriodRule {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let unreadable = || PeriodError::Unreadable { text: text.into() };
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        match words.as_slice() {
            ["last", days, "day" | "days"] => {
                days.parse().map(Self::LastDays).map_err(|_| unreadable())
            }
            ["last", months, "month" | "months"] => months
                .parse()
                .map(Self::LastMonths)
                .map_err(|_| unreadable()),
            ["since", day] => day.parse().map(Self::Since).map_err(|_| unreadable()),
            _ => Err(unreadable()),
        }
    }
}

impl TryFrom<String> for PeriodRule {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl Serialize for PeriodRule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PeriodRule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn rules_name_days_up_to_today_in_the_business_zone() {
        // In Warsaw it is already the second of March.
        let now: DateTime<Utc> = "2026-03-01T23:30:00Z".parse().unwrap();
        let of = |text: &str| {
            let rule: PeriodRule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
            let period = rule.at(now, Tz::Europe__Warsaw).unwrap();
            (period.from.to_string(), period.to.to_string())
        };
        let days = |from: &str| (from.to_owned(), "2026-03-02".to_owned());
        assert_eq!(of("last 1 days"), days("2026-03-02"));
        assert_eq!(of("last 7 days"), days("2026-02-24"));
        assert_eq!(of("last 0 months"), days("2026-03-01"));
        assert_eq!(of("last 2 months"), days("2026-01-01"));
        assert_eq!(of("since 2025-12-31"), days("2025-12-31"));
    }

    #[test]
    fn periods_that_cannot_have_data_are_refused() {
        let today = day("2026-03-01");
        let refused = |from, to| Period::new(day(from), day(to), today).unwrap_err();
        assert!(matches!(
            refused("2026-03-02", "2026-03-03"),
            PeriodError::Future { .. }
        ));
        assert!(matches!(
            refused("2026-02-02", "2028-03-03"),
            PeriodError::Future { .. }
        ));
        assert!(matches!(
            refused("2026-02-02", "2026-02-01"),
            PeriodError::Reversed { .. }
        ));
        assert!(matches!(
            refused("1999-02-02", "2026-02-01"),
            PeriodError::TooLong
        ));
        assert!(
            Period::new(today, day("2026-04-01"), today).is_ok(),
            "appointments to come"
        );
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let check = |text: &str| text.parse::<PeriodRule>().unwrap().check(now, Tz::UTC);
        assert!(matches!(check("last 0 days"), Err(PeriodError::Empty)));
        // It is told as it was given: its last day would be before its first.
        assert_eq!(
            check("since 2027-01-01").unwrap_err().to_string(),
            "the period since 2027-01-01 lies in the future"
        );
        assert_eq!(
            refused("2027-01-01", "2027-02-01").to_string(),
            "the period 2027-01-01 to 2027-02-01 lies in the future"
        );
        assert!(matches!(
            refused("2027-02-01", "2027-01-01"),
            PeriodError::Reversed { .. }
        ));
        assert!(check("last 4000000000 days").is_err());
        assert!(
            "last week".parse::<PeriodRule>().is_err()
                && "since 2026-02-30".parse::<PeriodRule>().is_err()
        );
    }
}

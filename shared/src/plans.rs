//! What the plans allow.

mod variables;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use crate::{
    control::{Plan, Subscription},
    warehouse::Quota,
};

pub use variables::PlansError;

/// Bytes of a gigabyte, as plans count them.
pub const GIGABYTE: u64 = 1_000_000_000;

/// A number of rows or bytes that stands for no limit: the databases' largest number.
pub const UNLIMITED: u64 = i64::MAX.unsigned_abs();

/// What one plan allows; `None` is without a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Days from the beginning of the subscription in which loading goes on.
    pub days: Option<u32>,
    /// How many days back history may be loaded.
    pub history_days: Option<u32>,
    /// Rows loaded in a month: new and changed ones, child rows included.
    pub rows: u64,
    /// Bytes that the warehouse may take up before loading stands still.
    pub bytes: u64,
}

/// The terms of every plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plans {
    /// To try it out.
    pub trial: Terms,
    /// The real thing.
    pub standard: Terms,
}

impl Default for Plans {
    /// A trial of 14 days with 31 days of history, 100,000 rows a month and 1 GB; the real thing with 5,000,000 rows a month
    /// and 20 GB.
    fn default() -> Self {
        Self {
            trial: Terms {
                days: Some(14),
                history_days: Some(31),
                rows: 100_000,
                bytes: GIGABYTE,
            },
            standard: Terms {
                days: None,
                history_days: None,
                rows: 5_000_000,
                bytes: 20 * GIGABYTE,
            },
        }
    }
}

impl Plans {
    /// The terms of a plan.
    pub const fn terms(&self, plan: Plan) -> &Terms {
        match plan {
            Plan::Trial => &self.trial,
            Plan::Standard => &self.standard,
        }
    }
}

impl Terms {
    /// Whether the plan of this subscription still lets rows in at that time.
    pub fn runs(&self, subscription: &Subscription, now: DateTime<Utc>) -> bool {
        self.ends(subscription).is_none_or(|end| now < end)
    }

    /// When the plan of this subscription ends; `None` where it does not.
    pub fn ends(&self, subscription: &Subscription) -> Option<DateTime<Utc>> {
        self.days
            .map(|days| subscription.created_at + TimeDelta::days(days.into()))
    }

    /// What is to be counted at that time.
    pub fn quota(&self, now: DateTime<Utc>) -> Quota {
        Quota {
            month: month_of(now),
            rows: self.rows,
            bytes: self.bytes,
        }
    }

    /// The first day that history may be loaded of.
    pub fn history_from(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.history_days
            .map(|days| today - TimeDelta::days(days.into()))
    }
}

/// The month that rows are counted in, as `YYYY-MM` in UTC.
pub fn month_of(now: DateTime<Utc>) -> String {
    now.format("%Y-%m").to_string()
}

/// When the month after that time begins.
pub fn next_month(now: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::Datelike;
    let first = now.date_naive().with_day(1);
    first
        .and_then(|day| day.checked_add_months(Months::new(1)))
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(now, |start| start.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_one_another_in_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(month_of(at("2026-12-31T23:59:59Z")), "2026-12");
        assert_eq!(
            next_month(at("2026-12-31T23:59:59Z")),
            at("2027-01-01T00:00:00Z")
        );
        assert_eq!(
            next_month(at("2026-01-31T10:00:00Z")),
            at("2026-02-01T00:00:00Z")
        );
    }

    #[test]
    fn a_trial_sees_a_month_back_and_the_real_thing_everything() {
        let plans = Plans::default();
        let today: NaiveDate = "2026-05-31".parse().unwrap();
        let back = plans.terms(Plan::Trial).history_from(today);
        assert_eq!(back, Some("2026-04-30".parse().unwrap()));
        assert_eq!(plans.terms(Plan::Standard).history_from(today), None);
    }
}

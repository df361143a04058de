use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Schedule, ScheduleError};

const WARSAW: Tz = Tz::Europe__Warsaw;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn schedule(text: &str) -> Schedule {
    text.parse().unwrap()
}

/// The next few runs after a moment.
fn runs(text: &str, after: &str, zone: Tz, count: usize) -> Vec<String> {
    let (schedule, anchor) = (schedule(text), utc(after));
    let mut at = anchor;
    (0..count)
        .map(|_| {
            at = schedule.next(anchor, at, zone).unwrap();
            at.with_timezone(&zone).format("%m-%d %H:%M %z").to_string()
        })
        .collect()
}

#[test]
fn a_time_that_the_clocks_leave_out_runs_at_the_next_one_they_show() {
    // In Warsaw, 02:00 to 03:00 is left out on 2026-03-29.
    assert_eq!(
        runs("daily at 02:30", "2026-03-27T12:00:00Z", WARSAW, 3),
        [
            "03-28 02:30 +0100",
            "03-29 03:00 +0200",
            "03-30 02:30 +0200"
        ]
    );
    assert_eq!(
        runs("weekly on sun at 02:30", "2026-03-27T12:00:00Z", WARSAW, 2),
        ["03-29 03:00 +0200", "04-05 02:30 +0200"]
    );
    // A zone where midnight itself is left out, and one that once left out a whole day.
    assert_eq!(
        runs(
            "daily at 00:00",
            "2026-09-05T12:00:00Z",
            Tz::America__Santiago,
            2
        ),
        ["09-06 01:00 -0300", "09-07 00:00 -0300"]
    );
    assert_eq!(
        runs(
            "daily at 10:00",
            "2011-12-29T00:00:00Z",
            Tz::Pacific__Apia,
            2
        ),
        ["12-29 10:00 -1000", "12-31 00:00 +1400"]
    );
}

#[test]
fn a_time_that_the_clocks_show_twice_runs_once() {
    // In Warsaw, 02:00 to 03:00 comes twice on 2026-10-25.
    assert_eq!(
        runs("daily at 02:30", "2026-10-24T12:00:00Z", WARSAW, 2),
        ["10-25 02:30 +0200", "10-26 02:30 +0100"]
    );
    // Also when the first of the two is missed: the second is no other run.
    let between = utc("2026-10-25T00:45:00Z");
    let next = schedule("daily at 02:30").next(between, between, WARSAW);
    assert_eq!(next, Some(utc("2026-10-26T01:30:00Z")));
}

#[test]
fn intervals_do_not_look_at_the_clocks() {
    for day in ["2026-03-29T00:15:00Z", "2026-10-25T00:15:00Z"] {
        let anchor = utc(day);
        let mut at = anchor;
        for step in 1..=5 {
            at = schedule("every 1 hour").next(anchor, at, WARSAW).unwrap();
            assert_eq!(at, anchor + TimeDelta::hours(step));
        }
    }
}

#[test]
fn runs_missed_while_nothing_ran_are_one_run() {
    let anchor = utc("2026-03-01T10:00:00Z");
    let now = utc("2026-03-09T10:07:00Z");
    let next = schedule("every 15 minutes").next(anchor, now, WARSAW);
    assert_eq!(next, Some(utc("2026-03-09T10:15:00Z")));
    assert_eq!(
        runs(
            "weekly on mon,thu at 04:00",
            "2026-03-09T03:00:00Z",
            WARSAW,
            3
        ),
        [
            "03-12 04:00 +0100",
            "03-16 04:00 +0100",
            "03-19 04:00 +0100"
        ]
    );
}

#[test]
fn schedules_read_back_and_those_that_never_fire_are_refused() {
    for text in [
        "every 15 minutes",
        "every 2 hours",
        "every minute",
        "every hour",
        "daily at 03:30",
        "weekly on mon,thu at 04:00",
    ] {
        assert_eq!(schedule(text).to_string(), text);
    }
    for (text, meant) in [
        ("every 1 minutes", "every minute"),
        ("every 1 hour", "every hour"),
        ("every day at 04:00", "daily at 04:00"),
        ("Every day 4:00", "daily at 04:00"),
    ] {
        assert_eq!(schedule(text).to_string(), meant);
    }
    assert_eq!(
        schedule("weekly MON, sunday 4:00").to_string(),
        "weekly on mon,sun at 04:00"
    );
    let refused = |text: &str| text.parse::<Schedule>().unwrap_err();
    for text in [
        "every 0 minutes",
        "every 0 hours",
        "weekly at 04:00",
        "weekly on , at 04:00",
    ] {
        assert_eq!(refused(text), ScheduleError::NeverFires, "{text}");
    }
    assert_eq!(refused("every 1000 hours"), ScheduleError::TooRare);
    assert!(matches!(
        refused("daily at 24:00"),
        ScheduleError::NoSuchTime { .. }
    ));
    assert!(matches!(
        refused("daily at 25:61"),
        ScheduleError::NoSuchTime { .. }
    ));
    assert!(matches!(
        refused("weekly on feb at 04:00"),
        ScheduleError::NoSuchDay { .. }
    ));
    for text in [
        "",
        "sometimes",
        "every -5 minutes",
        "every 99999999999 hours",
        "every 5 seconds",
        "every day",
        "every other day",
        "weekly on foo",
        "weekly on mon",
    ] {
        // It is quoted whole.
        let text_of = ScheduleError::Unreadable { text: text.into() };
        assert_eq!(refused(text), text_of, "{text}");
    }
}

proptest! {
    #[test]
    fn every_schedule_goes_on_and_never_back(
        which in 0_usize..6, seconds in 0_i64..4_000_000_000, zone in 0_usize..chrono_tz::TZ_VARIANTS.len(),
    ) {
        let schedule = schedule([
            "every 7 minutes", "every 5 hours", "daily at 00:00", "daily at 02:30", "weekly on sun at 02:00",
            "weekly on mon,sat at 23:59",
        ][which]);
        let after = DateTime::from_timestamp(seconds, 0).unwrap();
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let next = schedule.next(DateTime::UNIX_EPOCH, after, zone).unwrap();
        prop_assert!(next > after);
        prop_assert!(next - after <= TimeDelta::days(9));
        // Whatever moment before it is asked for, it is the next one.
        let between = after + (next - after) / 2;
        prop_assert_eq!(schedule.next(DateTime::UNIX_EPOCH, between, zone), Some(next));
    }
}

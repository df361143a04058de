//! Sizes, times and spans as people read them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    catalog::Locale,
    i18n::{Args, text_with},
};

/// Bytes in words: `812 B`, `1.4 MB`, in powers of a thousand, with the decimal sign of the language.
pub fn size(locale: Locale, bytes: u64) -> String {
    let units = match locale {
        Locale::En | Locale::Pl => ["B", "kB", "MB", "GB", "TB"],
        Locale::Ru => ["Б", "кБ", "МБ", "ГБ", "ТБ"],
    };
    let rounded =
        |divisor: u64| (u128::from(bytes) + u128::from(divisor) / 2) / u128::from(divisor);
    let mut divisor: u64 = 1;
    for (position, unit) in units.iter().enumerate() {
        let whole = rounded(divisor);
        if whole < 1_000 || position + 1 == units.len() {
            let tenths = rounded(divisor / 10 + u64::from(divisor < 10));
            return if position > 0 && tenths < 100 {
                let sign = if locale == Locale::En { '.' } else { ',' };
                format!("{}{sign}{}\u{a0}{unit}", tenths / 10, tenths % 10)
            } else {
                format!("{whole}\u{a0}{unit}")
            };
        }
        divisor = divisor.saturating_mul(1_000);
    }
    format!("{bytes}\u{a0}B")
}

/// A moment in the business's zone, with the zone's short name: `24.11.2026, 14:05 CET`.
pub fn moment(locale: Locale, zone: Tz, at: DateTime<Utc>) -> String {
    let pattern = match locale {
        Locale::En => "%-d %B %Y, %H:%M %Z",
        Locale::Pl | Locale::Ru => "%d.%m.%Y, %H:%M %Z",
    };
    at.with_timezone(&zone).format(pattern).to_string()
}

/// A day as the language writes it: `24.11.2026`.
pub fn day(locale: Locale, day: NaiveDate) -> String {
    let pattern = match locale {
        Locale::En => "%-d %B %Y",
        Locale::Pl | Locale::Ru => "%d.%m.%Y",
    };
    day.format(pattern).to_string()
}

/// A span that somebody has to wait, rounded up: seconds below two minutes, minutes below two hours, else hours.
pub fn span(locale: Locale, span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(1);
    let (key, count) = match seconds {
        ..120 => ("mail-span-seconds", seconds),
        120..7_200 => ("mail-span-minutes", (seconds + 59) / 60),
        _ => ("mail-span-hours", (seconds + 3_599) / 3_600),
    };
    text_with(locale, key, &Args::new().with("count", count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_people_write_them() {
        let cases = [
            (0, "0\u{a0}B"),
            (999, "999\u{a0}B"),
            (1_000, "1.0\u{a0}kB"),
            (9_949, "9.9\u{a0}kB"),
            (9_950, "10\u{a0}kB"),
            (999_499, "999\u{a0}kB"),
            (999_500, "1.0\u{a0}MB"),
            (1_440_000, "1.4\u{a0}MB"),
            (123_456_789, "123\u{a0}MB"),
            (u64::MAX, "18446744\u{a0}TB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(Locale::En, bytes), expected, "{bytes}");
        }
        assert_eq!(size(Locale::Pl, 1_440_000), "1,4\u{a0}MB");
        assert_eq!(size(Locale::Ru, 1_440_000), "1,4\u{a0}МБ");
    }

    #[test]
    fn moments_are_told_in_the_business_zone() {
        let at = DateTime::from_timestamp(1_795_525_500, 0).unwrap();
        assert_eq!(
            moment(Locale::Pl, Tz::Europe__Warsaw, at),
            "24.11.2026, 14:05 CET"
        );
        assert_eq!(
            moment(Locale::En, Tz::UTC, at),
            "24 November 2026, 13:05 UTC"
        );
    }

    #[test]
    fn spans_are_rounded_up_and_take_the_plural_of_the_language() {
        assert_eq!(span(Locale::En, TimeDelta::zero()), "1 second");
        assert_eq!(span(Locale::Pl, TimeDelta::seconds(121)), "3 minuty");
        assert_eq!(span(Locale::Pl, TimeDelta::minutes(5)), "5 minut");
        assert_eq!(span(Locale::Ru, TimeDelta::hours(21)), "21 час");
    }
}

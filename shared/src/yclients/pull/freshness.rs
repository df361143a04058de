//! When a table is read next.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{SourceId, yclients::streams::Cadence};

/// A source that was not used for so long is read less often …
pub(super) const SELDOM_AFTER: TimeDelta = TimeDelta::days(7);
/// … and after so long rarely.
const RARELY_AFTER: TimeDelta = TimeDelta::days(30);
/// A table that the vendor denies is tried again after a day.
pub(super) const DENIED: TimeDelta = TimeDelta::hours(24);
/// After an error that may pass.
pub(super) const SOON: TimeDelta = TimeDelta::minutes(15);
/// While the plan lets nothing in, it is looked at again so often; that costs no call.
pub(super) const PLAN: TimeDelta = TimeDelta::hours(1);

/// How long a table is fresh enough: changing data for an hour, lists for a day, longer for sources that nobody uses.
pub fn interval(
    cadence: Cadence,
    last_used_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> TimeDelta {
    let unused = last_used_at.map_or(RARELY_AFTER, |at| now - at);
    let (changing, lists) = if unused < SELDOM_AFTER {
        (TimeDelta::hours(1), TimeDelta::hours(24))
    } else if unused < RARELY_AFTER {
        (TimeDelta::hours(6), TimeDelta::hours(48))
    } else {
        (TimeDelta::hours(24), TimeDelta::days(7))
    };
    match cadence {
        Cadence::Changing => changing,
        Cadence::Lists | Cadence::OnDemand => lists,
    }
}

/// When a table that was just read is due next: after its interval, moved by up to a twentieth so that sources that were
/// connected together do not come together for ever. The same source is always moved alike.
pub(super) fn next(
    source: &SourceId,
    cadence: Cadence,
    last_used_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let interval = interval(cadence, last_used_at, now);
    let bytes = source.as_str().bytes();
    let spread = bytes.fold(0u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    }) % 1_000;
    now + interval - interval / 20_000 * i32::try_from(spread).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_is_read_less_often() {
        let now: DateTime<Utc> = "2026-05-10T12:00:00Z".parse().unwrap();
        let hours = |cadence, days| {
            let used = Some(now - TimeDelta::days(days));
            interval(cadence, used, now).num_hours()
        };
        let changing = [0, 8, 40].map(|days| hours(Cadence::Changing, days));
        let lists = [0, 8, 40].map(|days| hours(Cadence::Lists, days));
        assert_eq!((changing, lists), ([1, 6, 24], [24, 48, 168]));
    }

    #[test]
    fn sources_are_spread_within_a_twentieth_of_the_interval() {
        let now: DateTime<Utc> = "2026-05-10T12:00:00Z".parse().unwrap();
        let next = |id: &str| next(&id.parse().unwrap(), Cadence::Changing, Some(now), now) - now;
        let (a, b) = (next("sampleshop-aaaaaaaa"), next("sampleshop-bbbbbbbb"));
        assert_ne!(a, b);
        for each in [a, b] {
            assert!(
                each <= TimeDelta::hours(1) && each > TimeDelta::minutes(56),
                "{each}"
            );
        }
    }
}

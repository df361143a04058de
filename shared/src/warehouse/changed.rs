//! When an origin says that a row changed, and whether that is believed.

use chrono::{DateTime, TimeDelta, Utc};

/// So much later than its observation may a change be said to have happened: offsets of the vendor's times are wrong by hours,
/// and clocks differ. What is later still was not there yet when it was told, and would win over every real change until then.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// The time of a change as it orders facts: none where it lies in the future of its observation.
pub(crate) fn believed(
    changed_at: Option<DateTime<Utc>>,
    observed_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    changed_at.filter(|at| at.signed_duration_since(observed_at) <= AHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_is_a_day_ahead_is_believed_and_one_later_is_none() {
        let observed_at = DateTime::from_timestamp(1_772_355_600, 0).unwrap();
        let ahead = |seconds| Some(observed_at + TimeDelta::seconds(seconds));
        for seconds in [-1_000_000_000, 0, 86_400] {
            assert_eq!(believed(ahead(seconds), observed_at), ahead(seconds));
        }
        assert_eq!(believed(ahead(86_401), observed_at), None);
        assert_eq!(
            believed(Some(DateTime::<Utc>::MAX_UTC), observed_at),
            None,
            "whatever is said"
        );
        assert_eq!(believed(None, observed_at), None);
    }
}

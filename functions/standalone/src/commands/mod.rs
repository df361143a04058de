//! One file per command of `wynos`.

pub(crate) mod erase;
pub(crate) mod export;
mod files;
pub(crate) mod findings;
pub(crate) mod import;
pub(crate) mod imports;
pub(crate) mod job;
pub(crate) mod journal;
pub(crate) mod lanes;
mod mapping;
pub(crate) mod migrate;
pub(crate) mod parked;
pub(crate) mod pull;
pub(crate) mod reconcile;
pub(crate) mod report;
pub(crate) mod retention;
pub(crate) mod sandbox;
pub(crate) mod source;
pub(crate) mod subscription;
pub(crate) mod token;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{ControlError, RowsLeft, Subscription},
    services::Services,
};

use crate::failure::Failure;

/// The subscription that a command names.
pub(crate) async fn known_subscription(
    services: &Services,
    id: &SubscriptionId,
) -> anyhow::Result<Subscription> {
    match services.control.subscription(id).await {
        Err(ControlError::NotFound { .. }) => Err(Failure::usage(format!(
            "there is no subscription {id}; `wynos subscription list` shows them all"
        ))
        .into()),
        other => Ok(other?),
    }
}

/// The zone that a business counts its days in.
pub(crate) fn zone_of(business: &Subscription) -> Tz {
    business.time_zone.parse().unwrap_or(Tz::UTC)
}

/// A time as people are told it: in the business's zone, with its offset.
pub(crate) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%Y-%m-%d %H:%M %:z")
        .to_string()
}

/// The same of a time that may not be there yet.
pub(crate) fn moment_or(at: Option<DateTime<Utc>>, zone: Tz, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), |at| moment(at, zone))
}

/// What becomes of the rows of something that was removed.
pub(crate) const fn rows_words(left: RowsLeft) -> &'static str {
    match left {
        RowsLeft::Kept => "its rows are kept",
        RowsLeft::Going | RowsLeft::Gone => "its rows are being erased",
    }
}

/// When something is read next, in words for people, or since when it waits for that.
pub(crate) fn next_words(
    next_at: Option<DateTime<Utc>>,
    due_since: Option<DateTime<Utc>>,
    zone: Tz,
) -> String {
    match due_since {
        Some(at) => format!("waiting since {}", moment(at, zone)),
        None => format!("next {}", moment_or(next_at, zone, "never")),
    }
}

/// How a table of a source stands, in words for people: when it is read next, or since when it waits for that, and what became
/// of the last reading.
pub(crate) fn standing(
    table: &str,
    next_at: Option<DateTime<Utc>>,
    due_since: Option<DateTime<Utc>>,
    outcome: Option<&str>,
    forbidden_since: Option<DateTime<Utc>>,
    zone: Tz,
) -> String {
    let next = match (next_at, wynos::yclients::pull::is_read(table)) {
        (None, false) => "comes with what mentions it".to_owned(),
        _ => next_words(next_at, due_since, zone),
    };
    let refused = forbidden_since.map(|at| format!("refused since {}", moment(at, zone)));
    let told = match outcome {
        Some("done") => Some("done".to_owned()),
        Some(code) => Some(wynos::journal::reason(Locale::En, code, None)),
        None => wynos::yclients::pull::is_read(table).then(|| "not read yet".to_owned()),
    };
    let parts = [Some(next), refused, told].into_iter().flatten();
    parts.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stands_in_words_and_never_in_codes() {
        let zone = chrono_tz::Europe::Warsaw;
        let at: DateTime<Utc> = "2026-07-01T10:00:00Z".parse().unwrap();
        let of =
            |table, next, outcome, refused| standing(table, next, None, outcome, refused, zone);
        let records = "yclients_records";
        assert_eq!(
            of(records, Some(at), Some("done"), None),
            "next 2026-07-01 12:00 +02:00  done"
        );
        assert_eq!(of(records, None, None, None), "next never  not read yet");
        let late = standing(records, Some(at), Some(at), Some("done"), None, zone);
        assert_eq!(late, "waiting since 2026-07-01 12:00 +02:00  done");
        let refused = of(records, Some(at), Some("vendor.forbidden"), Some(at));
        assert!(
            refused.contains("  refused since 2026-07-01 12:00 +02:00  "),
            "{refused}"
        );
        for code in ["vendor.forbidden", "plan.rows-used"] {
            let told = of(records, None, Some(code), None);
            assert!(!told.contains(code) && !told.contains("problem-"), "{told}");
        }
        assert_eq!(
            of(wynos::yclients::pull::DOCUMENTS, None, None, None),
            "comes with what mentions it"
        );
    }
}

//! What files are called: in the store, in a browser, and in the journal.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    SubscriptionId,
    control::{DeliveryId, FileFormat},
    ports::{ObjectKey, ObjectKeyError},
};

/// What all objects of built files begin with.
pub(super) const PREFIX: &str = "exports/";

/// The longest part of a file's name that comes from a table's name.
const LONGEST: usize = 60;

/// The name a browser saves the file as: `wynos-repairs-2026-11-21.csv`, with the day in the business's zone.
pub(super) fn file_name(
    format: FileFormat,
    table: Option<&str>,
    profile: &str,
    zone: Tz,
    at: DateTime<Utc>,
) -> String {
    let what = match format {
        FileFormat::Xml => profile,
        FileFormat::Csv | FileFormat::Xlsx => table.unwrap_or("list"),
        FileFormat::Sqlite => "warehouse",
        FileFormat::Ords => "ords",
    };
    let what: String = what
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '_')
        .take(LONGEST)
        .collect();
    let day = at.with_timezone(&zone).format("%Y-%m-%d");
    format!("wynos-{what}-{day}.{}", extension(format))
}

/// What browsers and programs are told that the file is.
pub(super) const fn content_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Xml => "application/xml",
        FileFormat::Csv | FileFormat::Ords => "text/csv; charset=utf-8",
        FileFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FileFormat::Sqlite => "application/vnd.sqlite3",
    }
}

const fn extension(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Xml => "xml",
        FileFormat::Csv | FileFormat::Ords => "csv",
        FileFormat::Xlsx => "xlsx",
        FileFormat::Sqlite => "sqlite",
    }
}

/// The object of one attempt: no two attempts share one.
pub(super) fn object_key(
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
    attempt: i64,
    file_name: &str,
) -> Result<ObjectKey, ObjectKeyError> {
    format!("{}{attempt}/{file_name}", prefix(subscription, delivery)).parse()
}

/// What the objects of all attempts of a delivery begin with.
pub(super) fn prefix(subscription: &SubscriptionId, delivery: &DeliveryId) -> String {
    format!("{PREFIX}{subscription}/{delivery}/")
}

/// The subscription and delivery that an object of a built file belongs to.
pub(super) fn owner(key: &ObjectKey) -> Option<(SubscriptionId, DeliveryId)> {
    let mut parts = key.as_str().strip_prefix(PREFIX)?.split('/');
    let subscription = parts.next()?.parse().ok()?;
    let delivery = parts.next()?.parse().ok()?;
    Some((subscription, delivery))
}

/// The event of the personal-data log of one attempt.
pub(super) fn event_id(delivery: &DeliveryId, attempt: i64) -> String {
    format!("export:{delivery}:{attempt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_told_apart_by_attempt_and_lead_back_to_their_delivery() {
        let (subscription, delivery) = (SubscriptionId::random(), DeliveryId::random());
        // 23:30 in UTC is the next day in Warsaw.
        let at = DateTime::from_timestamp(1_795_563_000, 0).unwrap();
        let name = file_name(
            FileFormat::Csv,
            Some("../repairs"),
            "full",
            Tz::Europe__Warsaw,
            at,
        );
        assert_eq!(name, "wynos-repairs-2026-11-25.csv");
        let first = object_key(&subscription, &delivery, 1, &name).unwrap();
        assert_ne!(
            first,
            object_key(&subscription, &delivery, 2, &name).unwrap()
        );
        assert!(
            first
                .as_str()
                .starts_with(&prefix(&subscription, &delivery))
        );
        assert_eq!(owner(&first), Some((subscription, delivery)));
    }
}

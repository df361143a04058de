use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{
    AccountId, Actor, DeliveryId, TokenHash,
    text_enum::{stored_as_text, text_enum},
};
use crate::{SubscriptionId, catalog::Locale, ports::ObjectKey};

#[cfg(test)]
mod claim_tests;
mod links;
mod lists;
#[cfg(test)]
mod tests;
mod writer;

pub use links::{ClaimOutcome, Links};
pub use lists::Deliveries;
pub use writer::DeliveryWriter;

/// How long a link can be claimed unless the business says otherwise.
pub const LINK_LIFE: TimeDelta = TimeDelta::hours(72);

/// How long the person who claimed a file can start the download again.
pub const CLAIM_RETRY: TimeDelta = TimeDelta::minutes(10);

/// How long the object stays after the claim.
pub(super) const OBJECT_AFTER_CLAIM: TimeDelta = TimeDelta::hours(24);

stored_as_text!(ObjectKey);

text_enum! {
    /// The format of a file that leaves.
    FileFormat {
        /// The exchange file.
        Xml = "xml",
        /// A list as comma- or semicolon-separated values.
        Csv = "csv",
        /// A list as a spreadsheet.
        Xlsx = "xlsx",
        /// The whole warehouse as one database file.
        Sqlite = "sqlite",
        /// The Open Repair Data Standard.
        Ords = "ords",
    }
}

text_enum! {
    /// How far a delivery has come.
    DeliveryStatus {
        /// Waiting to be built.
        Ordered = "ordered",
        /// Being built, or waiting to be tried again.
        Building = "building",
        /// Built; the link can be claimed.
        Ready = "ready",
        /// Claimed by one person.
        Claimed = "claimed",
        /// Never claimed in time; the object is gone.
        Expired = "expired",
        /// Could not be built.
        Failed = "failed",
    }
}

/// What somebody orders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewDelivery {
    /// Who orders.
    pub ordered_by: Actor,
    /// Whose mail the link goes to and who may claim it, beside the owners.
    pub recipient: Option<AccountId>,
    /// The format.
    pub format: FileFormat,
    /// The table; `None` where the format carries them all.
    pub table: Option<String>,
    /// The profile of an exchange file.
    pub profile: Option<String>,
    /// The language and conventions of the file.
    pub locale: Locale,
    /// The zone that times are written in, an IANA name.
    pub time_zone: String,
    /// Which rows and columns, as the list defines it.
    pub selection: serde_json::Value,
    /// Whether values of custom fields of type PASSWORD are in it.
    pub include_passwords: bool,
    /// What the data is taken out for, as the orderer put it.
    pub purpose: Option<String>,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Ordered {
    /// A new delivery.
    New(Delivery),
    /// The same order came before under the same idempotency key; this is what came of it.
    Repeated(Delivery),
}

impl Ordered {
    /// The delivery, new or not.
    pub fn into_delivery(self) -> Delivery {
        match self {
            Self::New(delivery) | Self::Repeated(delivery) => delivery,
        }
    }
}

/// Whether there is something to build.
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// Build it; its `attempt` has been counted up.
    Build(Delivery),
    /// It was built, claimed or given up before.
    Over(Delivery),
}

/// A file that was built and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyFile {
    /// The object of the attempt that counts.
    pub object_key: ObjectKey,
    /// The name that the browser saves it as.
    pub file_name: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// Rows per table.
    pub counts: BTreeMap<String, i64>,
}

/// Why something failed, as a code with arguments for the message in the reader's language.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The code.
    pub code: String,
    /// The arguments: a JSON object without personal data.
    pub details: serde_json::Value,
}

/// A file that was ordered, and what has become of it. Times are in UTC.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose data it is.
    pub subscription_id: SubscriptionId,
    /// Who ordered it.
    pub ordered_by: Actor,
    /// Whose mail the link goes to and who may claim it, beside the owners.
    pub recipient_id: Option<AccountId>,
    /// The format.
    pub format: FileFormat,
    /// The table; `None` where the format carries them all.
    pub table_name: Option<String>,
    /// The profile of an exchange file.
    pub profile: Option<String>,
    /// The language and conventions of the file.
    pub locale: Locale,
    /// The zone that times are written in.
    pub time_zone: String,
    /// Which rows and columns.
    #[sqlx(json)]
    pub selection: serde_json::Value,
    /// Whether values of custom fields of type PASSWORD are in it.
    pub include_passwords: bool,
    /// What the data is taken out for.
    pub purpose: Option<String>,
    /// How far it has come; see [`Delivery::status_at`].
    pub status: DeliveryStatus,
    /// How often building was begun.
    pub attempt: i64,
    /// The object, once it is ready.
    pub object_key: Option<ObjectKey>,
    /// The name that the browser saves it as, once it is ready.
    pub file_name: Option<String>,
    /// Bytes, once it is ready.
    pub size: Option<i64>,
    /// SHA-256 in hexadecimal, once it is ready.
    pub sha256: Option<String>,
    /// Rows per table, once it is ready.
    #[sqlx(json)]
    pub counts: BTreeMap<String, i64>,
    /// The hash of the link's token.
    pub token_hash: TokenHash,
    /// The version of the key that made the token.
    pub link_key_version: i64,
    /// When it was ordered.
    pub ordered_at: DateTime<Utc>,
    /// When the latest attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was ready.
    pub ready_at: Option<DateTime<Utc>>,
    /// Until when the link can be claimed.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was claimed.
    pub claimed_at: Option<DateTime<Utc>>,
    /// Who claimed it.
    pub claimed_by: Option<AccountId>,
    /// Until when the same person can start the download again.
    pub claim_until: Option<DateTime<Utc>>,
    /// When the object was removed.
    pub removed_at: Option<DateTime<Utc>>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: the arguments.
    #[sqlx(json(nullable))]
    pub failure_details: Option<serde_json::Value>,
}

impl Delivery {
    /// How far it has come at that time: a link that was not claimed in time has expired, even while its object is there.
    pub fn status_at(&self, now: DateTime<Utc>) -> DeliveryStatus {
        match (self.status, self.expires_at) {
            (DeliveryStatus::Ready, Some(expires_at)) if expires_at <= now => {
                DeliveryStatus::Expired
            }
            (status, _) => status,
        }
    }
}

/// The columns that [`Delivery`] is read from; named, so that a column added later does not disturb this version.
macro_rules! delivery_columns {
    () => {
        "id, subscription_id, ordered_by, recipient_id, format, table_name, profile, locale, time_zone, selection, \
         include_passwords, purpose, status, attempt, object_key, file_name, size, sha256, counts, token_hash, \
         link_key_version, ordered_at, started_at, ready_at, expires_at, claimed_at, claimed_by, claim_until, removed_at, \
         failure_code, failure_details"
    };
}

use delivery_columns;

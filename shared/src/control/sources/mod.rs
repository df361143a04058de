use chrono::{DateTime, Utc};

use super::{Actor, CredentialId, text_enum::text_enum};
use crate::{SourceId, SubscriptionId};

mod kept;
mod leases;
mod lists;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

pub use kept::RowsLeft;
pub use lists::Sources;
pub use tables::{SourceTable, TableResult};
pub use writer::SourceWriter;

/// The longest name.
const MAX_NAME: usize = 100;

text_enum! {
    /// A vendor: one service under two names.
    VendorName {
        /// YCLIENTS, in Russian-speaking countries.
        Yclients = "yclients",
        /// Altegio, everywhere else.
        Altegio = "altegio",
    }
}

text_enum! {
    /// Whether a source is pulled.
    SourceState {
        /// It is.
        Active = "active",
        /// Somebody paused it.
        Paused = "paused",
        /// Its credential was refused and has to be renewed.
        NeedsCredential = "needs_credential",
        /// It is gone; its rows may be kept.
        Removed = "removed",
    }
}

/// A connected company of a vendor. Times are in UTC.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Source {
    /// The id; it names the subscription too.
    pub id: SourceId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// What it signs in with.
    pub credential_id: CredentialId,
    /// What its owner calls it.
    pub name: String,
    /// The vendor.
    pub vendor: VendorName,
    /// Where the vendor is reached, if not at its usual address.
    pub base_url: Option<String>,
    /// The company's id at the vendor.
    pub company_id: i64,
    /// What the vendor calls the company.
    pub title: String,
    /// The company's time zone, an IANA name.
    pub time_zone: String,
    /// Whether it is pulled.
    pub state: SourceState,
    /// Whether webhook events are hints only, so that the entity is read again.
    pub hints: bool,
    /// The version of the key in its webhook's address.
    pub webhook_version: i64,
    /// The oldest version of that key that still lets events in.
    pub webhook_oldest: i64,
    /// Who connected it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When its settings or state last changed.
    pub changed_at: DateTime<Utc>,
    /// When somebody last used its data: sources nobody uses are pulled less.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Who works on it.
    pub lease_holder: Option<String>,
    /// Until when.
    pub lease_until: Option<DateTime<Utc>>,
    /// When it was removed.
    pub removed_at: Option<DateTime<Utc>>,
    /// Whether its rows go with it.
    pub remove_rows: bool,
    /// When they were gone.
    pub rows_removed_at: Option<DateTime<Utc>>,
    /// Whether it was given the comparisons that every source is connected with; they may have been removed since.
    pub compared: bool,
}

/// A company to be connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// What it signs in with.
    pub credential_id: CredentialId,
    /// What its owner calls it.
    pub name: String,
    /// The vendor.
    pub vendor: VendorName,
    /// Where the vendor is reached, if not at its usual address.
    pub base_url: Option<String>,
    /// The company's id at the vendor.
    pub company_id: i64,
    /// What the vendor calls the company.
    pub title: String,
    /// The company's time zone, an IANA name.
    pub time_zone: String,
    /// Who connects it.
    pub created_by: Actor,
}

/// What can be changed of a source; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceSettings {
    /// What its owner calls it.
    pub name: Option<String>,
    /// What the vendor calls the company.
    pub title: Option<String>,
    /// The company's time zone, an IANA name.
    pub time_zone: Option<String>,
    /// Whether webhook events are hints only.
    pub hints: Option<bool>,
    /// Where the vendor is reached; `Some(None)` for its usual address.
    pub base_url: Option<Option<String>>,
}

/// The columns that [`Source`] is read from; named, so that a column added later does not disturb this version.
macro_rules! source_columns {
    () => {
        "id, subscription_id, credential_id, name, vendor, base_url, company_id, title, time_zone, state, hints, \
         webhook_version, webhook_oldest, created_by, created_at, changed_at, last_used_at, lease_holder, lease_until, \
         removed_at, remove_rows, rows_removed_at, compared"
    };
}

use source_columns;

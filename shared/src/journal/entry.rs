use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    SubscriptionId,
    control::{Actor, JournalId, text_enum::text_enum},
};

text_enum! {
    /// What an entry is about.
    Category {
        /// Rows that came in.
        Load = "load",
        /// Events that the vendor sent.
        Webhook = "webhook",
        /// Reports.
        Report = "report",
        /// Comparison with the vendor.
        Reconciliation = "reconciliation",
        /// Sweeping and erasure.
        Retention = "retention",
        /// Files that leave: ordered, built, claimed.
        Export = "export",
        /// Files that come in.
        Import = "import",
        /// People and programs let in or refused.
        Access = "access",
        /// Changed settings.
        Settings = "settings",
        /// What went wrong and needs somebody.
        Problem = "problem",
    }
}

text_enum! {
    /// How much an entry matters.
    Severity {
        /// All is well.
        Info = "info",
        /// Worth a look.
        Warning = "warning",
        /// Something did not work.
        Error = "error",
    }
}

/// Something that happened, to be noted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEntry {
    /// When it happened, in UTC.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub category: Category,
    /// How much it matters.
    pub severity: Severity,
    /// The source that it concerns.
    pub source_id: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// What happened, for example `export.ready`: the key of the message.
    pub code: String,
    /// Numbers by name, for example rows per table.
    pub counts: BTreeMap<String, i64>,
    /// Arguments of the message: a JSON object of ids and plain values, no personal data.
    pub details: serde_json::Value,
    /// The same for every attempt to note the same thing, for example `export.ready:ID`.
    pub dedupe_key: String,
}

/// Something that happened, as noted.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Entry {
    /// The id.
    pub id: JournalId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// When it happened, in UTC.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub category: Category,
    /// How much it matters.
    pub severity: Severity,
    /// The source that it concerns.
    pub source_id: Option<String>,
    /// Who did it.
    pub actor: Actor,
    /// What happened: the key of the message.
    pub code: String,
    /// Numbers by name.
    #[sqlx(json)]
    pub counts: BTreeMap<String, i64>,
    /// Arguments of the message.
    #[sqlx(json)]
    pub details: serde_json::Value,
}

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::text_enum::stored_as_text;
use crate::{SubscriptionId, catalog::Locale, ports::random_text};

/// Characters of an id made here: 100 random bits.
const LENGTH: usize = 20;

stored_as_text!(
    Locale,
    |locale: &Locale| locale.code().to_owned(),
    Locale::parse
);

/// A text that is no id of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of {what} has 8 to 32 characters of a-z and 0-9 and starts with a letter")]
pub struct NoId {
    /// What it would be the id of.
    pub what: &'static str,
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new id, drawn at random.
            pub fn random() -> Self {
                Self(random_text::<LENGTH>())
            }

            /// The id as text: 8 to 32 characters of `a-z` and `0-9`, starting with a letter.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NoId;

            fn from_str(text: &str) -> Result<Self, NoId> {
                // All ids have the shape of a subscription's.
                let id = text.parse::<SubscriptionId>();
                id.map(|id| Self(id.into())).map_err(|_| NoId { what: $what })
            }
        }

        impl TryFrom<String> for $name {
            type Error = NoId;

            fn try_from(text: String) -> Result<Self, NoId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        stored_as_text!($name);
    };
}

id! {
    /// The id of an account.
    AccountId, "an account"
}
id! {
    /// The id of an API token; it says nothing about the token itself.
    ApiTokenId, "an API token"
}
id! {
    /// The id of a delivery.
    DeliveryId, "a delivery"
}
id! {
    /// The id of an import.
    ImportId, "an import"
}
id! {
    /// The id of a journal entry.
    JournalId, "a journal entry"
}
id! {
    /// The id of a credential: a way to sign in to a vendor.
    CredentialId, "a credential"
}
id! {
    /// The id of a run: one execution of a job.
    RunId, "a run"
}
id! {
    /// The id of a job that a user scheduled.
    JobId, "a job"
}
id! {
    /// The id of one run of a job.
    JobRunId, "a job's run"
}
id! {
    /// The id of a report.
    ReportId, "a report"
}

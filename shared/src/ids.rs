use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The id of a subscription: 8 to 32 characters of `a-z` and `0-9`, starting with a letter.
///
/// It is part of schema, role and file names and of every entity id born in the subscription, so nothing else is let in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubscriptionId(String);

/// A text that is not the id of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a subscription's id has 8 to 32 characters of a-z and 0-9 and starts with a letter")]
pub struct IdError;

impl SubscriptionId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its schema and role on PostgreSQL, and the stem of its file on SQLite.
    pub fn warehouse_name(&self) -> String {
        format!("w_{}", self.0)
    }
}

impl FromStr for SubscriptionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let well_formed = (8..=32).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError)
        }
    }
}

impl TryFrom<String> for SubscriptionId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<SubscriptionId> for String {
    fn from(id: SubscriptionId) -> Self {
        id.0
    }
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

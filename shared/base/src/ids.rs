use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ports::random_text;

/// Characters of an id made here: 100 random bits.
const LENGTH: usize = 20;

/// The id of a subscription: 8 to 32 characters of `a-z` and `0-9`, starting with a letter.
///
/// It is part of schema, role and file names and of every entity id born in the subscription, so nothing else is let in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubscriptionId(String);

/// The id of a source: the id of its subscription, a hyphen, and 8 to 32 characters of `a-z` and `0-9`.
///
/// Whoever holds one knows the subscription, and with it the warehouse, without asking a database: a webhook is queued so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId {
    text: String,
    subscription: SubscriptionId,
}

/// A text that is not the id of a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a source's id is its subscription's id, a hyphen, and 8 to 32 characters of a-z and 0-9")]
pub struct SourceIdError;

/// A text that is not the id of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a subscription's id has 8 to 32 characters of a-z and 0-9 and starts with a letter")]
pub struct IdError;

impl SubscriptionId {
    /// A new id, drawn at random.
    pub fn random() -> Self {
        // Text of that alphabet, length and first letter is always an id; another draw costs nothing if it ever is not.
        loop {
            if let Ok(id) = random_text::<LENGTH>().parse() {
                return id;
            }
        }
    }

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

impl SourceId {
    /// A source of this subscription, told apart by `local`: 8 to 32 characters of `a-z` and `0-9`.
    pub fn new(subscription: &SubscriptionId, local: &str) -> Result<Self, SourceIdError> {
        format!("{subscription}-{local}").parse()
    }

    /// A new id of a source of this subscription, drawn at random.
    pub fn random(subscription: &SubscriptionId) -> Result<Self, SourceIdError> {
        Self::new(subscription, &random_text::<LENGTH>())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whose source it is.
    pub const fn subscription(&self) -> &SubscriptionId {
        &self.subscription
    }
}

impl FromStr for SourceId {
    type Err = SourceIdError;

    fn from_str(text: &str) -> Result<Self, SourceIdError> {
        let (subscription, local) = text.split_once('-').ok_or(SourceIdError)?;
        let well_formed = (8..=32).contains(&local.len())
            && local
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !well_formed {
            return Err(SourceIdError);
        }
        Ok(Self {
            text: text.to_owned(),
            subscription: subscription.parse().map_err(|IdError| SourceIdError)?,
        })
    }
}

impl TryFrom<String> for SourceId {
    type Error = SourceIdError;

    fn try_from(text: String) -> Result<Self, SourceIdError> {
        text.parse()
    }
}

impl From<SourceId> for String {
    fn from(id: SourceId) -> Self {
        id.text
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_its_subscription() {
        let subscription: SubscriptionId = "sampleshop".parse().unwrap();
        let source = SourceId::new(&subscription, "a1b2c3d4").unwrap();
        assert_eq!(source.as_str(), "sampleshop-a1b2c3d4");
        assert_eq!(
            source.as_str().parse::<SourceId>().unwrap().subscription(),
            &subscription
        );
        for bad in [
            "sampleshop",
            "sampleshop-",
            "sampleshop-short",
            "-a1b2c3d4",
            "sampleshop-a1b2c3d4-x",
        ] {
            assert!(bad.parse::<SourceId>().is_err(), "{bad}");
        }
    }
}

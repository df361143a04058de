use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::SubscriptionId;

/// What an exchange file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The subscription the file was made from.
    pub origin: SubscriptionId,
    /// When the file was made.
    pub created_at: DateTime<Utc>,
    /// What it carries.
    pub profile: ProfileName,
    /// Whether it carries the values of PASSWORD custom fields. Where it does not, a row without such a value says
    /// nothing about it.
    pub passwords: bool,
    /// The program that made it, with its version.
    pub generator: String,
}

impl Header {
    /// The header of a file made by this version of Wynos, without passwords.
    pub fn new(origin: SubscriptionId, created_at: DateTime<Utc>, profile: ProfileName) -> Self {
        Self {
            origin,
            created_at,
            profile,
            passwords: false,
            generator: concat!("wynos ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// The name of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileName {
    /// The basic set of data, with the limits that Serwisant Online states for its own export.
    Basic,
    /// Everything that the shop's tables hold.
    Full,
}

impl ProfileName {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Basic, Self::Full];

    /// The name as files and commands carry it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A text that names no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profiles are basic and full")]
pub struct ProfileNameError;

impl FromStr for ProfileName {
    type Err = ProfileNameError;

    fn from_str(text: &str) -> Result<Self, ProfileNameError> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or(ProfileNameError)
    }
}

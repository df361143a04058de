use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{AccountId, ApiTokenId, text_enum::stored_as_text};
use crate::IdError;

/// Who did something: stored as `account:ID`, `token:ID`, `cli` or `system`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A signed-in person.
    Account(AccountId),
    /// A program with an API token.
    ApiToken(ApiTokenId),
    /// Somebody at the command line of the machine.
    CommandLine,
    /// The system by itself.
    System,
}

impl Actor {
    /// The signed-in person, if it is one.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::ApiToken(_) | Self::CommandLine | Self::System => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(formatter, "account:{id}"),
            Self::ApiToken(id) => write!(formatter, "token:{id}"),
            Self::CommandLine => formatter.write_str("cli"),
            Self::System => formatter.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once(':') {
            Some(("account", id)) => id.parse().map(Self::Account).map_err(|_| IdError),
            Some(("token", id)) => id.parse().map(Self::ApiToken).map_err(|_| IdError),
            None if text == "cli" => Ok(Self::CommandLine),
            None if text == "system" => Ok(Self::System),
            _ => Err(IdError),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

stored_as_text!(Actor);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_actor_reads_back() {
        let actors = [
            Actor::Account(AccountId::random()),
            Actor::ApiToken(ApiTokenId::random()),
            Actor::CommandLine,
            Actor::System,
        ];
        for actor in actors {
            assert_eq!(actor.to_string().parse::<Actor>().unwrap(), actor);
        }
        assert!("account:".parse::<Actor>().is_err() && "root".parse::<Actor>().is_err());
    }
}

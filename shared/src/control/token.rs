use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::text_enum::stored_as_text;
use crate::{IdError, ports::random_text};

/// Characters of five random bits each: 260 bits.
const LENGTH: usize = 52;

/// The longest text that is looked at as a token.
const MAX_LENGTH: usize = 200;

/// A secret that opens something by itself. It is shown once and never stored.
#[derive(Clone)]
pub struct SecretToken(String);

impl SecretToken {
    /// A new one: the prefix and 260 random bits.
    pub(crate) fn random(prefix: &str) -> Self {
        Self(format!("{prefix}{}", random_text::<LENGTH>()))
    }

    /// One that was made elsewhere.
    pub(crate) fn encoded(text: String) -> Self {
        Self(text)
    }

    /// The token itself, to be handed to the person or program that it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretToken(…)")
    }
}

/// The SHA-256 of a token, in hexadecimal; a token has far too many bits for anything slower to be of use.
#[derive(Debug, Clone, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of a token as it came. A text that is too long to be one hashes to something that no token has.
    pub fn of(token: &str) -> Self {
        let token = if token.len() <= MAX_LENGTH { token } else { "" };
        Self(HEXLOWER.encode(&Sha256::digest(token.as_bytes())))
    }

    /// The hash as 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for TokenHash {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let well_formed = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError)
        }
    }
}

stored_as_text!(TokenHash);

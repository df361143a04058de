use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The longest key, in bytes.
const MAX_LENGTH: usize = 500;

/// The longest part between slashes, in bytes: what file systems take.
const MAX_SEGMENT: usize = 200;

/// The name of an object: parts of `A-Z a-z 0-9 . _ -` between slashes, none of them empty or starting with a dot. It
/// is the same in an object store, in a directory and in a URL, and can point nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

/// A text that is not the key of an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an object's key has parts of A-Z a-z 0-9 . _ - between slashes, none of which is empty or starts with a dot"
)]
pub struct ObjectKeyError;

impl ObjectKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectKey {
    type Err = ObjectKeyError;

    fn from_str(text: &str) -> Result<Self, ObjectKeyError> {
        let well_formed = text.len() <= MAX_LENGTH && text.split('/').all(is_segment);
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(ObjectKeyError)
        }
    }
}

fn is_segment(segment: &str) -> bool {
    (1..=MAX_SEGMENT).contains(&segment.len())
        && !segment.starts_with('.')
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

impl TryFrom<String> for ObjectKey {
    type Error = ObjectKeyError;

    fn try_from(text: String) -> Result<Self, ObjectKeyError> {
        text.parse()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_could_point_elsewhere_are_refused() {
        let long = "a".repeat(MAX_SEGMENT + 1);
        for text in [
            "", "/", "/a", "a/", "a//b", "..", "a/../b", ".a", "a/.b", "a\\b", "a b", "ż", "a\0b",
            "a:b", &long,
        ] {
            assert_eq!(text.parse::<ObjectKey>(), Err(ObjectKeyError), "{text:?}");
        }
        for text in ["a", "exports/w1/abc.1.xml", "A-b_c/9..x"] {
            assert_eq!(text.parse::<ObjectKey>().unwrap().as_str(), text);
        }
    }
}

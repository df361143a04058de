use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::ports::{Cipher, CipherError};

/// What files and pages show in place of a secret value.
pub(super) const MASK: &str = "••••";

/// What a row here holds of secret values before an import looks at it.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Its custom values.
    pub values: Map<String, Json>,
    /// Its lists whose records have custom values, by the column's name.
    pub lists: HashMap<String, Vec<Map<String, Json>>>,
}

impl Stored {
    /// Reads what a stored row's columns hold; what is no JSON of the right shape counts as nothing.
    pub fn read(values: Option<&str>, lists: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = values.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let lists = lists
            .into_iter()
            .filter_map(|(name, text)| Some((name, serde_json::from_str(&text).ok()?)))
            .collect();
        Self { values, lists }
    }
}

/// How values of PASSWORD fields are kept: encrypted, each for the row and field that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Custody<'a> {
    pub cipher: &'a Cipher,
    /// Whether the file carries such values; where it does not, a row without one says nothing about it.
    pub carried: bool,
}

impl Custody<'_> {
    /// What is kept for a value that comes in; `None` for nothing. Equal to what is there, it stays as it is, so that the
    /// row counts as unchanged; a mask stands for what is there.
    pub fn keep(
        self,
        table: &str,
        row: &str,
        field: &str,
        arriving: Option<&str>,
        stored: Option<&str>,
    ) -> Result<Option<String>, CipherError> {
        let Some(clear) = arriving.filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        if clear == MASK {
            return Ok(stored.map(str::to_owned));
        }
        let place = place(table, row, field);
        if let Some(sealed) = stored
            && self.cipher.decrypt(sealed, &place).as_deref() == Ok(clear)
        {
            return Ok(Some(sealed.to_owned()));
        }
        self.cipher.encrypt(clear, &place).map(Some)
    }

    /// Whether a value is an encrypted one.
    pub fn is_sealed(self, value: &Json) -> bool {
        value.as_str().is_some_and(Cipher::is_encrypted)
    }

    /// Whether values of a row here stay although the file says nothing about them.
    pub fn keeps_any(self, stored: &Map<String, Json>) -> bool {
        !self.carried && stored.values().any(|value| self.is_sealed(value))
    }
}

/// The place that a secret value is bound to.
fn place(table: &str, row: &str, field: &str) -> String {
    format!("{table}/{row}/{field}")
}

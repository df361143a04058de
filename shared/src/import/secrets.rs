use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::{
    ports::{Cipher, CipherError},
    services::password_place,
};

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
        let values = values
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let lists = lists
            .into_iter()
            .filter_map(|(name, text)| Some((name, serde_json::from_str(&text).ok()?)))
            .collect();
        Self { values, lists }
    }
}

/// Which custom values a file carries, and so what a row without one says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// All of them: a value that is not there is gone.
    All,
    /// All but those of PASSWORD fields, of which a row without one says nothing.
    NoSecrets,
    /// Those of some columns: a row says nothing about others.
    Some,
}

/// How values of PASSWORD fields are kept: encrypted, each for the row and field that it belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Custody<'a> {
    pub cipher: &'a Cipher,
    /// Which values the file carries.
    pub carried: Carried,
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
        let place = password_place(table, row, field);
        if let Some(sealed) = stored
            && self.cipher.decrypt(sealed, &place).as_deref() == Ok(clear)
        {
            return Ok(Some(sealed.to_owned()));
        }
        self.cipher.encrypt_same(clear, &place).map(Some)
    }

    /// Whether a value of a row here stays where the file has none.
    pub fn stays(self, value: &Json) -> bool {
        match self.carried {
            Carried::All => false,
            Carried::NoSecrets => value.as_str().is_some_and(Cipher::is_encrypted),
            Carried::Some => true,
        }
    }

    /// Whether any of the values of a row here stays where the file has none.
    pub fn keeps_any(self, stored: &Map<String, Json>) -> bool {
        stored.values().any(|value| self.stays(value))
    }
}

//! Custom values in lists: each field has a column of its own, and values that are secret, or whose field is not known and
//! could be secret, never leave.

use std::collections::BTreeMap;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;

use super::{
    Convention, Mapping,
    list::{CustomField, MASK},
};
use crate::catalog::{Column, ColumnType, Locale};

/// The values of one row, by the position of their fields; the texts' memory is used again for the next row.
#[derive(Debug, Default)]
pub(super) struct FieldValues {
    texts: Vec<String>,
    present: Vec<bool>,
}

impl FieldValues {
    /// Reads a row's custom values; false when the text is not a JSON object.
    pub(super) fn read(&mut self, json: Option<&str>, fields: &[CustomField]) -> bool {
        self.texts.resize_with(fields.len(), String::new);
        self.present.clear();
        self.present.resize(fields.len(), false);
        let Some(json) = json else { return true };
        let mut reader = serde_json::Deserializer::from_str(json);
        let read = Fields {
            values: self,
            fields,
        }
        .deserialize(&mut reader);
        read.is_ok() && reader.end().is_ok()
    }

    /// What a list shows of the field at this position.
    pub(super) fn get(&self, index: usize, secret: bool) -> Option<&str> {
        if !self.present.get(index).copied().unwrap_or(false) {
            return None;
        }
        if secret {
            return Some(MASK);
        }
        self.texts.get(index).map(String::as_str)
    }
}

struct Fields<'a> {
    values: &'a mut FieldValues,
    fields: &'a [CustomField],
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object of custom values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let Some(index) = self.fields.iter().position(|field| field.id == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value::<Json>()?;
            let (Some(text), Some(present)) = (
                self.values.texts.get_mut(index),
                self.values.present.get_mut(index),
            ) else {
                return Err(A::Error::custom("no place for the field"));
            };
            *present = !value.is_null();
            text.clear();
            match value {
                Json::String(string) => text.push_str(&string),
                Json::Null => {}
                other => text.push_str(&other.to_string()),
            }
        }
        Ok(())
    }
}

/// What a list for people shows of a field's value: a ticked box as the word for yes in their language.
pub(super) fn shown<'v>(
    field: Option<&CustomField>,
    text: &'v str,
    convention: Convention,
) -> &'v str {
    let is_box = field.is_some_and(CustomField::is_checkbox) && convention.locale().is_some();
    match text {
        "1" if is_box => convention.boolean(true),
        "0" if is_box => convention.boolean(false),
        other => other,
    }
}

/// The value of a box that a list for people shows so; `None` where it is no word for yes or no.
pub(super) fn ticked(text: &str) -> Option<&'static str> {
    Locale::ALL.into_iter().find_map(|locale| {
        let convention = Convention::localised(locale, chrono_tz::Tz::UTC);
        let is = |flag| text == convention.boolean(flag);
        if is(true) {
            Some("1")
        } else if is(false) {
            Some("0")
        } else {
            None
        }
    })
}

/// The custom values of a row after a list brought some: those of mapped fields are the list's, an empty cell taking the
/// value away, but for the `kept` ones; all others stay. `stored` and `read` are the columns' JSON; nothing when none is left.
pub fn merge_custom_values(
    mapping: &Mapping,
    kept: &[&str],
    stored: Option<&str>,
    read: Option<&str>,
) -> Result<Option<String>, serde_json::Error> {
    let object = |json: Option<&str>| -> Result<BTreeMap<String, Json>, serde_json::Error> {
        json.map_or_else(|| Ok(BTreeMap::new()), serde_json::from_str)
    };
    let mut values = object(stored)?;
    let brought = object(read)?;
    values
        .retain(|id, _| kept.contains(&id.as_str()) || !mapping.fields().any(|field| field == id));
    values.extend(brought);
    if values.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(&values).map(Some)
}

/// Whether records of a list column have custom values of their own.
pub(super) fn holds_custom_values(column: &Column) -> bool {
    matches!(&column.ty, ColumnType::List { fields, .. }
        if fields.iter().any(|field| field.ty == ColumnType::CustomValues))
}

/// The JSON of a list column with the custom values inside masked, unless their field is known and no secret; `None` when
/// the text is not JSON.
pub(super) fn masked(json: &str, column: &Column, fields: &[CustomField]) -> Option<String> {
    let ColumnType::List { fields: inner, .. } = &column.ty else {
        return Some(json.to_owned());
    };
    let mut value: Json = serde_json::from_str(json).ok()?;
    let shown = |id: &str| {
        fields
            .iter()
            .any(|field| field.id == id && !field.is_secret())
    };
    for record in value.as_array_mut().into_iter().flatten() {
        for field in inner
            .iter()
            .filter(|field| field.ty == ColumnType::CustomValues)
        {
            let Some(values) = record.get_mut(field.name.as_ref()) else {
                continue;
            };
            match values.as_object_mut() {
                Some(values) => values
                    .iter_mut()
                    .filter(|(id, value)| !shown(id) && !value.is_null())
                    .for_each(|(_, value)| *value = MASK.into()),
                None => *values = MASK.into(),
            }
        }
    }
    Some(value.to_string())
}

/// Whether a list cell holds a masked value, so that it cannot be read back whole.
pub(super) fn is_masked(json: &str, column: &Column) -> bool {
    holds_custom_values(column) && json.contains(&format!("\"{MASK}\""))
}

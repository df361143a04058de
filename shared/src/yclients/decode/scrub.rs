//! What is never kept: passport data. It is passed over wherever it appears, before anything else looks at a body.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value as Json;

/// Removes passport data from a vendor's body, at any depth: the personnel file of a staff member (`employee`), and every
/// field whose name speaks of a passport.
pub fn scrub(body: &mut Json) {
    match body {
        Json::Object(fields) => {
            fields.retain(|name, _| !is_secret(name));
            fields.values_mut().for_each(scrub);
        }
        Json::Array(items) => items.iter_mut().for_each(scrub),
        _ => {}
    }
}

/// Whether a field of this name is never kept.
pub(super) fn is_secret(name: &str) -> bool {
    if name.is_ascii() {
        return contains_ignoring_case(name.as_bytes(), b"passport")
            || name.eq_ignore_ascii_case("employee");
    }
    let name = name.to_lowercase();
    name.contains("passport") || name.contains("паспорт") || name.contains("paszport")
}

fn contains_ignoring_case(name: &[u8], word: &[u8]) -> bool {
    name.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}

/// A value that is written as JSON without passport data.
pub(super) struct Scrubbed<'v>(pub &'v Json);

impl Serialize for Scrubbed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Object(fields) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in fields.iter().filter(|(name, _)| !is_secret(name)) {
                    map.serialize_entry(name, &Scrubbed(value))?;
                }
                map.end()
            }
            Json::Array(items) => serializer.collect_seq(items.iter().map(Scrubbed)),
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passport_data_goes_at_any_depth_and_in_any_spelling() {
        let mut body = json!({
            "name": "Anna",
            "employee": {"passport_series": "1234"},
            "user": [{"PassportNumber": 5, "phone": "1"}],
            "custom_fields": {"Серия паспорта": "12", "пароль": 1}
        });
        let expected = json!({
            "name": "Anna",
            "user": [{"phone": "1"}],
            "custom_fields": {"пароль": 1}
        });
        let written = serde_json::to_string(&Scrubbed(&body)).unwrap();
        assert_eq!(written, expected.to_string());
        scrub(&mut body);
        assert_eq!(body, expected);
    }
}

//! What is never kept: passport data, and tokens that open the vendor's doors. They are passed over wherever they appear, before
//! anything else looks at a body, and before a webhook's body is kept in a queue.

use serde_json::Value as Json;

/// Removes passport data from a vendor's body, at any depth: the personnel file of a staff member (`employee`), and every
/// field whose name speaks of a passport; and the tokens that the vendor's marketplace sends along (`partner_token`).
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
pub fn is_secret(name: &str) -> bool {
    if name.is_ascii() {
        return contains_ignoring_case(name.as_bytes(), b"passport")
            || ["employee", "partner_token", "user_token"]
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret));
    }
    let name = name.to_lowercase();
    name.contains("passport") || name.contains("паспорт") || name.contains("paszport")
}

fn contains_ignoring_case(name: &[u8], word: &[u8]) -> bool {
    name.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
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
            "custom_fields": {"Серия паспорта": "12", "пароль": 1},
            "partner_token": "yasdfk"
        });
        let expected = json!({
            "name": "Anna",
            "user": [{"phone": "1"}],
            "custom_fields": {"пароль": 1}
        });
        scrub(&mut body);
        assert_eq!(body, expected);
    }
}

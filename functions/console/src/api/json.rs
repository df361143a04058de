use serde_json::{Map, Value as Json};
use wynos::{
    exact,
    ports::Cipher,
    warehouse::{Row, ValueRef},
};

/// What stands in place of the value of a custom field of type PASSWORD.
pub(crate) const MASK: &str = "••••";

/// A row as a JSON object, its columns named in order from the column at `skip` on. Exact numbers are strings, times
/// RFC 3339 in UTC; encrypted values are masked wherever they stand.
pub(crate) fn object(columns: &[String], row: Row<'_>, skip: usize) -> Map<String, Json> {
    let values = row.values().skip(skip);
    columns.iter().cloned().zip(values.map(value)).collect()
}

fn value(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Boolean(flag) => Json::Bool(flag),
        ValueRef::Integer(number) => Json::from(number),
        ValueRef::Decimal(number) => Json::String(number.to_string()),
        ValueRef::Text(text) => masked(Json::String(text.to_owned())),
        ValueRef::Date(day) => Json::String(day.format("%Y-%m-%d").to_string()),
        ValueRef::Timestamp(at) => {
            Json::String(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        }
        // What is stored was valid JSON when it was admitted.
        ValueRef::Json(text) => masked(exact::shown(text).unwrap_or_default()),
    }
}

/// The same, with every encrypted text masked.
fn masked(json: Json) -> Json {
    match json {
        Json::String(text) if Cipher::is_encrypted(&text) => Json::String(MASK.to_owned()),
        Json::Array(items) => Json::Array(items.into_iter().map(masked).collect()),
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, masked(value)))
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn encrypted_values_are_masked_wherever_they_stand() {
        let row = json!({"a": "enc:v1:xyz", "b": [{"c": "enc:v1:q", "d": 1}], "e": "plain"});
        assert_eq!(
            masked(row),
            json!({"a": MASK, "b": [{"c": MASK, "d": 1}], "e": "plain"})
        );
    }
}

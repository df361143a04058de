use serde_json::Value as Json;
use wynos::{
    catalog::{Column, ColumnType},
    warehouse::Value,
};

use crate::http::Failure;

/// The longest text of one value, in characters.
const MAX_TEXT: usize = 100_000;

/// A JSON value as the column's type; the failure names the field.
pub(crate) fn from_json(column: &Column, place: &str, json: &Json) -> Result<Value, Failure> {
    let wrong = || Failure::field(place);
    if holds_nul(json) {
        return Err(wrong());
    }
    if json.is_null() {
        return if column.required {
            Err(wrong())
        } else {
            Ok(Value::Null)
        };
    }
    match (&column.ty, json) {
        (ColumnType::Json, any) => Ok(Value::Json(canonical(any))),
        (ColumnType::Boolean, Json::Bool(flag)) => Ok(Value::Boolean(*flag)),
        (ColumnType::Integer, Json::Number(number)) => {
            number.as_i64().map(Value::Integer).ok_or_else(wrong)
        }
        (ColumnType::Decimal { .. }, Json::Number(number)) => {
            // The digits as they were sent; a float in between would change some of them.
            from_text(column, &number.to_string()).ok_or_else(wrong)
        }
        (ColumnType::CustomValues, Json::Object(fields)) => {
            let strings = fields
                .values()
                .all(|value| value.as_str().is_some_and(|text| text.len() <= MAX_TEXT));
            if strings {
                Ok(Value::Json(canonical(json)))
            } else {
                Err(wrong())
            }
        }
        (ColumnType::List { fields, .. }, Json::Array(items)) => {
            for (position, item) in items.iter().enumerate() {
                check_item(fields, &format!("{place}/{position}"), item)?;
            }
            Ok(Value::Json(canonical(json)))
        }
        (
            ColumnType::CustomValues
            | ColumnType::List { .. }
            | ColumnType::Boolean
            | ColumnType::Integer,
            _,
        ) => Err(wrong()),
        (_, Json::String(text)) => from_text(column, text).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// Text, as in a query, as the column's type.
pub(crate) fn from_text(column: &Column, text: &str) -> Option<Value> {
    let short = !matches!(column.ty, ColumnType::Text) || text.chars().count() <= MAX_TEXT;
    (short && !text.contains('\0'))
        .then(|| Value::from_text(column, text))
        .flatten()
}

/// Whether a text in it holds U+0000, which not every database can keep.
pub(crate) fn holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

fn check_item(fields: &[Column], place: &str, item: &Json) -> Result<(), Failure> {
    let object = item.as_object().ok_or_else(|| Failure::field(place))?;
    if let Some(unknown) = object
        .keys()
        .find(|name| fields.iter().all(|field| field.name != **name))
    {
        return Err(Failure::field(format!("{place}/{unknown}")));
    }
    for field in fields {
        let place = format!("{place}/{}", field.name);
        from_json(
            field,
            &place,
            object.get(field.name.as_ref()).unwrap_or(&Json::Null),
        )?;
    }
    Ok(())
}

/// JSON with sorted keys and no white space. Objects of this library keep their keys sorted.
fn canonical(json: &Json) -> String {
    json.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use wynos::catalog;

    fn read(table: &str, column: &str, json: &Json) -> Result<Value, String> {
        let column = catalog::table(table).unwrap().column(column).unwrap();
        from_json(column, &column.name, json).map_err(|failure| failure.field.unwrap())
    }

    #[test]
    fn values_are_taken_by_the_type_of_their_column() {
        assert_eq!(read("customers", "person", &json!("Jan")), Ok("Jan".into()));
        assert_eq!(read("customers", "person", &json!(null)), Ok(Value::Null));
        assert_eq!(read("customers", "person", &json!(7)), Err("person".into()));
        assert_eq!(read("customers", "type", &json!(null)), Err("type".into()));
        assert_eq!(
            read("customers", "type", &json!("ALIEN")),
            Err("type".into())
        );
        assert_eq!(
            read("customers", "person", &json!("J\0n")),
            Err("person".into())
        );
        assert_eq!(
            read("customers", "is_anonymous", &json!("true")),
            Err("is_anonymous".into())
        );
        let at = read(
            "customers",
            "created_at",
            &json!("2026-03-01T10:00:00.5+01:00"),
        )
        .unwrap();
        assert_eq!(
            at,
            Value::Timestamp("2026-03-01T09:00:00.5Z".parse().unwrap())
        );
    }

    #[test]
    fn a_fault_inside_a_list_is_named_with_its_place() {
        let phones = json!([{"number": "501 234 567"}, {"remarks": "x"}]);
        assert_eq!(
            read("customers", "other_phones", &phones),
            Err("other_phones/1/number".into())
        );
        let phones = json!([{"number": "501 234 567", "colour": "red"}]);
        assert_eq!(
            read("customers", "other_phones", &phones),
            Err("other_phones/0/colour".into())
        );
    }

    #[test]
    fn canonical_json_has_sorted_keys() {
        assert_eq!(
            canonical(&json!({"b": 1, "a": {"d": 1, "c": 2}})),
            r#"{"a":{"c":2,"d":1},"b":1}"#
        );
    }
}

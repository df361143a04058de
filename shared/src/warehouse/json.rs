mod simple;

use std::borrow::Cow;

use serde_json::Value as Json;
use wynos_base::exact;

/// Two JSON objects as one: fields of the second stand, but for its nulls. What is no object is overwritten whole.
pub(super) fn merge_objects<'v>(under: &'v str, over: &'v str) -> Cow<'v, str> {
    let parsed = (exact::from_str(under), exact::from_str(over));
    let (Ok(Json::Object(mut fields)), Ok(Json::Object(newer))) = parsed else {
        return Cow::Borrowed(over);
    };
    for (name, value) in newer {
        if !value.is_null() || !fields.contains_key(&name) {
            fields.insert(name, value);
        }
    }
    Cow::Owned(exact::to_string(&Json::Object(fields)))
}

/// JSON in canonical form: keys sorted, no white space. `None` where the text is not JSON.
pub(super) fn canonical(text: &str) -> Option<Cow<'_, str>> {
    if matches!(text, "{}" | "[]" | "null" | "true" | "false") {
        return Some(Cow::Borrowed(text));
    }
    if let Some(canonical) = simple::canonical(text) {
        return Some(Cow::Owned(canonical));
    }
    let value = exact::from_str(text).ok()?;
    Some(Cow::Owned(exact::to_string(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_has_sorted_keys_and_no_white_space() {
        let text = canonical(r#"{"bb": [1, {"z": null, "a": "ż"}], "a": 2}"#);
        assert_eq!(
            text.as_deref(),
            Some(r#"{"a":2,"bb":[1,{"a":"ż","z":null}]}"#)
        );
        assert_eq!(canonical("{"), None);
    }

    #[test]
    fn fields_are_merged_and_never_blanked() {
        let merged = merge_objects(r#"{"a":1,"b":2}"#, r#"{"b":null,"c":3}"#);
        assert_eq!(merged, r#"{"a":1,"b":2,"c":3}"#);
    }
}

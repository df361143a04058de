//! JSON whose numbers stay the same numbers.
//!
//! [`Value`] holds integers of 64 bits and numbers of 53 bits, and rounds everything else or refuses it. What a vendor sent is
//! kept as it came, so a number that no [`Value`] holds is read as a text with a mark before it, and written as the number that
//! it was. Such numbers are rare, and nothing else changes.
//!
//! What was read here has to be written here. Whoever looks at texts meets the mark and asks [`number`].

mod mend;
mod scan;

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{
    Error, Value,
    value::{RawValue, to_raw_value},
};

pub use mend::mend;

/// Stands before the digits of a number that no [`Value`] holds: a code point that Unicode keeps for use inside programs, and
/// no text that is meant to be exchanged has. A text that is sent with it and goes on as a number becomes that number.
const MARK: char = '\u{FDD0}';

/// Reads JSON; every number stays what it is. One of more than a thousand digits, or places before or behind the point, becomes
/// a text: no database holds all of them.
pub fn from_str(text: &str) -> Result<Value, Error> {
    match scan::marked(text) {
        None => serde_json::from_str(text),
        // What is no JSON at all is told by the places of the text that came.
        Some(marked) => serde_json::from_str(&marked)
            .or_else(|error| serde_json::from_str::<Value>(text).and(Err(error))),
    }
}

/// The text with its marks, for whoever takes JSON apart piece by piece: pieces of it are what [`from_str`] reads.
pub fn marked(text: &str) -> Cow<'_, str> {
    scan::marked(text).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The same of bytes, which have to be UTF-8.
pub fn from_slice(bytes: &[u8]) -> Result<Value, Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    }
}

/// Writes what was read: canonical JSON, with keys in order and without white space.
pub fn to_string(value: &Value) -> String {
    serde_json::to_string(&Exact(value)).unwrap_or_else(|_| "null".to_owned())
}

/// The same as JSON that is part of other JSON.
pub fn to_raw(value: &Value) -> Result<Box<RawValue>, Error> {
    to_raw_value(&Exact(value))
}

/// Reads JSON for somebody who knows nothing of marks: a number that no [`Value`] holds is the text of its digits.
pub fn shown(text: &str) -> Result<Value, Error> {
    let mut value = from_str(text)?;
    unmark(&mut value);
    Ok(value)
}

fn unmark(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(unmark),
        Value::Array(items) => items.iter_mut().for_each(unmark),
        Value::String(text) => {
            if let Some(digits) = number(text) {
                *text = digits.to_owned();
            }
        }
        _ => {}
    }
}

/// The number, as it was written, that a text stands for; `None` for any other text.
pub fn number(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).filter(|rest| scan::is_number(rest))
}

/// A value that is written with the numbers that it was read with.
#[derive(Debug, Clone, Copy)]
pub struct Exact<'v>(pub &'v Value);

impl Serialize for Exact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, &Exact(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Exact)),
            plain => serialize_plain(plain, serializer),
        }
    }
}

/// Writes a value that is neither an object nor a list.
pub fn serialize_plain<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let digits = value.as_str().and_then(number);
    match digits.map(|digits| RawValue::from_string(digits.to_owned())) {
        Some(Ok(number)) => number.serialize(serializer),
        _ => value.serialize(serializer),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_beyond_every_value_are_written_as_they_were_read() {
        for text in [
            "12345678901234567890123",
            "-9223372036854775809",
            "18446744073709551616",
            "0.1234567890123456789",
            "123456789012345678.5",
            "1.0000000000000000001",
            "1e400",
            "-2.5e-330",
            "1234567890123456.789",
            "-0.00012345678901234567890123",
            "12345678901234567890123000000",
            r#"{"a":[0.30000000000000000001,{"b":1e309}],"c":"1e309"}"#,
        ] {
            let value = from_str(text).unwrap();
            assert_eq!(to_string(&value), text);
            assert_eq!(to_raw(&value).unwrap().get(), text);
        }
    }

    #[test]
    fn a_number_has_one_form_however_it_was_written() {
        for (text, expected) in [
            ("1234567890123456789e-3", "1234567890123456.789"),
            ("12345678901234567890.10", "12345678901234567890.1"),
            ("-2.50E-330", "-2.5e-330"),
            ("10e399", "1e400"),
            ("1234567890123456789e30", "1.234567890123456789e48"),
            (
                "0.0000000000000000000000000000000000000000001234567890123456789",
                "1.234567890123456789e-43",
            ),
        ] {
            assert_eq!(to_string(&from_str(text).unwrap()), expected);
            assert_eq!(to_string(&from_str(expected).unwrap()), expected);
        }
        // What a database makes of a thousand places is the same number again.
        let expanded = format!("1{}", "0".repeat(400));
        assert_eq!(to_string(&from_str(&expanded).unwrap()), "1e400");
    }

    #[test]
    fn everything_else_is_read_as_ever() {
        for text in [
            "1",
            "-0",
            "1.10",
            "1e5",
            "0.1",
            "18446744073709551615",
            "-9223372036854775808",
            "4.35",
            "1e300",
            "1000000000000000000000",
            "1.00000000000000000000",
            r#"{"date":"2019-01-16T16:00:00+09:00","phone":"+79996373955","hash":"3e123456789012345678901"}"#,
            r#""\"12345678901234567890123""#,
            r#""\\""#,
            "[]",
            " {} ",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(from_str(text).unwrap(), expected, "{text}");
            assert_eq!(to_string(&expected), expected.to_string());
        }
    }

    #[test]
    fn what_no_database_holds_as_a_number_is_a_text() {
        let long = "7".repeat(1_001);
        for text in ["1e1001", "1e-99999999999999999999", "-1E+4000", &long] {
            assert_eq!(from_str(text).unwrap(), json!(text));
        }
        assert_eq!(from_str("0e9999").unwrap(), json!(0.0));
    }

    #[test]
    fn what_is_no_json_is_told_by_the_places_of_what_came() {
        for text in [
            "{\"a\":12345678901234567890123,\n\"b\":}",
            "12345678901234567890123 4",
            "01234567890123456789",
            "1234567890123456789.",
            "",
        ] {
            let expected = serde_json::from_str::<Value>(text).unwrap_err();
            let found = from_str(text).unwrap_err();
            assert_eq!(
                (found.line(), found.column()),
                (expected.line(), expected.column()),
                "{text}"
            );
        }
    }

    #[test]
    fn who_knows_nothing_of_marks_is_shown_digits() {
        let shown = shown(r#"{"a":[12345678901234567890123,1.5],"b":"x"}"#).unwrap();
        assert_eq!(
            shown,
            json!({"a": ["12345678901234567890123", 1.5], "b": "x"})
        );
    }

    #[test]
    fn a_text_with_a_mark_is_a_number_only_if_it_goes_on_as_one() {
        assert_eq!(number("\u{FDD0}12"), Some("12"));
        for text in [
            "12",
            "\u{FDD0}",
            "\u{FDD0}x",
            "\u{FDD0}01",
            "\u{FDD0}1,\"a\":2",
            "\u{FDD0}1 ",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}

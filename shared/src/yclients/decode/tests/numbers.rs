//! A number that no column takes is kept as the number it was, whatever its length.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::*;

type Fields = BTreeMap<String, Box<RawValue>>;

/// Any number as JSON writes it (RFC 8259, section 6).
fn number() -> impl Strategy<Value = String> {
    let digits = |most: usize| {
        prop::collection::vec(0..10_u8, 1..=most)
            .prop_map(|digits| digits.iter().map(ToString::to_string).collect::<String>())
    };
    let whole = digits(40).prop_map(|digits| match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    });
    let exponent = (
        prop::sample::select(vec!["", "+", "-"]),
        0..900_u16,
        any::<bool>(),
    );
    let parts = (
        any::<bool>(),
        whole,
        prop::option::of(digits(40)),
        prop::option::of(exponent),
    );
    parts.prop_map(|(is_negative, whole, fraction, exponent)| {
        let sign = if is_negative { "-" } else { "" };
        let fraction = fraction.map_or_else(String::new, |digits| format!(".{digits}"));
        let exponent = exponent.map_or_else(String::new, |(sign, places, is_large)| {
            format!("{}{sign}{places}", if is_large { 'E' } else { 'e' })
        });
        format!("{sign}{whole}{fraction}{exponent}")
    })
}

/// What a number is worth: its sign, its digits without zeros around them, and the places behind the last of them.
fn worth(text: &str) -> (bool, String, i64) {
    let (is_negative, rest) = (text.starts_with('-'), text.trim_start_matches('-'));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{fraction}")
        .trim_start_matches('0')
        .to_owned();
    let mut places = exponent.parse::<i64>().unwrap() - i64::try_from(fraction.len()).unwrap();
    while digits.pop_if_zero() {
        places += 1;
    }
    match digits.is_empty() {
        true => (false, digits, 0),
        false => (is_negative, digits, places),
    }
}

trait PopIfZero {
    fn pop_if_zero(&mut self) -> bool;
}

impl PopIfZero for String {
    fn pop_if_zero(&mut self) -> bool {
        self.ends_with('0') && self.pop().is_some()
    }
}

/// The fields of a JSON column of the one row that a body gives.
fn kept(decoded: &Decoded, column: &str) -> Fields {
    let text = told(&decoded.columns, decoded.rows.get(0).unwrap(), column);
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_number_survives(number in number()) {
        let text = format!(
            r#"{{"id":7,"unknown":{number},"nested":{{"list":["x",{number}]}},"custom_fields":{{"a":{number}}}}}"#
        );
        let body = crate::exact::from_str(&text).unwrap();
        for how in [Body::Full, Body::Partial] {
            let decoded = decode("yclients_clients", std::slice::from_ref(&body), how);
            let extra = kept(&decoded[0], "_extra");
            prop_assert_eq!(worth(extra["unknown"].get()), worth(&number));
            let nested: BTreeMap<String, (String, Box<RawValue>)> =
                serde_json::from_str(extra["nested"].get()).unwrap();
            prop_assert_eq!(worth(nested["list"].1.get()), worth(&number));
            let custom = kept(&decoded[0], "custom_fields");
            prop_assert_eq!(worth(custom["a"].get()), worth(&number));
        }
        // What is set aside is kept so too.
        let nameless = crate::exact::from_str(&format!(r#"{{"unknown":{number}}}"#)).unwrap();
        let decoded = decode("yclients_clients", &[nameless], Body::Full);
        let aside: Fields =
            serde_json::from_str(&crate::exact::to_string(&decoded[0].unreadable[0].body)).unwrap();
        prop_assert_eq!(worth(aside["unknown"].get()), worth(&number));
    }
}

#[test]
fn numbers_too_long_for_a_value_are_read_into_columns_that_take_them() {
    let text = r#"{"id":7,"spent":1234567890123456789.25,"visits":"3","name":12345678901234567890123,
        "balance":1e400,"discount":0.1000000000000000000001}"#;
    let body = crate::exact::from_str(text).unwrap();
    let decoded = whole("yclients_clients", body);
    check(
        &decoded[0],
        &[
            ("spent", "1234567890123456789.25"),
            ("name", "12345678901234567890123"),
            ("balance", "-"),
            ("discount", "0.1"),
            ("_extra", r#"{"balance":1e400}"#),
        ],
    );
    assert_eq!(decoded[0].surprises, 1);
}

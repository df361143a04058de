//! Ids for rows that come without one: the same row gives the same id each time, so importing a list twice changes nothing.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::warehouse::Value;

/// Serwisant Online writes this number for customers without a phone; it is no phone and tells nobody apart.
const NO_PHONE: &str = "220000000";

/// Columns that tell rows of a table apart in life, the surest first.
fn natural(table: &str) -> &'static [&'static [&'static str]] {
    match table {
        "repairs" => &[&["rma"]],
        "tickets" => &[&["number"]],
        "customers" => &[&["tax_id"], &["email"], &["phone"]],
        "parts" => &[&["part_number"], &["name"]],
        "dictionaries" => &[&["type", "name"]],
        "custom_fields" => &[&["form", "name"]],
        "employees" => &[&["email"], &["display_name"]],
        _ => &[],
    }
}

/// What changes in the life of a row and is therefore no part of what it is.
fn changes(table: &str, column: &str) -> bool {
    table == "part_deliveries" && matches!(column, "quantity_left" | "reserved_quantity")
}

/// A stable id out of the row's natural key, else out of all it holds; and the columns of that key, none for all of them.
pub(super) fn derived(
    table: &str,
    namespace: &str,
    content: &[(&str, String)],
) -> (String, &'static [&'static str]) {
    let value = |column: &&str| {
        let (_, text) = content.iter().find(|(name, _)| name == column)?;
        let text = significant(column, text);
        (!text.is_empty()).then_some(text)
    };
    let key = natural(table).iter().find_map(|columns| {
        let values: Option<Vec<String>> = columns.iter().map(value).collect();
        Some((*columns, values?))
    });
    let mut digest = Sha256::new();
    let mut feed = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    };
    feed(table);
    let by: &'static [&'static str] = match &key {
        Some((columns, _)) => columns,
        None => &[],
    };
    match key {
        Some((columns, values)) => {
            for (column, text) in columns.iter().zip(&values) {
                feed(column);
                feed(text);
            }
        }
        None => {
            for (column, text) in content.iter().filter(|(column, _)| !changes(table, column)) {
                feed(column);
                feed(text);
            }
        }
    }
    let digest = digest.finalize();
    let short = digest.get(..16).unwrap_or_default();
    (format!("{namespace}:{}", HEXLOWER.encode(short)), by)
}

/// What of a value tells rows apart: letters whatever their case, digits whatever their grouping.
fn significant(column: &str, text: &str) -> String {
    let text = text.trim();
    match column {
        "phone" => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let digits = digits.strip_prefix("00").unwrap_or(&digits);
            let national = match digits.strip_prefix("48") {
                Some(rest) if rest.len() == 9 => rest,
                _ => digits,
            };
            if national == NO_PHONE {
                String::new()
            } else {
                national.to_owned()
            }
        }
        "tax_id" => {
            let id: String = text
                .chars()
                .filter(|character| character.is_alphanumeric())
                .flat_map(char::to_uppercase)
                .collect();
            let id = id.strip_prefix("PL").unwrap_or(&id);
            // The checksum of ten zeros is right; it is nobody's number.
            if id.chars().all(|character| character == '0') {
                String::new()
            } else {
                id.to_owned()
            }
        }
        "email" | "name" | "display_name" => text.to_lowercase(),
        _ => text.to_owned(),
    }
}

/// A value as text that differs where the value does.
pub(super) fn text_of(value: &Value) -> String {
    let mut out = String::new();
    let written = match value {
        Value::Null => Ok(()),
        Value::Boolean(flag) => write!(out, "{flag}"),
        Value::Integer(number) => write!(out, "{number}"),
        Value::Decimal(number) => write!(out, "{}", number.normalize()),
        Value::Text(text) | Value::Json(text) => write!(out, "{text}"),
        Value::Date(day) => write!(out, "{day}"),
        Value::Timestamp(at) => write!(out, "{}", at.timestamp_micros()),
    };
    debug_assert!(written.is_ok());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(content: &[(&str, &str)]) -> String {
        let content: Vec<_> = content
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect();
        derived("customers", "shop", &content).0
    }

    #[test]
    fn a_number_written_otherwise_is_the_same_customer() {
        assert_eq!(
            id(&[("phone", "+48 501-234-567")]),
            id(&[("phone", "501234567")])
        );
        assert_eq!(
            id(&[("tax_id", "PL 856-734-62-15")]),
            id(&[("tax_id", "8567346215")])
        );
        assert_ne!(id(&[("phone", "501234567")]), id(&[("phone", "501234568")]));
    }

    #[test]
    fn numbers_that_stand_for_nothing_are_no_keys() {
        for number in ["22 000 00 00", "+48220000000"] {
            let jan = id(&[("person", "Jan"), ("phone", number)]);
            assert_ne!(jan, id(&[("person", "Anna"), ("phone", number)]));
        }
        let one = id(&[("person", "Jan"), ("tax_id", "000-000-00-00")]);
        assert_ne!(one, id(&[("person", "Anna"), ("tax_id", "000-000-00-00")]));
    }
}

use std::{fmt, str::FromStr};

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use wynos_base::exact;

use crate::{catalog::ColumnType, warehouse::Value};

/// The most digits after the point of a decimal column.
pub(super) const MOST_DIGITS: u32 = 12;

/// What a column of a report holds. As text: `text`, `integer`, `decimal(2)`, `boolean`, `date`, `timestamp`, `json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FieldType {
    /// Text, as it came.
    Text,
    /// A whole number.
    Integer,
    /// An exact number with so many digits after the point.
    Decimal(u32),
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// An instant; a time without a zone is read in the branch's.
    Timestamp,
    /// Whatever came.
    Json,
}

/// A text that is no type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no type: write text, integer, decimal(2), boolean, date, timestamp or json")]
pub struct TypeError(pub String);

impl FieldType {
    /// The value as this type, without losing anything of it; `None` where it does not fit. Null, and where the type is not
    /// text an empty text too, are null: the vendor writes `""` and `0000-00-00` for dates that are not known.
    pub fn read(self, value: &Json, zone: Tz) -> Option<Value> {
        match value {
            Json::Null => return Some(Value::Null),
            Json::String(text) if self.takes_for_null(text) => return Some(Value::Null),
            _ => {}
        }
        if let Some(digits) = value.as_str().and_then(exact::number) {
            return match self {
                Self::Json => Some(Value::Json(digits.to_owned())),
                Self::Decimal(scale) => decimal(digits, scale),
                _ => None,
            };
        }
        match (self, value) {
            (Self::Json, value) => Some(Value::Json(exact::to_string(value))),
            (Self::Text, Json::String(text)) => Some(Value::Text(text.clone())),
            (Self::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
            (Self::Integer, Json::String(text)) => integer(text).map(Value::Integer),
            (Self::Decimal(scale), Json::Number(number)) => decimal(&number.to_string(), scale),
            (Self::Decimal(scale), Json::String(text)) => decimal(text, scale),
            (Self::Boolean, Json::Bool(flag)) => Some(Value::Boolean(*flag)),
            (Self::Boolean, Json::Number(number)) => match number.as_i64() {
                Some(0) => Some(Value::Boolean(false)),
                Some(1) => Some(Value::Boolean(true)),
                _ => None,
            },
            (Self::Boolean, Json::String(text)) => match text.as_str() {
                "0" | "false" => Some(Value::Boolean(false)),
                "1" | "true" => Some(Value::Boolean(true)),
                _ => None,
            },
            (Self::Date, Json::String(text)) => day(text).map(Value::Date),
            (Self::Timestamp, Json::String(text)) => instant(text, zone).map(Value::Timestamp),
            _ => None,
        }
    }

    /// The type of the variant column that takes what does not fit.
    pub const fn variant_for(value: &Json) -> Self {
        match value {
            Json::Array(_) | Json::Object(_) => Self::Json,
            _ => Self::Text,
        }
    }

    /// A value in the words of a variant column: text as it came, anything else as JSON writes it.
    pub fn as_variant(self, value: &Json) -> Value {
        match (self, value) {
            (_, Json::Null) => Value::Null,
            (Self::Json, value) => Value::Json(exact::to_string(value)),
            (_, Json::String(text)) => Value::Text(exact::number(text).unwrap_or(text).to_owned()),
            (_, value) => Value::Text(value.to_string()),
        }
    }

    /// How the warehouse keeps it.
    pub const fn column_type(self) -> ColumnType {
        match self {
            Self::Text => ColumnType::Text,
            Self::Integer => ColumnType::Integer,
            Self::Decimal(scale) => ColumnType::Decimal { scale },
            Self::Boolean => ColumnType::Boolean,
            Self::Date => ColumnType::Date,
            Self::Timestamp => ColumnType::Timestamp,
            Self::Json => ColumnType::Json,
        }
    }

    /// The name without its digits: the end of a variant column's name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal(_) => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Json => "json",
        }
    }

    fn takes_for_null(self, text: &str) -> bool {
        match self {
            Self::Text | Self::Json => false,
            Self::Date | Self::Timestamp => text.is_empty() || text.starts_with("0000-00-00"),
            _ => text.is_empty(),
        }
    }
}

/// A whole number as it is written; a plus, blanks or leading zeros make it something else, a phone number or a code.
fn integer(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn decimal(text: &str, scale: u32) -> Option<Value> {
    let number = text
        .parse::<Decimal>()
        .or_else(|_| Decimal::from_scientific(text))
        .ok()?
        .normalize();
    (number.scale() <= scale).then_some(Value::Decimal(number))
}

/// Only a day, or a day with the midnight that some write after it.
fn day(text: &str) -> Option<NaiveDate> {
    let only = text.strip_suffix(" 00:00:00").unwrap_or(text);
    NaiveDate::parse_from_str(only, "%Y-%m-%d").ok()
}

/// The forms that are met in one vendor's answers (facts: dates §1.7): with an offset, with or without its colon, with `Z`, or
/// without any, which is the branch's time.
fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc().trunc_subsecs(6));
    }
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z") {
        return Some(at.to_utc().trunc_subsecs(6));
    }
    let shown = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
        .ok()?;
    match zone.from_local_datetime(&shown) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => Some(at.to_utc()),
        MappedLocalTime::None => None,
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal(scale) => write!(formatter, "decimal({scale})"),
            other => formatter.write_str(other.word()),
        }
    }
}

impl FromStr for FieldType {
    type Err = TypeError;

    fn from_str(text: &str) -> Result<Self, TypeError> {
        let refuse = || TypeError(text.chars().take(100).collect());
        Ok(match text {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "decimal" => Self::Decimal(2),
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "json" => Self::Json,
            other => {
                let digits = other
                    .strip_prefix("decimal(")
                    .and_then(|rest| rest.strip_suffix(')'))
                    .and_then(|digits| digits.parse().ok())
                    .filter(|digits| *digits <= MOST_DIGITS);
                Self::Decimal(digits.ok_or_else(refuse)?)
            }
        })
    }
}

impl TryFrom<String> for FieldType {
    type Error = TypeError;

    fn try_from(text: String) -> Result<Self, TypeError> {
        text.parse()
    }
}

impl From<FieldType> for String {
    fn from(ty: FieldType) -> Self {
        ty.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(ty: &str, value: Json) -> Option<Value> {
        let ty: FieldType = ty.parse().unwrap();
        ty.read(&value, Tz::Europe__Moscow)
    }

    #[test]
    fn what_fits_loses_nothing_and_what_does_not_is_left_alone() {
        let number = |text: &str| Some(Value::Decimal(text.parse().unwrap()));
        assert_eq!(read("decimal", json!("1000.00")), number("1000"));
        assert_eq!(read("decimal(6)", json!("-1.000000000")), number("-1"));
        assert_eq!(read("decimal", json!(12.5)), number("12.5"));
        assert_eq!(read("decimal", json!(1.234)), None, "it would be rounded");
        assert_eq!(read("integer", json!("42")), Some(Value::Integer(42)));
        for text in ["042", "+42", " 42", "4.2", "99999999999999999999"] {
            assert_eq!(read("integer", json!(text)), None, "{text}");
        }
        assert_eq!(read("integer", json!(4.5)), None);
        assert_eq!(read("text", json!(5)), None, "a number is no text");
        assert_eq!(read("boolean", json!("1")), Some(Value::Boolean(true)));
        assert_eq!(read("boolean", json!(2)), None);
        assert_eq!(
            read("json", json!({ "b": 1, "a": [] })),
            Some(Value::Json(r#"{"a":[],"b":1}"#.into()))
        );
        for empty in [json!(null), json!(""), json!("0000-00-00 00:00:00")] {
            assert_eq!(read("timestamp", empty), Some(Value::Null));
        }
        assert_eq!(read("text", json!("")), Some(Value::Text(String::new())));
    }

    #[test]
    fn numbers_of_any_length_stay_what_they_are() {
        let value = exact::from_str("1234567890123456789012.5").unwrap();
        let text = "1234567890123456789012.5";
        let zone = Tz::UTC;
        assert_eq!(
            FieldType::Json.read(&value, zone),
            Some(Value::Json(text.into()))
        );
        let number = Some(Value::Decimal(text.parse().unwrap()));
        assert_eq!(FieldType::Decimal(2).read(&value, zone), number);
        assert_eq!(
            FieldType::Text.read(&value, zone),
            None,
            "a number is no text"
        );
        assert_eq!(FieldType::Integer.read(&value, zone), None);
        assert_eq!(FieldType::Text.as_variant(&value), Value::Text(text.into()));
        let within = exact::from_str(r#"{"a":[1e400]}"#).unwrap();
        let kept = Some(Value::Json(r#"{"a":[1e400]}"#.into()));
        assert_eq!(FieldType::Json.read(&within, zone), kept);
    }

    #[test]
    fn every_form_of_a_time_is_the_same_instant() {
        let at = Value::Timestamp("2019-01-16T17:35:11Z".parse().unwrap());
        for text in [
            "2019-01-16T20:35:11+03:00",
            "2019-01-16T20:35:11+0300",
            "2019-01-16T20:35:11.000+03:00",
            "2019-01-16 20:35:11",
            "2019-01-16T17:35:11.000000Z",
        ] {
            assert_eq!(read("timestamp", json!(text)), Some(at.clone()), "{text}");
        }
        assert_eq!(
            read("date", json!("2019-01-16")),
            Some(Value::Date("2019-01-16".parse().unwrap()))
        );
        assert_eq!(
            read("date", json!("2019-01-16 20:35:11")),
            None,
            "the time would be lost"
        );
    }

    #[test]
    fn types_read_back() {
        for text in [
            "text",
            "integer",
            "decimal(2)",
            "decimal(0)",
            "boolean",
            "date",
            "timestamp",
            "json",
        ] {
            assert_eq!(text.parse::<FieldType>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "TEXT",
            "varchar(5)",
            "decimal(13)",
            "decimal(-1)",
            "decimal(2);",
        ] {
            assert!(text.parse::<FieldType>().is_err(), "{text}");
        }
    }
}

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::catalog::{Column, ColumnType};

/// One value, borrowed from a batch of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// Text.
    Text(&'a str),
    /// A calendar day.
    Date(NaiveDate),
    /// An instant, to the microsecond.
    Timestamp(DateTime<Utc>),
    /// JSON in canonical form: keys sorted, no white space.
    Json(&'a str),
}

/// One value that owns its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact number.
    Decimal(Decimal),
    /// Text.
    Text(String),
    /// A calendar day.
    Date(NaiveDate),
    /// An instant, to the microsecond.
    Timestamp(DateTime<Utc>),
    /// JSON in canonical form: keys sorted, no white space.
    Json(String),
}

impl<'a> ValueRef<'a> {
    /// Whether there is nothing.
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a text or JSON value.
    pub const fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Json(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an integer value.
    pub const fn as_integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The instant of a timestamp value.
    pub const fn as_timestamp(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Timestamp(at) => Some(at),
            _ => None,
        }
    }

    /// A copy that owns its text.
    pub fn to_owned(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(flag) => Value::Boolean(flag),
            Self::Integer(number) => Value::Integer(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Date(day) => Value::Date(day),
            Self::Timestamp(at) => Value::Timestamp(at),
            Self::Json(text) => Value::Json(text.to_owned()),
        }
    }
}

impl ValueRef<'_> {
    /// The value as JSON: numbers with a scale, days and instants as text.
    pub fn to_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(flag) => flag.into(),
            Self::Integer(number) => number.into(),
            Self::Decimal(number) => number.to_string().into(),
            Self::Text(text) => text.into(),
            Self::Date(day) => day.to_string().into(),
            Self::Timestamp(at) => at.to_rfc3339().into(),
            Self::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        }
    }
}

impl Value {
    /// The value, borrowed.
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Boolean(flag) => ValueRef::Boolean(*flag),
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Decimal(number) => ValueRef::Decimal(*number),
            Self::Text(text) => ValueRef::Text(text),
            Self::Date(day) => ValueRef::Date(*day),
            Self::Timestamp(at) => ValueRef::Timestamp(*at),
            Self::Json(text) => ValueRef::Json(text),
        }
    }
}

impl Value {
    /// Text, as in a query, as the column's type: choices by their stored value, days and instants by ISO 8601. `None` where
    /// it does not fit.
    pub fn from_text(column: &Column, text: &str) -> Option<Self> {
        match &column.ty {
            ColumnType::Text => (!text.contains('\0')).then(|| text.into()),
            ColumnType::Choice(choices) => choices
                .iter()
                .any(|choice| choice.value == text)
                .then(|| text.into()),
            ColumnType::Integer => text.parse().ok().map(Value::Integer),
            ColumnType::Boolean => text.parse().ok().map(Value::Boolean),
            ColumnType::Decimal { scale } => {
                let number = Decimal::from_str(text).ok()?.normalize();
                (number.scale() <= *scale).then_some(Value::Decimal(number))
            }
            ColumnType::Date => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(Value::Date),
            ColumnType::Timestamp => {
                let at = DateTime::parse_from_rfc3339(text).ok()?;
                Some(Value::Timestamp(at.with_timezone(&Utc).trunc_subsecs(6)))
            }
            ColumnType::Json | ColumnType::List { .. } | ColumnType::CustomValues => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Boolean(flag)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<NaiveDate> for Value {
    fn from(day: NaiveDate) -> Self {
        Self::Date(day)
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Timestamp(at)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

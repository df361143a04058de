//! One value of the vendor as the value of a column: numbers as text, flags as 0 and 1, empty relations in every shape
//! (facts, section 4).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value as Json;
use wynos_base::exact;

use super::moment::{self, Moment};
use crate::catalog::{Column, ColumnType};
use crate::yclients::streams::Meaning;

/// How a column's values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    /// An id, of which 0 says that there is none.
    Id,
    Decimal(u32),
    Boolean,
    Date,
    Birthday,
    Instant,
    /// The branch's wall clock as an instant.
    Wall,
    /// The branch's wall clock as text.
    WallText,
    /// What the branch's clock showed at an instant, as text.
    Local,
    Phone,
    Json(Empty),
    /// Filled from elsewhere.
    Given,
}

/// What an empty list or object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    List,
    Map,
    Nothing,
}

/// A value ready to be pushed; texts and JSON stay where they are.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(&'a str),
    Written(String),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    Json(&'a Json),
    /// A JSON list of ids.
    Ids(BTreeSet<i64>),
    Empty(Empty),
}

impl Kind {
    pub fn of(column: &Column, meaning: Meaning) -> Self {
        match (&column.ty, meaning) {
            (_, Meaning::Given) => Self::Given,
            (ColumnType::Text, Meaning::WallClock) => Self::WallText,
            (ColumnType::Text, Meaning::Phone) => Self::Phone,
            (ColumnType::Timestamp, Meaning::WallClock) => Self::Wall,
            (ColumnType::Timestamp, _) => Self::Instant,
            (ColumnType::Date, Meaning::Birthday) => Self::Birthday,
            (ColumnType::Date, _) => Self::Date,
            (ColumnType::Integer, Meaning::IdOrZero) => Self::Id,
            (ColumnType::Integer, _) if column.reference.is_some() => Self::Id,
            (ColumnType::Integer, _) => Self::Integer,
            (ColumnType::Decimal { scale }, _) => Self::Decimal(*scale),
            (ColumnType::Boolean, _) => Self::Boolean,
            (ColumnType::Json, Meaning::Map) => Self::Json(Empty::Map),
            (ColumnType::Json, Meaning::Relation) => Self::Json(Empty::Nothing),
            (ColumnType::Json, _) => Self::Json(Empty::List),
            (
                ColumnType::Text
                | ColumnType::Choice(_)
                | ColumnType::List { .. }
                | ColumnType::CustomValues,
                _,
            ) => Self::Text,
        }
    }

    /// The value as this kind; `None` where it is of a surprising kind.
    pub fn read<'a>(self, value: &'a Json, zone: Tz) -> Option<Cell<'a>> {
        if let Self::Json(empty) = self {
            return Some(match value {
                Json::Null => Cell::Null,
                value if is_empty(value) => match empty {
                    Empty::Nothing => Cell::Null,
                    empty => Cell::Empty(empty),
                },
                value => Cell::Json(value),
            });
        }
        if is_nothing(value) {
            return Some(Cell::Null);
        }
        match self {
            Self::Text => text(value),
            Self::Integer => integer(value),
            Self::Id => integer(value).map(|cell| match cell {
                Cell::Integer(0) => Cell::Null,
                cell => cell,
            }),
            Self::Decimal(scale) => decimal(value, scale),
            Self::Boolean => boolean(value),
            Self::Date => day(value),
            Self::Birthday => day(value).map(|cell| match cell {
                Cell::Date(day) if day == NaiveDate::default() => Cell::Null,
                cell => cell,
            }),
            Self::Instant => match moment::read(value.as_str()?)? {
                Moment::Nothing => Some(Cell::Null),
                Moment::At { wall, offset } => {
                    moment::instant(wall, offset, zone).map(Cell::Instant)
                }
            },
            Self::Local => match moment::read(value.as_str()?)? {
                Moment::Nothing => Some(Cell::Null),
                Moment::At { wall, offset } => {
                    let at = moment::instant(wall, offset, zone)?;
                    Some(Cell::Written(written(
                        at.with_timezone(&zone).naive_local(),
                    )))
                }
            },
            Self::Phone => text(value).map(phone),
            Self::Wall => match moment::read(value.as_str()?)? {
                Moment::Nothing => Some(Cell::Null),
                Moment::At { wall, .. } => moment::instant(wall, None, zone).map(Cell::Instant),
            },
            Self::WallText => wall_text(value.as_str()?),
            Self::Json(_) | Self::Given => None,
        }
    }
}

/// The id that a value tells, however it is written; `None` where it tells none.
pub(in crate::yclients) fn id(value: &Json) -> Option<i64> {
    match Kind::Id.read(value, Tz::UTC)? {
        Cell::Integer(id) => Some(id),
        _ => None,
    }
}

/// Whether a value says that there is no id.
pub(in crate::yclients) fn is_no_id(value: &Json) -> bool {
    Kind::Id.read(value, Tz::UTC) == Some(Cell::Null)
}

/// Whether the value says that there is none: null, or a relation that is empty.
pub(super) fn is_nothing(value: &Json) -> bool {
    value.is_null() || is_empty(value)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn text(value: &Json) -> Option<Cell<'_>> {
    match value {
        Json::String(text) => Some(match exact::number(text) {
            Some(digits) => Cell::Written(digits.to_owned()),
            None => Cell::Text(text),
        }),
        Json::Number(number) => Some(Cell::Written(number.to_string())),
        _ => None,
    }
}

/// The number with a plus, where it can only be an international one without it.
fn phone(cell: Cell<'_>) -> Cell<'_> {
    let text = match &cell {
        Cell::Text(text) => text,
        Cell::Written(text) => text.as_str(),
        _ => return cell,
    };
    let international = (10..=15).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0')
        // A Russian number as it is dialled at home.
        && !(text.len() == 11 && text.starts_with('8'));
    match international {
        true => Cell::Written(format!("+{text}")),
        false => cell,
    }
}

fn integer(value: &Json) -> Option<Cell<'_>> {
    let exact = |number: Decimal| {
        let whole = number.is_integer().then(|| number.normalize())?;
        whole.try_into().ok().map(Cell::Integer)
    };
    match value {
        Json::Bool(flag) => Some(Cell::Integer((*flag).into())),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Some(Cell::Integer(number)),
            None => exact(number_of(&number.to_string())?),
        },
        Json::String(text) => match digits_of(text) {
            "" => Some(Cell::Null),
            text => match text.parse() {
                Ok(number) => Some(Cell::Integer(number)),
                Err(_) => exact(number_of(text)?),
            },
        },
        _ => None,
    }
}

fn decimal(value: &Json, scale: u32) -> Option<Cell<'_>> {
    let number = match value {
        Json::Number(number) => match number.as_i64() {
            Some(number) => Decimal::from(number),
            None => number_of(&number.to_string())?,
        },
        Json::String(text) => match digits_of(text) {
            "" => return Some(Cell::Null),
            text => number_of(text)?,
        },
        _ => return None,
    };
    let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    Some(Cell::Decimal(rounded.normalize()))
}

/// What may be a number in a text: one that was sent as a text, or one that only a text holds.
fn digits_of(text: &str) -> &str {
    exact::number(text).unwrap_or(text).trim()
}

fn number_of(text: &str) -> Option<Decimal> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    if !plain {
        return None;
    }
    text.parse()
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

fn boolean(value: &Json) -> Option<Cell<'_>> {
    let flag = match value {
        Json::Bool(flag) => *flag,
        Json::Number(number) => match number.as_f64()? {
            0.0 => false,
            1.0 => true,
            _ => return None,
        },
        Json::String(text) => match text.trim() {
            "" => return Some(Cell::Null),
            "0" | "false" => false,
            "1" | "true" => true,
            _ => return None,
        },
        _ => return None,
    };
    Some(Cell::Boolean(flag))
}

fn day(value: &Json) -> Option<Cell<'_>> {
    match moment::read(value.as_str()?)? {
        Moment::Nothing => Some(Cell::Null),
        Moment::At { wall, .. } => Some(Cell::Date(wall.date())),
    }
}

fn wall_text(text: &str) -> Option<Cell<'_>> {
    match moment::read(text)? {
        Moment::Nothing => Some(Cell::Null),
        Moment::At { .. } if is_canonical(text) => Some(Cell::Text(text)),
        Moment::At { wall, .. } => Some(Cell::Written(written(wall))),
    }
}

/// Most texts are in the kept form already: `YYYY-MM-DD HH:MM:SS`.
fn is_canonical(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            separator => byte == *separator,
        })
}

fn written(wall: NaiveDateTime) -> String {
    wall.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests;

use chrono_tz::Tz;

use super::{
    moment::{self, DateOrder, NoMoment},
    names,
    number::{self, NoNumber, Signs},
    record::RawCell,
};
use crate::{
    catalog::{Choice, Column, ColumnType, Locale, whole_id},
    checks::phone,
    sheets::{
        custom,
        guard::{self, TextKind},
        moment as writing,
        write::{day_of, moment_of, text_kind},
    },
    warehouse::Value,
};

/// What reading a cell needs to know beside its column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) guarded: bool,
    pub(super) zone: Tz,
    pub(super) order: Option<DateOrder>,
    pub(super) signs: Signs,
    pub(super) namespace: &'a str,
}

/// What a cell came to.
#[derive(Debug, PartialEq)]
pub(super) enum Cell {
    Value(Value),
    /// Masked: what the warehouse has stays.
    Kept,
}

/// Reads a cell as its column's type; the error says what was expected.
pub(super) fn cell(raw: RawCell<'_>, column: &Column, how: Reading<'_>) -> Result<Cell, String> {
    if raw == RawCell::Empty {
        return Ok(Cell::Value(Value::Null));
    }
    if let Some(expected) = raw.lacks() {
        return Err(expected.to_owned());
    }
    let kind = text_kind(column);
    let text = text(raw, kind, how.guarded);
    let blank = text.trim().is_empty();
    let value = match &column.ty {
        ColumnType::Text if column.reference.is_some() || column.name == "id" => {
            if blank {
                Value::Null
            } else {
                Value::Text(whole_id(&text, how.namespace).into_owned())
            }
        }
        ColumnType::Text if kind == TextKind::Phone && phone::is_placeholder(&text) => Value::Null,
        ColumnType::Text => Value::Text(text),
        _ if blank => Value::Null,
        ColumnType::Integer => integer(raw, &text, how.signs)?,
        ColumnType::Decimal { scale } => decimal(raw, &text, *scale, how.signs)?,
        ColumnType::Boolean => boolean(raw, &text)?,
        ColumnType::Date => date(raw, &text, how)?,
        ColumnType::Timestamp => timestamp(raw, &text, how)?,
        ColumnType::Choice(choices) => choice(&text, choices)?,
        ColumnType::List { fields, .. } => {
            if custom::is_masked(&text, column) {
                return Ok(Cell::Kept);
            }
            list(&text, fields)?
        }
        ColumnType::Json | ColumnType::CustomValues => {
            let json: serde_json::Value =
                serde_json::from_str(&text).map_err(|_| "JSON".to_owned())?;
            Value::Json(json.to_string())
        }
    };
    Ok(Cell::Value(value))
}

/// The text of a cell. Numbers are written out, never as powers of ten, and whole ones without a point.
pub(super) fn text(raw: RawCell<'_>, kind: TextKind, guarded: bool) -> String {
    match raw {
        RawCell::Text(text) if guarded => guard::unguard(text, kind).into_owned(),
        RawCell::Moment(serial) => match (day_of(serial), moment_of(serial)) {
            (Some(day), _) => day.to_string(),
            (None, Some(local)) => {
                let mut out = Vec::new();
                let shown = writing::Shown {
                    local,
                    offset: None,
                };
                writing::push_shown(&mut out, shown);
                String::from_utf8_lossy(&out).into_owned()
            }
            (None, None) => raw.to_string(),
        },
        _ => raw.to_string(),
    }
}

fn integer(raw: RawCell<'_>, text: &str, signs: Signs) -> Result<Value, String> {
    let number = match raw {
        RawCell::Number(number) => number::integer_of(number).ok_or(NoNumber::Unreadable),
        _ => number::integer(text, signs),
    };
    number
        .map(Value::Integer)
        .map_err(|why| expected_number("a whole number".to_owned(), why))
}

fn decimal(raw: RawCell<'_>, text: &str, scale: u32, signs: Signs) -> Result<Value, String> {
    let number = match raw {
        RawCell::Number(number) => number::decimal_of(number, scale).ok_or(NoNumber::Unreadable),
        _ => number::decimal(text, scale, signs),
    };
    number.map(Value::Decimal).map_err(|why| {
        let what = format!("a number with at most {scale} digits after the decimal sign");
        expected_number(what, why)
    })
}

fn expected_number(what: String, why: NoNumber) -> String {
    match why {
        NoNumber::Unreadable => what,
        NoNumber::Ambiguous => {
            format!(
                "{what}; nothing in the file tells whether this sign is the decimal one or groups thousands"
            )
        }
    }
}

fn boolean(raw: RawCell<'_>, text: &str) -> Result<Value, String> {
    const YES: [&str; 9] = [
        "1",
        "true",
        "yes",
        "y",
        "tak",
        "prawda",
        "да",
        "истина",
        "x",
    ];
    const NO: [&str; 8] = ["0", "false", "no", "n", "nie", "fałsz", "нет", "ложь"];
    if let RawCell::Boolean(flag) = raw {
        return Ok(Value::Boolean(flag));
    }
    let lower = text.trim().to_lowercase();
    if YES.contains(&lower.as_str()) {
        Ok(Value::Boolean(true))
    } else if NO.contains(&lower.as_str()) {
        Ok(Value::Boolean(false))
    } else {
        Err("yes or no".to_owned())
    }
}

fn date(raw: RawCell<'_>, text: &str, how: Reading<'_>) -> Result<Value, String> {
    let day = match raw {
        RawCell::Moment(serial) | RawCell::Number(serial) => {
            day_of(serial).ok_or(NoMoment::Unreadable)
        }
        _ => moment::day(text, how.order),
    };
    day.map(Value::Date).map_err(|why| expected("a date", why))
}

fn timestamp(raw: RawCell<'_>, text: &str, how: Reading<'_>) -> Result<Value, String> {
    let at = match raw {
        RawCell::Moment(serial) | RawCell::Number(serial) => moment_of(serial)
            .ok_or(NoMoment::Unreadable)
            .and_then(|local| moment::in_zone(local, how.zone)),
        _ => moment::instant(text, how.order, how.zone),
    };
    at.map(Value::Timestamp)
        .map_err(|why| expected("a date and time", why))
}

fn expected(what: &str, why: NoMoment) -> String {
    match why {
        NoMoment::Unreadable => format!("{what}, such as 2016-03-01"),
        NoMoment::OrderUnknown => {
            format!("{what} whose order the mapping states: day first or month first")
        }
        NoMoment::Skipped => format!("{what} that the clocks of the zone show"),
    }
}

/// A stored value, or a label in any language.
fn choice(text: &str, choices: &[Choice]) -> Result<Value, String> {
    let text = text.trim();
    let wanted = names::normal(text);
    let by_value = || choices.iter().find(|choice| choice.value == text);
    let by_label = || {
        choices.iter().find(|choice| {
            Locale::ALL
                .iter()
                .any(|locale| names::normal(choice.label.get(*locale)) == wanted)
        })
    };
    let by_lower = || {
        choices
            .iter()
            .find(|choice| names::normal(&choice.value) == wanted)
    };
    by_value()
        .or_else(by_label)
        .or_else(by_lower)
        .map(|choice| Value::Text(choice.value.to_string()))
        .ok_or_else(|| {
            let all: Vec<&str> = choices.iter().map(|choice| choice.value.as_ref()).collect();
            format!("one of {}", all.join(", "))
        })
}

fn list(text: &str, fields: &[Column]) -> Result<Value, String> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|_| "a JSON array of objects".to_owned())?;
    let records = json.as_array().ok_or("a JSON array of objects")?;
    for record in records {
        let record = record.as_object().ok_or("a JSON array of objects")?;
        if let Some(name) = record
            .keys()
            .find(|name| !fields.iter().any(|field| field.name == name.as_str()))
        {
            let known: Vec<&str> = fields.iter().map(|field| field.name.as_ref()).collect();
            return Err(format!("records of {}, without `{name}`", known.join(", ")));
        }
    }
    Ok(Value::Json(json.to_string()))
}

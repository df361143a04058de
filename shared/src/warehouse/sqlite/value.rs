use rusqlite::{
    Statement, ToSql,
    types::{ToSqlOutput, ValueRef as Stored},
};
use rust_decimal::Decimal;

use crate::{
    catalog::Storage,
    warehouse::{ValueRef, number::to_scale, text},
};

/// Numbers of this many digits survive the way through SQLite's floating point unharmed.
const SAFE_MANTISSA: u128 = 999_999_999_999_999;

/// A value on its way into a statement.
pub(super) struct Bound<'v>(pub ValueRef<'v>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            ValueRef::Null => ToSqlOutput::Borrowed(Stored::Null),
            ValueRef::Boolean(flag) => ToSqlOutput::Borrowed(Stored::Integer(flag.into())),
            ValueRef::Integer(number) => ToSqlOutput::Borrowed(Stored::Integer(number)),
            ValueRef::Decimal(number) => decimal(number),
            ValueRef::Text(text) | ValueRef::Json(text) => {
                ToSqlOutput::Borrowed(Stored::Text(text.as_bytes()))
            }
            ValueRef::Date(day) => written(text::date(day).as_ref().map(|text| text.as_slice())),
            ValueRef::Timestamp(at) => {
                written(text::timestamp(at).as_ref().map(|text| text.as_slice()))
            }
        })
    }
}

/// Binds a value; days and instants as text that needs no memory of its own, for there are some in every row.
pub(super) fn bind(
    prepared: &mut Statement<'_>,
    index: usize,
    value: ValueRef<'_>,
) -> rusqlite::Result<()> {
    match value {
        ValueRef::Date(day) => {
            let text = text::date(day);
            let text = text
                .as_ref()
                .and_then(|text| std::str::from_utf8(text).ok());
            prepared.raw_bind_parameter(index, text)
        }
        ValueRef::Timestamp(at) => {
            let text = text::timestamp(at);
            let text = text
                .as_ref()
                .and_then(|text| std::str::from_utf8(text).ok());
            prepared.raw_bind_parameter(index, text)
        }
        value => prepared.raw_bind_parameter(index, Bound(value)),
    }
}

/// Text whose bytes do not outlive the call.
fn written(text: Option<&[u8]>) -> ToSqlOutput<'static> {
    let text = text.map(|text| String::from_utf8_lossy(text).into_owned());
    text.map_or(ToSqlOutput::Borrowed(Stored::Null), ToSqlOutput::from)
}

/// Longer numbers are kept as bytes of text: as plain text the column's affinity would turn them into floating point.
fn decimal(number: Decimal) -> ToSqlOutput<'static> {
    let number = number.normalize();
    let mantissa = number.mantissa();
    if mantissa.unsigned_abs() > SAFE_MANTISSA {
        return ToSqlOutput::from(number.to_string().into_bytes());
    }
    if number.scale() == 0 {
        return i64::try_from(mantissa).map_or_else(
            |_| ToSqlOutput::from(number.to_string().into_bytes()),
            ToSqlOutput::from,
        );
    }
    // Both operands are exact, so the quotient is the double nearest to the number.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the mantissa has at most 15 digits"
    )]
    let quotient = mantissa as f64 / power_of_ten(number.scale());
    ToSqlOutput::from(quotient)
}

fn power_of_ten(scale: u32) -> f64 {
    10f64.powi(i32::try_from(scale).unwrap_or(0))
}

/// A stored value as one of its column's type; also what a person typed into the file. `None` where it is of another type.
pub(super) fn read(stored: Stored<'_>, storage: Storage) -> Option<ValueRef<'_>> {
    if stored == Stored::Null {
        return Some(ValueRef::Null);
    }
    Some(match storage {
        Storage::Text => ValueRef::Text(stored.as_str().ok()?),
        Storage::Json => ValueRef::Json(stored.as_str().ok()?),
        Storage::Integer => ValueRef::Integer(read_integer(stored)?),
        Storage::Decimal(scale) => ValueRef::Decimal(read_decimal(stored, scale)?),
        Storage::Boolean => ValueRef::Boolean(read_boolean(stored)?),
        Storage::Date => ValueRef::Date(text::parse_date(stored.as_str().ok()?)?),
        Storage::Timestamp => ValueRef::Timestamp(text::parse_timestamp(stored.as_str().ok()?)?),
    })
}

fn read_integer(stored: Stored<'_>) -> Option<i64> {
    match stored {
        Stored::Integer(number) => Some(number),
        Stored::Text(text) => std::str::from_utf8(text).ok()?.trim().parse().ok(),
        _ => None,
    }
}

fn read_boolean(stored: Stored<'_>) -> Option<bool> {
    match stored {
        Stored::Integer(number) => Some(number != 0),
        Stored::Text(text) => match std::str::from_utf8(text).ok()?.trim() {
            "true" | "TRUE" | "t" => Some(true),
            "false" | "FALSE" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn read_decimal(stored: Stored<'_>, scale: u32) -> Option<Decimal> {
    let number = match stored {
        Stored::Integer(number) => Decimal::from(number),
        Stored::Real(number) => {
            let units = (number * power_of_ten(scale)).round();
            // Beyond this a double has gaps between whole numbers.
            if units.abs() < 9_007_199_254_740_992.0 {
                #[expect(clippy::cast_possible_truncation, reason = "it was just rounded")]
                return Decimal::try_new(units as i64, scale).ok();
            }
            format!("{number:.*}", usize::try_from(scale).ok()?)
                .parse()
                .ok()?
        }
        Stored::Text(text) | Stored::Blob(text) => {
            std::str::from_utf8(text).ok()?.trim().parse().ok()?
        }
        Stored::Null => return None,
    };
    Some(to_scale(number, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str, scale: u32) -> String {
        let number: Decimal = text.parse().unwrap();
        let bound = Bound(ValueRef::Decimal(number));
        let output = bound.to_sql().unwrap();
        let stored = match &output {
            ToSqlOutput::Borrowed(value) => *value,
            ToSqlOutput::Owned(value) => Stored::from(value),
            _ => panic!("a plain value"),
        };
        match read(stored, Storage::Decimal(scale)) {
            Some(ValueRef::Decimal(number)) => number.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn exact_numbers_stay_exact() {
        for (text, scale) in [
            ("0.10", 2),
            ("-0.07", 2),
            ("9999999999999.99", 2),
            ("12345678901234567890.12", 2),
            ("0.000001", 6),
            ("999999999.999999", 6),
            ("-179.9999999", 7),
        ] {
            assert_eq!(round_trip(text, scale), text);
        }
        assert_eq!(round_trip("-1.000000000", 2), "-1.00");
    }

    #[test]
    fn what_a_person_typed_is_rounded_to_the_scale() {
        let read = |stored| read_decimal(stored, 2).map(|number| number.to_string());
        assert_eq!(read(Stored::Integer(5)).as_deref(), Some("5.00"));
        assert_eq!(read(Stored::Real(2.345_678)).as_deref(), Some("2.35"));
        assert_eq!(read(Stored::Text(b" 7.5 ")).as_deref(), Some("7.50"));
        assert_eq!(read(Stored::Text(b"seven")), None);
        assert_eq!(read(Stored::Real(f64::INFINITY)), None);
    }
}

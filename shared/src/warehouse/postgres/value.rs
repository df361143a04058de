use chrono::{DateTime, Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use sqlx::{
    Decode, Postgres, Row as _, ValueRef as _,
    postgres::{PgArguments, PgRow, PgValueRef},
    query::Query,
    types::Json,
};

use crate::{
    catalog::Storage,
    warehouse::{Rows, Value, ValueRef, WarehouseError, json, number::to_scale, sql::Answer},
};

/// PostgreSQL counts days and microseconds from 2000-01-01; this is that day in microseconds from 1970.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

/// A statement with one more value bound.
pub(super) fn bind<'q>(
    query: Query<'q, Postgres, PgArguments>,
    value: &'q Value,
) -> Query<'q, Postgres, PgArguments> {
    match value {
        Value::Null => query.bind(None::<&str>),
        Value::Boolean(flag) => query.bind(*flag),
        Value::Integer(number) => query.bind(*number),
        Value::Decimal(number) => query.bind(*number),
        Value::Text(text) => query.bind(text.as_str()),
        Value::Date(day) => query.bind(*day),
        Value::Timestamp(at) => query.bind(*at),
        Value::Json(text) => {
            // As it is: a value would round the numbers that it cannot hold.
            let json = serde_json::from_str::<&RawValue>(text);
            query.bind(json.ok().map(Json))
        }
    }
}

/// One column of a batch as an array, bound to a statement.
pub(super) fn bind_column<'q>(
    query: Query<'q, Postgres, PgArguments>,
    rows: &'q Rows,
    column: usize,
    storage: Storage,
) -> Query<'q, Postgres, PgArguments> {
    let values = rows.iter().map(|row| row.get(column));
    match storage {
        Storage::Text | Storage::Json => {
            query.bind(values.map(ValueRef::as_str).collect::<Vec<_>>())
        }
        Storage::Integer => query.bind(values.map(ValueRef::as_integer).collect::<Vec<_>>()),
        Storage::Timestamp => query.bind(values.map(ValueRef::as_timestamp).collect::<Vec<_>>()),
        Storage::Decimal(_) => {
            let numbers = values.map(|value| match value {
                ValueRef::Decimal(number) => Some(number),
                _ => None,
            });
            query.bind(numbers.collect::<Vec<_>>())
        }
        Storage::Boolean => {
            let flags = values.map(|value| match value {
                ValueRef::Boolean(flag) => Some(flag),
                _ => None,
            });
            query.bind(flags.collect::<Vec<_>>())
        }
        Storage::Date => {
            let days = values.map(|value| match value {
                ValueRef::Date(day) => Some(day),
                _ => None,
            });
            query.bind(days.collect::<Vec<_>>())
        }
    }
}

/// How a column's array is called in SQL.
pub(super) const fn array_type(storage: Storage) -> &'static str {
    match storage {
        // jsonb is sent as text and cast, which saves taking it apart here.
        Storage::Text | Storage::Json => "text[]",
        Storage::Integer => "bigint[]",
        Storage::Decimal(_) => "numeric[]",
        Storage::Boolean => "boolean[]",
        Storage::Date => "date[]",
        Storage::Timestamp => "timestamptz[]",
    }
}

/// How a column is declared. Text sorts by its bytes, so that both databases give keys in one order.
pub(super) fn type_of(storage: Storage) -> String {
    match storage {
        Storage::Text => "text COLLATE \"C\"".to_owned(),
        Storage::Integer => "bigint".to_owned(),
        Storage::Decimal(scale) => format!("numeric(38,{scale})"),
        Storage::Boolean => "boolean".to_owned(),
        Storage::Date => "date".to_owned(),
        Storage::Timestamp => "timestamptz".to_owned(),
        Storage::Json => "jsonb".to_owned(),
    }
}

/// Adds a row of an answer to a batch. The server keeps types, and in them values that nothing here can hold: days without
/// end, numbers that are none. A tolerant reader has them marked.
pub(super) fn push(
    rows: &mut Rows,
    row: &PgRow,
    table: &str,
    answers: &[Answer],
    tolerant: bool,
) -> Result<(), WarehouseError> {
    for (index, answer) in answers.iter().enumerate() {
        let pushed = row
            .try_get_raw(index)
            .ok()
            .and_then(|stored| push_value(rows, stored, answer.storage));
        if pushed.is_none() {
            answer.unreadable(rows, table, tolerant)?;
        }
    }
    Ok(())
}

/// Answers of prepared statements come in the binary format.
fn push_value(rows: &mut Rows, stored: PgValueRef<'_>, storage: Storage) -> Option<()> {
    if stored.is_null() {
        rows.push(ValueRef::Null);
        return Some(());
    }
    let bytes = stored.as_bytes().ok()?;
    let value = match storage {
        Storage::Text => ValueRef::Text(std::str::from_utf8(bytes).ok()?),
        Storage::Integer => ValueRef::Integer(i64::from_be_bytes(bytes.try_into().ok()?)),
        Storage::Boolean => ValueRef::Boolean(bytes != [0]),
        Storage::Date => ValueRef::Date(day(i32::from_be_bytes(bytes.try_into().ok()?))?),
        Storage::Timestamp => {
            let microseconds = i64::from_be_bytes(bytes.try_into().ok()?);
            let at = microseconds.checked_add(EPOCH_MICROSECONDS)?;
            ValueRef::Timestamp(DateTime::from_timestamp_micros(at)?)
        }
        Storage::Decimal(scale) => {
            let number = <Decimal as Decode<'_, Postgres>>::decode(stored).ok()?;
            ValueRef::Decimal(to_scale(number, scale))
        }
        Storage::Json => {
            // The first byte is the version of the format.
            let (1, text) = bytes.split_first()? else {
                return None;
            };
            let text = json::canonical(std::str::from_utf8(text).ok()?)?;
            rows.push(ValueRef::Json(&text));
            return Some(());
        }
    };
    rows.push(value);
    Some(())
}

fn day(since_2000: i32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1)?;
    let days = Days::new(since_2000.unsigned_abs().into());
    if since_2000 < 0 {
        first.checked_sub_days(days)
    } else {
        first.checked_add_days(days)
    }
}

use super::{
    super::{
        Limits, Section, WriteError,
        text::{Position, escape},
        value,
    },
    close_tag,
    list::Lists,
    open_tag, value_error,
};
use crate::{
    catalog::{Column, ColumnType},
    warehouse::ValueRef,
};

/// Why a value could not be written.
#[derive(Debug)]
pub(super) enum Fault {
    /// It is not what its column holds.
    Value(&'static str),
    /// It could not be decrypted.
    Password(Box<dyn std::error::Error + Send + Sync>),
}

impl Fault {
    pub(super) fn of(self, section: &Section, id: &str, column: &str) -> WriteError {
        match self {
            Self::Value(problem) => value_error(section, id, column, problem),
            Self::Password(source) => WriteError::Password {
                table: section.table.name.clone().into_owned(),
                id: id.to_owned(),
                source,
            },
        }
    }
}

/// Appends a column's element; nothing where there is no value.
pub(super) fn push(
    column: &Column,
    value: ValueRef<'_>,
    lists: &mut Lists<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if value.is_null() {
        return Ok(());
    }
    open_tag(&column.name, out);
    match (&column.ty, value) {
        (ColumnType::List { item, fields }, ValueRef::Json(json)) => {
            lists.push_list(item, fields, json, out)?;
        }
        (ColumnType::CustomValues, ValueRef::Json(json)) => {
            lists.push_custom_values(json, out)?;
        }
        (ColumnType::Text | ColumnType::Choice(_), ValueRef::Text(text))
        | (ColumnType::Json, ValueRef::Json(text)) => push_text(text, out)?,
        (ColumnType::Boolean, ValueRef::Boolean(flag)) => {
            out.extend_from_slice(if flag { b"true" } else { b"false" });
        }
        (ColumnType::Integer, ValueRef::Integer(number)) => value::push_display(number, out),
        (ColumnType::Decimal { .. }, ValueRef::Decimal(number)) => {
            value::push_decimal(number, out);
        }
        (ColumnType::Date, ValueRef::Date(day)) => value::push_date(day, out),
        (ColumnType::Timestamp, ValueRef::Timestamp(at)) => value::push_instant(at, out),
        _ => return Err(Fault::Value("a value of another type")),
    }
    close_tag(&column.name, out);
    Ok(())
}

/// Appends a text, refusing one that no reader would take.
pub(super) fn push_text(text: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    if text.len() > Limits::TEXT {
        return Err(Fault::Value("a text longer than an exchange file carries"));
    }
    escape(text, Position::Content, out);
    Ok(())
}

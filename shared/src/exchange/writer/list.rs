use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use serde_json::Value as Json;

use super::{
    super::{
        Section, WriteError,
        text::{Position, escape},
        value,
    },
    Passwords,
    cell::{Fault, push_text},
    close_tag, open_tag,
};
use crate::{
    catalog::{Column, ColumnType, repair_shop::PASSWORD},
    warehouse::{Row, ValueRef},
};

/// More custom fields than any shop has.
const MOST_FIELDS: usize = 100_000;

/// Writes lists and custom values, which are JSON in the warehouse and elements in a file.
pub(super) struct Lists<'a> {
    passwords: Passwords<'a>,
    fields: FieldKinds,
    left_out: u64,
}

/// The custom fields that the file carries, and whether their values are passwords.
type FieldKinds = HashMap<String, bool>;

impl<'a> Lists<'a> {
    pub(super) fn new(passwords: Passwords<'a>) -> Self {
        Self {
            passwords,
            fields: FieldKinds::new(),
            left_out: 0,
        }
    }

    /// How many custom values were left out.
    pub(super) const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Remembers a custom field that is written into the file; their section comes before every value.
    pub(super) fn note_field(&mut self, section: &Section, row: Row<'_>) -> Result<(), WriteError> {
        if section.table.name != "custom_fields" {
            return Ok(());
        }
        let ty = section
            .columns
            .iter()
            .position(|column| column.column.name == "type");
        let password = ty.is_some_and(|ty| row.get(ty) == ValueRef::Text(PASSWORD));
        if self.fields.len() == MOST_FIELDS {
            return Err(WriteError::TooManyFields(MOST_FIELDS));
        }
        if let ValueRef::Text(id) = row.get(0) {
            self.fields.insert(id.to_owned(), password);
        }
        Ok(())
    }

    /// Appends the elements of a list.
    pub(super) fn push_list(
        &mut self,
        item: &str,
        fields: &[Column],
        json: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        if json == "[]" {
            return Ok(());
        }
        let records: Vec<BTreeMap<Cow<'_, str>, Json>> = serde_json::from_str(json)
            .map_err(|_| Fault::Value("JSON that is no list of records"))?;
        for mut record in records {
            open_tag(item, out);
            for field in fields {
                if let Some(json) = record.remove(field.name.as_ref()) {
                    self.push_field(field, json, out)?;
                }
            }
            if !record.is_empty() {
                return Err(Fault::Value(
                    "a list with a field that the catalog does not know",
                ));
            }
            close_tag(item, out);
        }
        Ok(())
    }

    fn push_field(&mut self, field: &Column, json: Json, out: &mut Vec<u8>) -> Result<(), Fault> {
        if json.is_null() {
            return Ok(());
        }
        open_tag(&field.name, out);
        match (&field.ty, json) {
            (ColumnType::CustomValues, json @ Json::Object(_)) => {
                self.push_custom_values(&json.to_string(), out)?;
            }
            (ColumnType::Text | ColumnType::Choice(_), Json::String(text)) => {
                push_text(&text, out)?;
            }
            (ColumnType::Boolean, Json::Bool(flag)) => value::push_display(flag, out),
            (ColumnType::Integer, Json::Number(number)) if number.is_i64() => {
                value::push_display(number, out);
            }
            (ColumnType::Decimal { .. }, Json::String(text)) => {
                let number: rust_decimal::Decimal = text
                    .parse()
                    .map_err(|_| Fault::Value("a list with a number that is none"))?;
                // The digits stay as they are: a list's numbers are compared as text.
                value::push_display(number, out);
            }
            (ColumnType::Date, Json::String(text)) => {
                let day = value::date(&text)
                    .map_err(|_| Fault::Value("a list with a day that is none"))?;
                value::push_date(day, out);
            }
            (ColumnType::Timestamp, Json::String(text)) => {
                let at = value::instant(&text)
                    .map_err(|_| Fault::Value("a list with an instant that is none"))?;
                value::push_instant(at, out);
            }
            (ColumnType::Json, json) => push_text(&json.to_string(), out)?,
            _ => return Err(Fault::Value("a list with a field of another type")),
        }
        close_tag(&field.name, out);
        Ok(())
    }

    /// Appends custom values, but for those that must stay at home.
    pub(super) fn push_custom_values(
        &mut self,
        json: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        if json == "{}" {
            return Ok(());
        }
        let values: BTreeMap<Cow<'_, str>, Option<Cow<'_, str>>> = serde_json::from_str(json)
            .map_err(|_| Fault::Value("JSON that is no object of texts"))?;
        for (field, stored) in &values {
            let Some(stored) = stored else { continue };
            let text = match (self.fields.get(field.as_ref()), &mut self.passwords) {
                (Some(false), _) => Cow::Borrowed(stored.as_ref()),
                (Some(true), Passwords::Include(reveal)) => {
                    Cow::Owned(reveal(stored).map_err(Fault::Password)?)
                }
                (Some(true), Passwords::LeaveOut) | (None, _) => {
                    self.left_out += 1;
                    continue;
                }
            };
            out.extend_from_slice(b"<value field=\"");
            escape(field, Position::Attribute, out);
            out.extend_from_slice(b"\">");
            push_text(&text, out)?;
            out.extend_from_slice(b"</value>");
        }
        Ok(())
    }
}

use std::io::Read;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::{
    Limits, ReadError,
    list::ListScratch,
    problem::{Fault, Problem},
    pull::{Pull, TextFault},
    value,
};
use crate::{
    catalog::{AFTER_ORIGIN, Column, ColumnType},
    warehouse::ValueRef,
};

/// The most problems told of one row.
const MOST_FAULTS: usize = 16;

/// One row while it is read: its values by column, their texts in one buffer that every row uses again.
#[derive(Default)]
pub(super) struct RowBuilder {
    slots: Vec<Slot>,
    text: String,
    faults: Faults,
    list: ListScratch,
}

/// What is wrong with a row.
#[derive(Default)]
struct Faults {
    found: Vec<(Option<String>, Fault)>,
    /// Whether the file is of a newer minor version, whose additions are skipped.
    lenient: bool,
    skipped: Vec<String>,
}

/// One value while its row is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    Absent,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Span),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    Json(Span),
}

/// A part of a text buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// What was appended to a buffer since it had this length.
    pub(super) fn since(start: usize, buffer: &str) -> Self {
        Self {
            start,
            end: buffer.len(),
        }
    }

    /// The id with its origin, the file's where it names none. It must be the last in the buffer.
    pub(super) fn whole_id(self, origin: &str, buffer: &mut String) -> Self {
        let id = self.of(buffer);
        if id.is_empty() || id.contains(AFTER_ORIGIN) {
            return self;
        }
        buffer.insert(self.start, AFTER_ORIGIN);
        buffer.insert_str(self.start, origin);
        Self::since(self.start, buffer)
    }

    /// The part of the buffer.
    pub(super) fn of(self, buffer: &str) -> &str {
        buffer.get(self.start..self.end).unwrap_or_default()
    }
}

impl RowBuilder {
    /// Where ids come from that do not say so.
    pub(super) fn set_origin(&mut self, origin: &str) {
        origin.clone_into(&mut self.list.origin);
    }

    /// Additions of a newer minor version are skipped from here on.
    pub(super) fn skip_additions(&mut self) {
        self.faults.lenient = true;
    }

    /// Forgets the row before and begins one of this many columns.
    pub(super) fn begin(&mut self, width: usize) {
        self.slots.clear();
        self.slots.resize(width, Slot::Absent);
        self.text.clear();
        self.faults.found.clear();
        self.faults.skipped.clear();
    }

    /// Puts the row's id into the first column.
    pub(super) fn put_id(&mut self, id: &str) {
        if id.is_empty() {
            return self.put(0, Slot::Absent);
        }
        let start = self.text.len();
        self.text.push_str(id);
        let given = Span::since(start, &self.text);
        let whole = given.whole_id(&self.list.origin, &mut self.text);
        self.put(0, Slot::Text(whole));
    }

    /// Puts a value into a column.
    pub(super) fn put(&mut self, column: usize, slot: Slot) {
        if let Some(place) = self.slots.get_mut(column) {
            *place = slot;
        }
    }

    /// The value of a column.
    pub(super) fn get(&self, column: usize) -> ValueRef<'_> {
        self.slots
            .get(column)
            .map_or(ValueRef::Null, |slot| slot.value(&self.text))
    }

    /// Every value, in the order of the columns.
    pub(super) fn values(&self) -> impl Iterator<Item = ValueRef<'_>> {
        self.slots.iter().map(|slot| slot.value(&self.text))
    }

    /// Bytes of the row's texts.
    pub(super) const fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Reads the element of a column, whose start tag was just read.
    pub(super) fn read<R: Read>(
        &mut self,
        pull: &mut Pull<R>,
        index: usize,
        column: &Column,
        limits: &Limits,
    ) -> Result<(), ReadError> {
        let name = column.name.as_ref();
        let Self {
            text, faults, list, ..
        } = self;
        let start = text.len();
        let mut tell = |field: Option<&str>, fault| {
            let field = match field {
                Some(field) => format!("{name}/{field}"),
                None => name.to_owned(),
            };
            faults.add(Some(field), fault);
        };
        let slot = match &column.ty {
            ColumnType::List { item, fields } => {
                list.read_list(pull, item, fields, text, limits, &mut tell)?;
                Slot::Json(Span::since(start, text))
            }
            ColumnType::CustomValues => {
                list.read_custom_values(pull, text, limits, &mut tell)?;
                Slot::Json(Span::since(start, text))
            }
            scalar => match read_scalar(pull, scalar, text, limits)? {
                Ok(Slot::Text(id)) if column.reference.is_some() => {
                    Slot::Text(id.whole_id(&list.origin, text))
                }
                Ok(slot) => slot,
                Err(fault) => {
                    tell(None, fault);
                    Slot::Absent
                }
            },
        };
        self.put(index, slot);
        Ok(())
    }

    /// Notes what is wrong with the row.
    pub(super) fn reject(&mut self, field: Option<String>, fault: Fault) {
        self.faults.add(field, fault);
    }

    /// Notes that a required column has no value, unless something else was wrong with it.
    pub(super) fn reject_missing(&mut self, column: &str, fault: Fault) {
        let known = |(field, _): &(Option<String>, Fault)| field.as_deref() == Some(column);
        if !self.faults.found.iter().any(known) {
            self.reject(Some(column.to_owned()), fault);
        }
    }

    /// What is wrong with the row.
    pub(super) fn take_faults(&mut self) -> Vec<(Option<String>, Fault)> {
        std::mem::take(&mut self.faults.found)
    }

    /// The elements and attributes of a newer minor version that were skipped.
    pub(super) fn take_skipped(&mut self) -> Vec<String> {
        std::mem::take(&mut self.faults.skipped)
    }
}

impl Faults {
    fn add(&mut self, field: Option<String>, fault: Fault) {
        let addition = matches!(
            fault.problem,
            Problem::UnknownElement | Problem::UnknownAttribute
        );
        if self.lenient && addition {
            if self.skipped.len() < MOST_FAULTS {
                self.skipped.push(fault.found);
            }
        } else if self.found.len() < MOST_FAULTS {
            self.found.push((field, fault));
        }
    }
}

impl Slot {
    fn value(self, text: &str) -> ValueRef<'_> {
        match self {
            Self::Absent => ValueRef::Null,
            Self::Boolean(flag) => ValueRef::Boolean(flag),
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Decimal(number) => ValueRef::Decimal(number),
            Self::Text(span) => ValueRef::Text(span.of(text)),
            Self::Date(day) => ValueRef::Date(day),
            Self::Timestamp(at) => ValueRef::Timestamp(at),
            Self::Json(span) => ValueRef::Json(span.of(text)),
        }
    }
}

/// Reads the element of a value that is not a list, whose start tag was just read. Text stays in the buffer.
pub(super) fn read_scalar<R: Read>(
    pull: &mut Pull<R>,
    ty: &ColumnType,
    text: &mut String,
    limits: &Limits,
) -> Result<Result<Slot, Fault>, ReadError> {
    let start = text.len();
    let longest = limits.text.min(limits.row.saturating_sub(start));
    let fault = pull.read_text(text, longest)?;
    if let Some(fault) = fault {
        text.truncate(start);
        return Ok(Err(fault.of_row(longest)));
    }
    Ok(match ty {
        ColumnType::Text | ColumnType::List { .. } | ColumnType::CustomValues => {
            Ok(Slot::Text(Span::since(start, text)))
        }
        ColumnType::Choice(choices) => {
            let raw = text.get(start..).unwrap_or_default();
            value::choice(raw, choices).map(|chosen| {
                let lead = raw.len() - raw.trim_start_matches(value::is_space).len();
                Slot::Text(Span {
                    start: start + lead,
                    end: start + lead + chosen.len(),
                })
            })
        }
        ColumnType::Json => {
            let raw = text.split_off(start);
            super::json::push_canonical(&raw, text).map(|()| Slot::Json(Span::since(start, text)))
        }
        _ => {
            let parsed = parse(text.get(start..).unwrap_or_default(), ty);
            text.truncate(start);
            parsed
        }
    })
}

/// A value that is no text.
fn parse(raw: &str, ty: &ColumnType) -> Result<Slot, Fault> {
    match ty {
        ColumnType::Boolean => value::boolean(raw).map(Slot::Boolean),
        ColumnType::Integer => value::integer(raw).map(Slot::Integer),
        ColumnType::Decimal { scale } => value::decimal(raw, *scale).map(Slot::Decimal),
        ColumnType::Date => value::date(raw).map(Slot::Date),
        ColumnType::Timestamp => value::instant(raw).map(Slot::Timestamp),
        _ => Ok(Slot::Absent),
    }
}

impl TextFault {
    /// The problem of the row whose value has this text.
    pub(super) fn of_row(self, longest: usize) -> Fault {
        match self {
            Self::TooLong => Fault::new(
                Problem::TooLong,
                format!("at most {longest} bytes"),
                "a longer text",
            ),
            Self::Character(character) => Fault::new(
                Problem::Character,
                "characters that XML can hold; others are written as _xHHHH_",
                &format!("U+{:04X}", u32::from(character)),
            ),
            Self::Element(name) => Fault::new(
                Problem::UnknownElement,
                "text without elements",
                &format!("<{name}>"),
            ),
        }
    }
}

use std::io::Write;

use super::{Kind, Plan, plans};
use crate::{
    sheets::{
        Convention, SheetError,
        custom::{self, FieldValues},
        guard::{self, TextKind},
        list::{CustomField, List},
        moment, number,
    },
    warehouse::{Row, Rows, ValueRef},
};

/// Bytes gathered before they are handed on.
const BUFFER: usize = 64 * 1024;

/// Writes a list as CSV, row by row; memory does not grow with the rows.
///
/// Quotes stand only where a cell needs them. An empty text is `""`, nothing is an empty cell.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    plans: Vec<Plan>,
    fields: Vec<CustomField>,
    custom_source: Option<usize>,
    values: FieldValues,
    convention: Convention,
    /// Bytes that call for quotes.
    special: [bool; 256],
    rows: u64,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a file with its header.
    pub fn new(list: &List, convention: Convention, out: W) -> Result<Self, SheetError> {
        let plans = plans(list, convention);
        let custom_source = plans
            .iter()
            .find(|plan| matches!(plan.kind, Kind::Custom { .. }))
            .map(|plan| plan.source);
        let mut writer = Self {
            out,
            buffer: Vec::with_capacity(BUFFER + BUFFER / 4),
            plans,
            fields: list.fields().to_vec(),
            custom_source,
            values: FieldValues::default(),
            convention,
            special: special_bytes(convention.separator()),
            rows: 0,
        };
        writer
            .buffer
            .extend_from_slice(convention.byte_order_mark());
        for (index, text) in list.header(convention).iter().enumerate() {
            writer.separate(index);
            let guarded = convention.locale().is_some();
            push_text(
                &mut writer.buffer,
                &writer.special,
                text,
                TextKind::Free,
                guarded,
            );
        }
        writer.end_row()?;
        Ok(writer)
    }

    /// Writes rows of the list's [`scan`](List::scan).
    pub fn write(&mut self, rows: &Rows) -> Result<(), SheetError> {
        for row in rows.iter() {
            self.row(row)?;
        }
        Ok(())
    }

    /// How many rows were written.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands on what is left and gives back what took the file.
    pub fn finish(mut self) -> Result<W, SheetError> {
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), SheetError> {
        self.rows += 1;
        if let Some(source) = self.custom_source
            && !self.values.read(row.get(source).as_str(), &self.fields)
        {
            return Err(SheetError::CustomValues { row: self.rows });
        }
        let start = self.buffer.len();
        let separator = self.convention.separator();
        for (index, plan) in self.plans.iter().enumerate() {
            if index > 0 {
                self.buffer.push(separator);
            }
            let cell = Cell {
                special: &self.special,
                convention: self.convention,
                fields: &self.fields,
                values: &self.values,
            };
            cell.push(&mut self.buffer, plan, row.get(plan.source));
        }
        // A row that is one empty cell would be an empty line, which readers pass over.
        if self.buffer.len() == start {
            self.buffer.extend_from_slice(b"\"\"");
        }
        self.end_row()
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.buffer.push(self.convention.separator());
        }
    }

    fn end_row(&mut self) -> Result<(), SheetError> {
        self.buffer.extend_from_slice(self.convention.newline());
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

/// What writing one cell needs to know.
struct Cell<'a> {
    special: &'a [bool; 256],
    convention: Convention,
    fields: &'a [CustomField],
    values: &'a FieldValues,
}

impl Cell<'_> {
    fn push(&self, out: &mut Vec<u8>, plan: &Plan, value: ValueRef<'_>) {
        let localised = self.convention.locale().is_some();
        if let Kind::Custom { index, secret } = plan.kind {
            if let Some(text) = self.values.get(index, secret) {
                let text = custom::shown(self.fields.get(index), text, self.convention);
                push_text(out, self.special, text, TextKind::Identifier, localised);
            }
            return;
        }
        match value {
            ValueRef::Null => {}
            ValueRef::Text(text) => self.text(out, plan, text),
            ValueRef::Integer(number) => number::push_integer(out, number),
            ValueRef::Decimal(number) if localised => {
                let scale = match plan.kind {
                    Kind::Decimal(scale) => scale,
                    _ => number.scale(),
                };
                let sign = if self.convention.decimal_comma() {
                    b','
                } else {
                    b'.'
                };
                number::push_decimal(out, number, sign, Some(scale));
            }
            ValueRef::Decimal(number) => number::push_decimal(out, number, b'.', None),
            ValueRef::Boolean(flag) => {
                out.extend_from_slice(self.convention.boolean(flag).as_bytes());
            }
            ValueRef::Date(day) => moment::push_day(out, day),
            ValueRef::Timestamp(at) if localised => {
                moment::push_shown(out, moment::shown(at, self.convention.zone()));
            }
            ValueRef::Timestamp(at) => moment::push_utc(out, at),
            ValueRef::Json(json) => match plan.kind {
                Kind::Masked => {
                    if let Some(json) = custom::masked(json, &plan.column, self.fields) {
                        push_text(out, self.special, &json, TextKind::Free, localised);
                    }
                }
                _ => push_text(out, self.special, json, TextKind::Free, localised),
            },
        }
    }

    fn text(&self, out: &mut Vec<u8>, plan: &Plan, text: &str) {
        let localised = self.convention.locale().is_some();
        match &plan.kind {
            Kind::Text(TextKind::Phone) if localised && guard::push_grouped(out, text) => {}
            Kind::Text(kind) => push_text(out, self.special, text, *kind, localised),
            Kind::Choice(labels) => {
                let shown = labels
                    .iter()
                    .find(|(value, _)| value == text)
                    .map_or(text, |(_, label)| label);
                push_text(out, self.special, shown, TextKind::Free, localised);
            }
            _ => push_text(out, self.special, text, TextKind::Free, localised),
        }
    }
}

/// Bytes that call for quotes around a cell.
pub(in crate::sheets) fn special_bytes(separator: u8) -> [bool; 256] {
    let mut special = [false; 256];
    for byte in [separator, b'"', b'\r', b'\n'] {
        if let Some(place) = special.get_mut(usize::from(byte)) {
            *place = true;
        }
    }
    special
}

/// Writes a text cell, quoted where it must be; `guarded` as spreadsheets need it.
pub(in crate::sheets) fn push_text(
    out: &mut Vec<u8>,
    special: &[bool; 256],
    text: &str,
    kind: TextKind,
    guarded: bool,
) {
    if text.is_empty() {
        out.extend_from_slice(b"\"\"");
        return;
    }
    let guarded = guarded && guard::needs_guard(text, kind);
    let quoted = text
        .bytes()
        .any(|byte| special.get(usize::from(byte)).copied().unwrap_or(false));
    if quoted {
        out.push(b'"');
    }
    if guarded {
        out.push(guard::GUARD);
    }
    if quoted {
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\"\"");
            }
            out.extend_from_slice(part.as_bytes());
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

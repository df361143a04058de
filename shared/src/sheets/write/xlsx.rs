use std::{
    fs::File,
    io::{self, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    str::FromStr,
};

use chrono::NaiveTime;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet};

use super::{Kind, Plan, overflow::Overflow, plans, serial};
use crate::{
    catalog::ColumnType,
    sheets::{
        Convention, SheetError,
        custom::{self, FieldValues},
        guard::TextKind,
        list::{CustomField, List},
        moment, number,
    },
    warehouse::{Row, Rows, ValueRef},
};

/// How much a sheet and a cell take.
///
/// Source of the defaults: support.microsoft.com, "Excel specifications and limits".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XlsxLimits {
    /// Rows of a sheet, its header included; at least 2.
    pub rows: u32,
    /// UTF-16 units of a cell's text; at least 100.
    pub text: usize,
}

impl Default for XlsxLimits {
    fn default() -> Self {
        Self {
            rows: 1_048_576,
            text: 32_767,
        }
    }
}

/// Writes a list as an XLSX workbook. Rows lie in temporary files of the given folder until the end, so memory does not
/// grow with them.
pub struct XlsxWriter {
    workbook: Workbook,
    folder: PathBuf,
    title: String,
    header: Vec<String>,
    plans: Vec<Plan>,
    formats: Formats,
    fields: Vec<CustomField>,
    custom_source: Option<usize>,
    values: FieldValues,
    convention: Convention,
    limits: XlsxLimits,
    overflow: Overflow,
    sheets: usize,
    data_sheets: usize,
    sheet: usize,
    next_row: u32,
    rows: u64,
}

#[derive(Debug)]
struct Formats {
    header: Format,
    text: Format,
    day: Format,
    time: Format,
    whole: Format,
    exact: Format,
    money: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new()
                .set_bold()
                .set_align(FormatAlign::Top)
                .set_text_wrap(),
            text: Format::new().set_num_format("@"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            whole: Format::new().set_num_format("0"),
            exact: Format::new().set_num_format("0.######"),
            money: Format::new().set_num_format("#,##0.00"),
        }
    }
}

impl XlsxWriter {
    /// Begins a workbook with its header. Temporary files, and the finished one, lie in this folder.
    pub fn new(
        list: &List,
        convention: Convention,
        limits: XlsxLimits,
        folder: &Path,
    ) -> Result<Self, SheetError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder)?;
        let plans = plans(list, convention);
        let limits = XlsxLimits {
            rows: limits.rows.clamp(2, XlsxLimits::default().rows),
            text: limits.text.clamp(100, XlsxLimits::default().text),
        };
        let mut writer = Self {
            workbook,
            folder: folder.to_owned(),
            title: sheet_title(list.title(convention.locale())),
            header: list.header(convention),
            custom_source: plans
                .iter()
                .find(|plan| matches!(plan.kind, Kind::Custom { .. }))
                .map(|plan| plan.source),
            plans,
            formats: Formats::new(),
            fields: list.fields().to_vec(),
            values: FieldValues::default(),
            convention,
            limits,
            overflow: Overflow::new(limits.text),
            sheets: 0,
            data_sheets: 0,
            sheet: 0,
            next_row: 0,
            rows: 0,
        };
        whole(|| writer.begin_sheet())?;
        Ok(writer)
    }

    /// Writes rows of the list's [`scan`](List::scan).
    pub fn write(&mut self, rows: &Rows) -> Result<(), SheetError> {
        whole(|| rows.iter().try_for_each(|row| self.row(row)))
    }

    /// How many rows were written.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Packs the workbook into a temporary file of the folder, at its beginning; it is gone when it is closed.
    pub fn finish(mut self) -> Result<File, SheetError> {
        self.end_sheet()?;
        let mut file = tempfile::tempfile_in(&self.folder)?;
        whole(|| Ok(self.workbook.save_to_writer(&mut file)?))?;
        file.rewind()?;
        Ok(file)
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), SheetError> {
        if self.next_row >= self.limits.rows {
            self.end_sheet()?;
            self.begin_sheet()?;
        }
        self.rows += 1;
        if let Some(source) = self.custom_source
            && !self.values.read(row.get(source).as_str(), &self.fields)
        {
            return Err(SheetError::CustomValues { row: self.rows });
        }
        let plans = std::mem::take(&mut self.plans);
        let written = plans.iter().enumerate().try_for_each(|(index, plan)| {
            let column = u16::try_from(index).unwrap_or(u16::MAX);
            self.cell(column, plan, row.get(plan.source))
        });
        self.plans = plans;
        self.next_row += 1;
        written
    }

    fn cell(&mut self, column: u16, plan: &Plan, value: ValueRef<'_>) -> Result<(), SheetError> {
        if let Kind::Custom { index, secret } = plan.kind {
            let text = self.values.get(index, secret);
            let text =
                text.map(|text| custom::shown(self.fields.get(index), text, self.convention));
            let text = text.map(str::to_owned);
            return text.map_or(Ok(()), |text| self.text(column, text, true));
        }
        match value {
            ValueRef::Null => Ok(()),
            ValueRef::Text(text) => {
                let (shown, kept) = match &plan.kind {
                    Kind::Choice(labels) => {
                        let label = labels.iter().find(|(value, _)| value == text);
                        (label.map_or(text, |(_, label)| label), false)
                    }
                    Kind::Text(kind) => (
                        text,
                        *kind != TextKind::Free || plan.column.reference.is_some(),
                    ),
                    _ => (text, false),
                };
                self.text(column, shown.to_owned(), kept)
            }
            ValueRef::Json(json) => match plan.kind {
                Kind::Masked => custom::masked(json, &plan.column, &self.fields)
                    .map_or(Ok(()), |json| self.text(column, json, false)),
                _ => self.text(column, json.to_owned(), false),
            },
            ValueRef::Boolean(flag) => {
                let row = self.next_row;
                self.current()?.write_boolean(row, column, flag)?;
                Ok(())
            }
            ValueRef::Integer(whole) => self.integer(column, whole),
            ValueRef::Decimal(exact) => self.decimal(column, exact, &plan.column.ty),
            ValueRef::Date(day) => match serial::serial_of(day.and_time(NaiveTime::MIN)) {
                Some(serial) => self.number(column, serial, |formats| &formats.day),
                None => self.written(column, |out| moment::push_day(out, day)),
            },
            // A spreadsheet's time has no zone; for programs it must say that it is UTC.
            ValueRef::Timestamp(at) if self.convention.locale().is_none() => {
                self.written(column, |out| moment::push_utc(out, at))
            }
            ValueRef::Timestamp(at) => {
                let shown = moment::shown(at, self.convention.zone());
                match serial::serial_of(shown.local).filter(|_| shown.offset.is_none()) {
                    Some(serial) => self.number(column, serial, |formats| &formats.time),
                    None => self.written(column, |out| moment::push_shown(out, shown)),
                }
            }
        }
    }

    /// A number that a spreadsheet would round is written as text.
    fn integer(&mut self, column: u16, whole: i64) -> Result<(), SheetError> {
        if whole.unsigned_abs() < 1_000_000_000_000_000 {
            self.number(column, whole as f64, |formats| &formats.whole)
        } else {
            self.written(column, |out| number::push_integer(out, whole))
        }
    }

    fn decimal(&mut self, column: u16, exact: Decimal, ty: &ColumnType) -> Result<(), SheetError> {
        let short = exact.normalize();
        let float = short.to_f64().filter(|float| {
            short.mantissa().unsigned_abs() < 1_000_000_000_000_000
                && Decimal::from_str(&float.to_string()) == Ok(short)
        });
        let money = matches!(ty, ColumnType::Decimal { scale: 2 });
        match float {
            Some(float) => self.number(column, float, |formats| match (money, short.scale()) {
                (true, _) => &formats.money,
                (false, 0) => &formats.whole,
                (false, _) => &formats.exact,
            }),
            None => self.written(column, |out| number::push_decimal(out, exact, b'.', None)),
        }
    }

    fn number(
        &mut self,
        column: u16,
        number: f64,
        format: impl Fn(&Formats) -> &Format,
    ) -> Result<(), SheetError> {
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        sheet.write_number_with_format(self.next_row, column, number, format(&self.formats))?;
        Ok(())
    }

    fn written(&mut self, column: u16, push: impl FnOnce(&mut Vec<u8>)) -> Result<(), SheetError> {
        let mut text = Vec::with_capacity(32);
        push(&mut text);
        self.text(column, String::from_utf8_lossy(&text).into_owned(), true)
    }

    /// Writes text; kept as text when somebody edits the cell, for what looks like a number and is none.
    fn text(&mut self, column: u16, text: String, kept: bool) -> Result<(), SheetError> {
        let text = if self.overflow.takes(&text) {
            self.overflow
                .keep(&mut self.workbook, &mut self.sheets, &text)?
        } else {
            text
        };
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        if kept {
            sheet.write_string_with_format(self.next_row, column, text, &self.formats.text)?;
        } else {
            sheet.write_string(self.next_row, column, text)?;
        }
        Ok(())
    }

    fn current(&mut self) -> Result<&mut Worksheet, SheetError> {
        Ok(self.workbook.worksheet_from_index(self.sheet)?)
    }

    fn begin_sheet(&mut self) -> Result<(), SheetError> {
        self.data_sheets += 1;
        let name = match self.data_sheets {
            1 => self.title.clone(),
            number => format!("{} {number}", self.title),
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (index, plan) in self.plans.iter().enumerate() {
            let column = u16::try_from(index).unwrap_or(u16::MAX);
            let header = self.header.get(index).map_or("", String::as_str);
            sheet.set_column_width(column, width(plan, header))?;
        }
        for (index, header) in self.header.iter().enumerate() {
            let column = u16::try_from(index).unwrap_or(u16::MAX);
            sheet.write_string_with_format(0, column, header, &self.formats.header)?;
        }
        self.sheet = self.sheets;
        self.sheets += 1;
        self.next_row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), SheetError> {
        let last_row = self.next_row.saturating_sub(1);
        let last_column = u16::try_from(self.header.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.current()?.autofilter(0, 0, last_row, last_column)?;
        Ok(())
    }
}

/// The library panics when its temporary file cannot be written; here that is an error like any other.
fn whole<T>(work: impl FnOnce() -> Result<T, SheetError>) -> Result<T, SheetError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(SheetError::Io(io::Error::new(
            io::ErrorKind::StorageFull,
            "a temporary file could not be written",
        )))
    })
}

/// A name that a sheet can have, with room for a number behind it.
fn sheet_title(title: &str) -> String {
    let clean: String = title
        .chars()
        .map(|character| match character {
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'' => ' ',
            other => other,
        })
        .take(25)
        .collect();
    let clean = clean.trim();
    if clean.is_empty() {
        "Wynos".to_owned()
    } else {
        clean.to_owned()
    }
}

/// A width, in characters, that shows usual values without hiding the header.
fn width(plan: &Plan, header: &str) -> f64 {
    let usual: f64 = match (&plan.kind, &plan.column.ty) {
        (_, ColumnType::Timestamp) => 19.0,
        (_, ColumnType::Date | ColumnType::Integer | ColumnType::Decimal { .. }) => 12.0,
        (_, ColumnType::Boolean) => 8.0,
        (Kind::Text(TextKind::Phone), _) => 17.0,
        (Kind::Text(TextKind::Identifier) | Kind::Choice(_), _) => 20.0,
        _ => 28.0,
    };
    let header = f64::from(u16::try_from(header.chars().count()).unwrap_or(u16::MAX)) + 3.0;
    usual.max(header.min(30.0))
}

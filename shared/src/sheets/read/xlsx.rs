use std::{
    io::{Read, Seek},
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use calamine::{
    DataRef, Reader as _, Xlsx, XlsxCellFormulaMetadataRecord as CellRecord, XlsxError,
    XlsxFormulaMetadata as Formula,
};

use super::{
    ReadLimits,
    archive::damaged,
    overflow::Overflowed,
    record::{EachRow, RawCell, Record},
};
use crate::sheets::{SheetError, write::OVERFLOW_SHEET};

/// Days between the two days that workbooks count from.
const EPOCH_1904: f64 = 1462.0;

/// Gives the rows of every sheet in order, blank ones left out, with the sheet's name; stops when told to.
pub(super) fn rows<R: Read + Seek>(
    input: R,
    limits: &ReadLimits,
    folder: &Path,
    each: &mut EachRow<'_>,
) -> Result<(), SheetError> {
    let mut workbook = safely("the workbook", || Xlsx::new(input))?;
    let names = workbook.sheet_names();
    let mut overflowed = None;
    if names.iter().any(|name| name == OVERFLOW_SHEET) {
        let mut texts = Overflowed::new(folder, limits.row_bytes)?;
        let _whole = sheet(&mut workbook, OVERFLOW_SHEET, limits, None, &mut |row| {
            texts.keep(row)?;
            Ok(ControlFlow::Continue(()))
        })?;
        overflowed = Some(texts);
    }
    for name in names.iter().filter(|name| *name != OVERFLOW_SHEET) {
        let mut each = |row: &Record| each(name, row);
        if sheet(&mut workbook, name, limits, overflowed.as_mut(), &mut each)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn sheet<R: Read + Seek>(
    workbook: &mut Xlsx<R>,
    name: &str,
    limits: &ReadLimits,
    mut overflowed: Option<&mut Overflowed>,
    each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>, SheetError>,
) -> Result<ControlFlow<()>, SheetError> {
    let shift = if workbook.has_1904_epoch() {
        EPOCH_1904
    } else {
        0.0
    };
    let opened = safely(name, || match workbook.worksheet_cells_reader(name) {
        // A chart can have a sheet of its own, without cells.
        Err(XlsxError::NotAWorksheet(_)) => Ok(None),
        opened => opened.map(Some),
    })?;
    let Some(mut cells) = opened else {
        return Ok(ControlFlow::Continue(()));
    };
    let mut record = Record::default();
    record.clear(0);
    while let Some(cell) = safely(name, || cells.next_cell_with_formula_metadata())? {
        let (row, column) = cell.pos;
        let line = u64::from(row) + 1;
        if line != record.line {
            if line < record.line {
                return Err(damaged(
                    &format!("{name}, row {line}"),
                    &"rows are out of order",
                ));
            }
            if !record.is_blank() && each(&record)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            record.clear(line);
        }
        let column = column as usize;
        if column >= limits.columns {
            return Err(SheetError::TooManyCells {
                line,
                found: column + 1,
                limit: limits.columns,
            });
        }
        if column < record.len() {
            return Err(damaged(
                &format!("{name}, row {line}"),
                &"cells are out of order",
            ));
        }
        record.pad(column);
        push(&mut record, &cell, shift, overflowed.as_deref_mut())?;
    }
    if record.is_blank() {
        return Ok(ControlFlow::Continue(()));
    }
    each(&record)
}

fn push(
    record: &mut Record,
    cell: &CellRecord<'_>,
    shift: f64,
    overflowed: Option<&mut Overflowed>,
) -> Result<(), SheetError> {
    let text = match &cell.value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.as_str()
        }
        DataRef::SharedString(text) => text,
        other => {
            record.push(match other {
                DataRef::Int(number) => RawCell::Number(*number as f64),
                DataRef::Float(number) => RawCell::Number(*number),
                DataRef::DateTime(at) if at.is_duration() => RawCell::Number(at.as_f64()),
                DataRef::DateTime(at) => RawCell::Moment(at.as_f64() + shift),
                DataRef::Bool(flag) => RawCell::Boolean(*flag),
                DataRef::Error(_) => RawCell::Failed,
                DataRef::Empty => without_result(cell.formula.as_ref()),
                _ => RawCell::Empty,
            });
            return Ok(());
        }
    };
    match overflowed.and_then(|texts| texts.get(text).transpose()) {
        Some(whole) => record.push(RawCell::Text(&whole?)),
        None => record.push(RawCell::Text(text)),
    }
    Ok(())
}

/// What a cell without a value holds: programs that do not calculate write formulas without their results.
const fn without_result(formula: Option<&Formula>) -> RawCell<'_> {
    match formula {
        Some(Formula::Normal { formula }) if formula.is_empty() => RawCell::Empty,
        Some(Formula::Normal { formula } | Formula::Shared { formula, .. }) => {
            RawCell::Formula(formula.as_str())
        }
        Some(_) => RawCell::Formula(""),
        None => RawCell::Empty,
    }
}

/// A damaged workbook is an error even where the library panics over it.
fn safely<T>(place: &str, work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, SheetError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(XlsxError::Io(error))) => Err(SheetError::Io(error)),
        Ok(Err(error)) => Err(damaged(place, &error)),
        Err(_) => Err(damaged(place, &"it is damaged")),
    }
}

mod bad;
mod lists;
mod mapping;
mod ords;
mod reading;
mod roundtrip;
mod workbooks;

use std::{io::Cursor, ops::ControlFlow, sync::Arc};

use super::*;
use crate::{
    catalog::{Locale, Table},
    warehouse::{Rows, Value},
};

const WARSAW: chrono_tz::Tz = chrono_tz::Europe::Warsaw;

fn conventions() -> [Convention; 4] {
    let of = |locale| Convention::localised(locale, WARSAW);
    [
        Convention::plain(),
        of(Locale::Pl),
        of(Locale::Ru),
        of(Locale::En),
    ]
}

fn fields() -> Vec<CustomField> {
    let field = |id: &str, name: &str, ty: &str| CustomField {
        id: id.to_owned(),
        name: name.to_owned(),
        ty: ty.to_owned(),
    };
    vec![
        field("shop:f1", "Kolor", "TEXT"),
        field("shop:f2", "Model", "TEXT"),
        field("shop:f3", "Kod PIN", "PASSWORD"),
        field("shop:f4", "Kolor", "SELECT"),
    ]
}

fn options() -> ReadOptions {
    ReadOptions::new(WARSAW, "shop", std::env::temp_dir())
}

fn csv_of(list: &List, convention: Convention, rows: &Rows) -> Vec<u8> {
    let mut writer = CsvWriter::new(list, convention, Vec::new()).unwrap();
    writer.write(rows).unwrap();
    writer.finish().unwrap()
}

fn xlsx_of(list: &List, convention: Convention, limits: XlsxLimits, rows: &Rows) -> Vec<u8> {
    let mut writer = XlsxWriter::new(list, convention, limits, &std::env::temp_dir()).unwrap();
    writer.write(rows).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut writer.finish().unwrap(), &mut bytes).unwrap();
    bytes
}

/// All that a file gives, its batches put together.
#[derive(Debug, Default)]
struct Everything {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
    lines: Vec<u64>,
    lookups: Vec<Lookup>,
    kept: Vec<Kept>,
    problems: Vec<RowProblem>,
    summary: ReadSummary,
}

impl Everything {
    fn value(&self, row: usize, column: &str) -> &Value {
        let index = self.columns.iter().position(|name| name == column).unwrap();
        &self.rows[row][index]
    }
}

fn open(bytes: impl AsRef<[u8]>) -> Result<SheetFile<Cursor<Vec<u8>>>, SheetError> {
    SheetFile::open(Cursor::new(bytes.as_ref().to_vec()), options())
}

fn read(bytes: impl AsRef<[u8]>, table: &Arc<Table>) -> Result<Everything, SheetError> {
    let mut file = open(bytes)?;
    let mapping = file.guess(table, &fields()).mapping;
    read_mapped(&mut file, table, &mapping)
}

fn read_mapped(
    file: &mut SheetFile<Cursor<Vec<u8>>>,
    table: &Arc<Table>,
    mapping: &Mapping,
) -> Result<Everything, SheetError> {
    let mut all = Everything::default();
    let summary = file.read(table, mapping, &fields(), &mut |batch| {
        gather(&mut all, &batch);
        ControlFlow::Continue(())
    })?;
    all.summary = summary;
    Ok(all)
}

fn gather(all: &mut Everything, batch: &SheetBatch) {
    let before = all.rows.len();
    all.columns = batch.columns.to_vec();
    for row in batch.rows.iter() {
        all.rows
            .push(row.values().map(|value| value.to_owned()).collect());
    }
    all.lines.extend(&batch.lines);
    all.lookups
        .extend(batch.lookups.iter().cloned().map(|mut lookup| {
            lookup.row += before;
            lookup
        }));
    all.kept.extend(batch.kept.iter().cloned());
    all.problems.extend(batch.problems.iter().cloned());
}

fn table(name: &str) -> &'static Arc<Table> {
    crate::catalog::table(name).unwrap()
}

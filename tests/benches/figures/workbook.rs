//! XLSX beside `rust_xlsxwriter` that is fed the same cells with the same formats from memory, both in constant memory.

use std::{fs::File, io, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Europe::Warsaw;
use futures::TryStreamExt;
use rust_xlsxwriter::{Format, Workbook};
use serde::{Deserialize, Serialize};
use wynos::{
    catalog::{Column, ColumnType, Locale},
    sheets::{List, XlsxLimits, XlsxWriter},
    warehouse::ValueRef,
};

use crate::{
    customers::{Customers, Kind, table},
    figure::Figure,
    lists::{convention, list},
    place::Place,
    plain::Plain,
    task::{Measured, Task, block_on},
};

/// The list of customers as a workbook with Polish conventions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkbookTask {
    place: Place,
    folder: PathBuf,
    output: PathBuf,
}

pub fn figures() -> Vec<Figure> {
    vec![
        Figure {
            name: "xlsx-sqlite",
            what: "XLSX from SQLite / rust_xlsxwriter from memory",
            rows: 200_000,
            promised: Some(1.5),
            sides: |customers, rows| sides(customers, rows, Kind::Sqlite),
            stages: None,
        },
        Figure {
            name: "xlsx-postgres",
            what: "XLSX from PostgreSQL / rust_xlsxwriter from memory",
            rows: 200_000,
            promised: Some(1.5),
            sides: |customers, rows| sides(customers, rows, Kind::Postgres),
            stages: None,
        },
    ]
}

fn sides(customers: &mut Customers, rows: u64, kind: Kind) -> Result<(Task, Vec<Plain>)> {
    let place = customers.warehouse(kind, rows)?;
    let task = |output, place| WorkbookTask {
        place,
        folder: customers.file(""),
        output: customers.file(output),
    };
    let plain = Task::PlainWorkbook(task("theirs.xlsx", place.clone()));
    Ok((
        Task::Workbook(task("ours.xlsx", place)),
        vec![Plain::Task(plain)],
    ))
}

impl WorkbookTask {
    /// Ours: from the database to the finished file in its place.
    pub fn run(&self) -> Result<Measured> {
        block_on(async {
            let warehouse = self.place.open().await?;
            let begun = Instant::now();
            let list = list()?;
            let limits = XlsxLimits::default();
            let mut writer = XlsxWriter::new(&list, convention(true), limits, &self.folder)?;
            let snapshot = warehouse.snapshot().await?;
            let mut batches = snapshot.scan(list.scan()).await?;
            while let Some(rows) = batches.try_next().await? {
                writer.write(&rows)?;
            }
            let mut finished = writer.finish()?;
            let bytes = io::copy(&mut finished, &mut File::create(&self.output)?)?;
            Ok(Measured::new(begun, bytes))
        })
    }

    /// The library alone; that its cells come to be in memory is not counted.
    pub fn run_plain(&self) -> Result<Measured> {
        let list = list()?;
        let cells = block_on(self.cells(&list))?;
        let begun = Instant::now();
        let formats = [
            Format::new().set_num_format("@"),
            Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        ];
        let [text_format, time_format] = &formats;
        let mut workbook = Workbook::new();
        workbook.set_tempdir(&self.folder)?;
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, header) in (0u16..).zip(list.header(convention(true))) {
            sheet.set_column_width(column, 20)?;
            sheet.write_string(0, column, header)?;
        }
        for (row, cells) in (1u32..).zip(&cells) {
            for (column, cell) in (0u16..).zip(cells) {
                match cell {
                    Cell::Empty => continue,
                    Cell::Text(text) => sheet.write_string(row, column, text)?,
                    Cell::Kept(text) => {
                        sheet.write_string_with_format(row, column, text, text_format)?
                    }
                    Cell::Flag(flag) => sheet.write_boolean(row, column, *flag)?,
                    Cell::Time(time) => {
                        sheet.write_number_with_format(row, column, *time, time_format)?
                    }
                };
            }
        }
        workbook.save(&self.output)?;
        let bytes = self.output.metadata()?.len();
        Ok(Measured::new(begun, bytes))
    }

    /// Every cell as the library takes it.
    async fn cells(&self, list: &List) -> Result<Vec<Vec<Cell>>> {
        let customers = table("customers")?;
        let columns: Vec<&Column> = list
            .columns()
            .iter()
            .map(|column| {
                customers
                    .column(column.path())
                    .context("a column of the table")
            })
            .collect::<Result<_>>()?;
        let warehouse = self.place.open().await?;
        let mut batches = warehouse.snapshot().await?.scan(list.scan()).await?;
        let mut cells = Vec::new();
        while let Some(rows) = batches.try_next().await? {
            for row in rows.iter() {
                let values = columns.iter().zip(row.values());
                cells.push(
                    values
                        .map(|(column, value)| Cell::of(column, value))
                        .collect(),
                );
            }
        }
        Ok(cells)
    }
}

/// A cell in memory.
#[derive(Debug)]
enum Cell {
    Empty,
    Text(String),
    /// Text that stays text when somebody edits it.
    Kept(String),
    Flag(bool),
    Time(f64),
}

impl Cell {
    fn of(column: &Column, value: ValueRef<'_>) -> Self {
        match (value, &column.ty) {
            (ValueRef::Text(text), ColumnType::Choice(choices)) => {
                let choice = choices.iter().find(|choice| choice.value == text);
                Self::Text(
                    choice
                        .map_or(text, |choice| choice.label.get(Locale::Pl))
                        .to_owned(),
                )
            }
            (ValueRef::Text(text), _) if column.identifier || column.reference.is_some() => {
                Self::Kept(text.to_owned())
            }
            (ValueRef::Text(text) | ValueRef::Json(text), _) => Self::Text(text.to_owned()),
            (ValueRef::Boolean(flag), _) => Self::Flag(flag),
            (ValueRef::Timestamp(at), _) => Self::Time(serial(at)),
            _ => Self::Empty,
        }
    }
}

/// Days since the spreadsheet's epoch, as the clocks of Poland show the instant.
fn serial(at: DateTime<Utc>) -> f64 {
    let local = Warsaw.from_utc_datetime(&at.naive_utc()).naive_local();
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of a few centuries"
    )]
    let milliseconds = local.and_utc().timestamp_millis() as f64;
    milliseconds / 86_400_000.0 + 25_569.0
}

//! The import of an exchange file, beside a bare pass over its events and the raw insert of the same rows into a table of
//! the same columns, key and indexes.

mod insert;
mod stages;
mod whole;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{
    customers::{Customers, Kind},
    exchange::{EventsTask, ExportTask},
    figure::{Figure, child},
    place::Database,
    plain::Plain,
    task::Task,
};

pub use insert::InsertTask;
pub use stages::{Stage, StageTask};
pub use whole::ImportTask;

pub fn figures() -> Vec<Figure> {
    vec![
        Figure {
            name: "import-sqlite",
            what: "Import into SQLite / quick-xml's events and raw inserts",
            rows: 1_000_000,
            promised: Some(4.0),
            sides: |customers, rows| sides(customers, rows, Kind::Sqlite),
            stages: Some(|customers, rows| stages(customers, rows, Kind::Sqlite)),
        },
        Figure {
            name: "import-postgres",
            what: "Import into PostgreSQL / quick-xml's events and raw COPY",
            rows: 1_000_000,
            promised: Some(4.0),
            sides: |customers, rows| sides(customers, rows, Kind::Postgres),
            stages: Some(|customers, rows| stages(customers, rows, Kind::Postgres)),
        },
    ]
}

fn sides(customers: &mut Customers, rows: u64, kind: Kind) -> Result<(Task, Vec<Plain>)> {
    let file = exchange_file(customers, rows)?;
    let task = Task::Import(ImportTask {
        file: file.clone(),
        folder: customers.file("import"),
        database: customers.database(kind, "import")?,
    });
    let insert = Task::Insert(InsertTask {
        from: customers.warehouse(kind, rows)?,
        folder: customers.file("insert"),
    });
    let events = Task::Events(EventsTask { file });
    Ok((task, vec![Plain::Task(events), Plain::Task(insert)]))
}

/// The stages that an import is made of, each done alone.
fn stages(customers: &mut Customers, rows: u64, kind: Kind) -> Result<Vec<(String, Task)>> {
    let file = exchange_file(customers, rows)?;
    let database = customers.database(kind, "stages")?;
    let all = [
        ("reading: parser, types, digests (done twice)", Stage::Read),
        (
            "writing: rows by the gate, compared",
            Stage::Write {
                undo: false,
                log: false,
            },
        ),
        (
            "the same and images for undoing",
            Stage::Write {
                undo: true,
                log: false,
            },
        ),
        (
            "the same and the personal-data log",
            Stage::Write {
                undo: true,
                log: true,
            },
        ),
    ];
    let tasks = all.into_iter().map(|(name, stage)| {
        let (file, database) = (file.clone(), database.clone());
        (
            name.to_owned(),
            Task::Stage(StageTask {
                stage,
                file,
                database,
            }),
        )
    });
    Ok(tasks.collect())
}

/// The file that so many customers export to; it lies beside the warehouse that it was made from.
fn exchange_file(customers: &mut Customers, rows: u64) -> Result<PathBuf> {
    let place = customers.warehouse(Kind::Sqlite, rows)?;
    let Database::Sqlite(folder) = &place.database else {
        return Err(anyhow::anyhow!("a folder of files was asked for"));
    };
    let file = folder.join("customers.xml");
    if !file.exists() {
        let begun = folder.join("customers.xml.begun");
        child(&Task::Export(ExportTask {
            place: place.clone(),
            output: begun.clone(),
        }))?;
        std::fs::rename(&begun, &file).context("keeping the exchange file")?;
    }
    Ok(file)
}

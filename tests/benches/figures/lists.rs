//! CSV beside `sqlite3 -csv` and psql's `\copy` of the same rows and columns in the same order.

use std::{fs::File, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use wynos::{
    catalog::Locale,
    sheets::{Convention, CsvWriter, List},
};

use crate::{
    customers::{Customers, Kind, table},
    figure::Figure,
    place::{Database, Place},
    plain::Plain,
    task::{Measured, Task, block_on},
};

/// A list of every column of the customers to be written. Custom values are columns of their own in a list and one JSON
/// column in the database, so they are left out on both sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CsvTask {
    place: Place,
    output: PathBuf,
    polish: bool,
}

pub fn figures() -> Vec<Figure> {
    vec![
        Figure {
            name: "csv-sqlite-plain",
            what: "CSV from SQLite / sqlite3 -csv",
            rows: 1_000_000,
            promised: Some(1.2),
            sides: |customers, rows| sides(customers, rows, Kind::Sqlite, false),
            stages: None,
        },
        Figure {
            name: "csv-sqlite-polish",
            what: "CSV from SQLite, Polish conventions / sqlite3 -csv",
            rows: 1_000_000,
            promised: Some(2.0),
            sides: |customers, rows| sides(customers, rows, Kind::Sqlite, true),
            stages: None,
        },
        Figure {
            name: "csv-postgres-plain",
            what: "CSV from PostgreSQL / psql \\copy",
            rows: 1_000_000,
            promised: Some(1.2),
            sides: |customers, rows| sides(customers, rows, Kind::Postgres, false),
            stages: None,
        },
        Figure {
            name: "csv-postgres-polish",
            what: "CSV from PostgreSQL, Polish conventions / psql \\copy",
            rows: 1_000_000,
            promised: Some(2.0),
            sides: |customers, rows| sides(customers, rows, Kind::Postgres, true),
            stages: None,
        },
    ]
}

/// The list that is written: the columns of the database that it shows.
pub fn list() -> Result<List> {
    Ok(List::of(table("customers")?, [], Vec::new())?)
}

pub fn convention(polish: bool) -> Convention {
    if polish {
        Convention::localised(Locale::Pl, chrono_tz::Europe::Warsaw)
    } else {
        Convention::plain()
    }
}

fn sides(
    customers: &mut Customers,
    rows: u64,
    kind: Kind,
    polish: bool,
) -> Result<(Task, Vec<Plain>)> {
    let place = customers.warehouse(kind, rows)?;
    let theirs = customers.file("theirs.csv");
    let plain = match &place.database {
        Database::Sqlite(folder) => {
            let file = folder.join(format!("w_{}.sqlite", place.subscription));
            Plain::Program {
                words: vec![
                    "sqlite3".to_owned(),
                    "-readonly".to_owned(),
                    "-csv".to_owned(),
                    "-header".to_owned(),
                    file.to_str().context("a path that is text")?.to_owned(),
                    question("customers")?,
                ],
                output: Some(theirs),
            }
        }
        Database::Postgres(url) => {
            let schema = format!("w_{}.customers", place.subscription);
            let copy = format!(
                "\\copy ({}) TO '{}' WITH (FORMAT csv, HEADER)",
                question(&schema)?,
                theirs.display()
            );
            Plain::Program {
                words: ["psql", "-X", "-q", "-d", url, "-c", &copy]
                    .map(str::to_owned)
                    .to_vec(),
                output: None,
            }
        }
    };
    let output = customers.file("ours.csv");
    let task = Task::Csv(CsvTask {
        place,
        output,
        polish,
    });
    Ok((task, vec![plain]))
}

fn question(from: &str) -> Result<String> {
    let list = list()?;
    let columns: Vec<String> = list
        .columns()
        .iter()
        .map(|column| format!("\"{}\"", column.path()))
        .collect();
    Ok(format!(
        "SELECT {} FROM {from} WHERE _deleted_at IS NULL ORDER BY _source_id, id",
        columns.join(", ")
    ))
}

impl CsvTask {
    pub fn run(&self) -> Result<Measured> {
        block_on(async {
            let warehouse = self.place.open().await?;
            let begun = Instant::now();
            let list = list()?;
            let out = File::create(&self.output)?;
            let mut writer = CsvWriter::new(&list, convention(self.polish), out)?;
            let snapshot = warehouse.snapshot().await?;
            let mut batches = snapshot.scan(list.scan()).await?;
            while let Some(rows) = batches.try_next().await? {
                writer.write(&rows)?;
            }
            let bytes = writer.finish()?.metadata()?.len();
            Ok(Measured::new(begun, bytes))
        })
    }
}

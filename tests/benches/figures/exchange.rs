//! The exchange file written from a warehouse, beside a bare pass of `quick-xml` over its events.

use std::{fs::File, io::BufReader, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use chrono::DateTime;
use futures::TryStreamExt;
use quick_xml::{Reader, events::Event};
use serde::{Deserialize, Serialize};
use wynos::exchange::{Header, Passwords, Profile, ProfileName, Writer};

use crate::{
    customers::{Customers, Kind},
    figure::Figure,
    place::Place,
    plain::Plain,
    task::{Measured, Task, block_on},
};

/// A file of the profile `full`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportTask {
    pub place: Place,
    pub output: PathBuf,
}

/// A pass over a file's events that does nothing with them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventsTask {
    pub file: PathBuf,
}

pub fn figures() -> Vec<Figure> {
    vec![
        Figure {
            name: "xml-sqlite",
            what: "Exchange file from SQLite / quick-xml's events of it",
            rows: 1_000_000,
            promised: None,
            sides: |customers, rows| sides(customers, rows, Kind::Sqlite),
            stages: None,
        },
        Figure {
            name: "xml-postgres",
            what: "Exchange file from PostgreSQL / quick-xml's events of it",
            rows: 1_000_000,
            promised: None,
            sides: |customers, rows| sides(customers, rows, Kind::Postgres),
            stages: None,
        },
    ]
}

fn sides(customers: &mut Customers, rows: u64, kind: Kind) -> Result<(Task, Vec<Plain>)> {
    let output = customers.file("ours.xml");
    let events = Task::Events(EventsTask {
        file: output.clone(),
    });
    let place = customers.warehouse(kind, rows)?;
    Ok((
        Task::Export(ExportTask { place, output }),
        vec![Plain::Task(events)],
    ))
}

impl ExportTask {
    pub fn run(&self) -> Result<Measured> {
        block_on(async {
            let warehouse = self.place.open().await?;
            let begun = Instant::now();
            let made_at =
                DateTime::from_timestamp(1_760_000_000, 0).context("a moment in range")?;
            let header = Header::new("benchshop".parse()?, made_at, ProfileName::Full);
            let out = File::create(&self.output)?;
            let mut writer = Writer::new(out, &header, Passwords::LeaveOut)?;
            let snapshot = warehouse.snapshot().await?;
            for section in &Profile::of(ProfileName::Full).sections {
                writer.section(&section.table.name)?;
                let mut batches = snapshot.scan(section.scan()).await?;
                while let Some(rows) = batches.try_next().await? {
                    writer.rows(&rows)?;
                }
            }
            let (out, _) = writer.finish()?;
            Ok(Measured::new(begun, out.metadata()?.len()))
        })
    }
}

impl EventsTask {
    pub fn run(&self) -> Result<Measured> {
        let begun = Instant::now();
        let file = File::open(&self.file)?;
        let bytes = file.metadata()?.len();
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, file));
        let mut buffer = Vec::new();
        let mut events = 0u64;
        loop {
            match reader.read_event_into(&mut buffer)? {
                Event::Eof => break,
                event => events += u64::from(!std::hint::black_box(event).is_empty()),
            }
            buffer.clear();
        }
        std::hint::black_box(events);
        Ok(Measured::new(begun, bytes))
    }
}

//! A business's records with their lines, read from the simulated vendor into a new database, beside dlt that reads the same
//! list of the same vendor into a new database of the same kind. The vendor takes its share of the processors on both sides.

mod dlt;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wynos::{
    catalog,
    control::{Actor, RunState},
    ports::Clock,
    warehouse::{Filter, Warehouse},
    yclients::pull,
};

use crate::{
    customers::{Customers, Kind, remove_folder},
    figure::Figure,
    place::Database,
    plain::Plain,
    task::{Measured, Task, block_on},
    vendor::{Outside, VendorTask, connected, services},
};

/// What is read, and the tables that its lines go to.
const TABLE: &str = "yclients_records";
const LINES: [&str; 3] = [
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
];

/// At most so many times dlt's time: it is to take five times as long.
const PROMISED: f64 = 0.2;

/// Days that the simulated business looks back on, and a few more.
const PAST: i64 = 1_200;
/// Days that it looks ahead.
const AHEAD: i64 = 60;

/// A pull into a new database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PullTask {
    folder: PathBuf,
    records: u64,
    database: Database,
    by: By,
}

/// Who pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum By {
    Us,
    Dlt,
}

pub fn figures() -> Vec<Figure> {
    let figure = |name, what, sides| Figure {
        name,
        what,
        rows: 100_000,
        promised: Some(PROMISED),
        sides,
        stages: None,
    };
    vec![
        figure(
            "pull-sqlite",
            "Pull of records with their lines into SQLite / dlt",
            |customers, records| sides(customers, records, Kind::Sqlite),
        ),
        figure(
            "pull-postgres",
            "Pull of records with their lines into PostgreSQL / dlt",
            |customers, records| sides(customers, records, Kind::Postgres),
        ),
    ]
}

fn sides(customers: &mut Customers, records: u64, kind: Kind) -> Result<(Task, Vec<Plain>)> {
    dlt::ready()?;
    let database = customers.database(kind, "pull")?;
    let task = |by| {
        Task::Pull(PullTask {
            folder: customers.file("pull"),
            records,
            database: database.clone(),
            by,
        })
    };
    Ok((task(By::Us), vec![Plain::Task(task(By::Dlt))]))
}

impl PullTask {
    pub fn run(&self) -> Result<Measured> {
        remove_folder(&self.folder)?;
        fs::create_dir_all(&self.folder)?;
        let vendor = Outside::start(&VendorTask {
            records: self.records,
            ..VendorTask::of_day(noon())
        })?;
        let (measured, counted) = match self.by {
            By::Us => block_on(self.by_us(&vendor))?,
            By::Dlt => self.by_dlt(&vendor)?,
        };
        let few = self.records / 2;
        ensure!(
            counted.records > few && counted.lines > few,
            "not everything came: {counted:?}"
        );
        remove_folder(&self.folder)?;
        Ok(measured)
    }

    async fn by_us(&self, vendor: &Outside) -> Result<(Measured, Counted)> {
        let services = services(&self.folder, vendor, Clock::fixed(noon()), &self.place()).await?;
        let source = connected(&services, vendor.company()?).await?;
        let begun = Instant::now();
        let ordered = pull::Ordered {
            from: first_day(),
            to: last_day(),
            tables: vec![TABLE.to_owned()],
            actor: Actor::CommandLine,
        };
        let run = pull::order(&services, &source, ordered).await?;
        let done = pull::history(&services, &source, &run.id, None, None).await?;
        let measured = Measured::new(begun, 0);
        ensure!(done.state == RunState::Done, "{done:?}");
        let warehouse = services.warehouses.open(source.subscription());
        let counted = Counted::of(&warehouse).await?;
        warehouse.erase().await?;
        Ok((measured, counted))
    }

    fn by_dlt(&self, vendor: &Outside) -> Result<(Measured, Counted)> {
        let begun = Instant::now();
        let pulled = dlt::pull(&dlt::Wanted {
            base_url: &vendor.at.base_url,
            company: vendor.company()?,
            first_day: first_day(),
            last_day: last_day(),
            database: &self.place(),
            folder: &self.folder,
        })?;
        let mut measured = Measured::new(begun, 0);
        measured.seconds = pulled.seconds;
        let counted = Counted {
            records: pulled.records,
            lines: pulled.lines,
        };
        Ok((measured, counted))
    }

    /// Files lie in the folder of the task.
    fn place(&self) -> Database {
        match &self.database {
            Database::Sqlite(_) => Database::Sqlite(self.folder.join("warehouses")),
            postgres @ Database::Postgres(_) => postgres.clone(),
        }
    }
}

/// Rows that are there afterwards.
#[derive(Debug)]
struct Counted {
    records: u64,
    lines: u64,
}

impl Counted {
    async fn of(warehouse: &Warehouse) -> Result<Self> {
        let snapshot = warehouse.snapshot().await?;
        let mut lines = 0;
        for name in LINES {
            let table = catalog::table(name).context(name)?;
            lines += snapshot.count(table, &Filter::All).await?;
        }
        let table = catalog::table(TABLE).context(TABLE)?;
        Ok(Self {
            records: snapshot.count(table, &Filter::All).await?,
            lines,
        })
    }
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_778_414_400, 0).unwrap_or_default()
}

fn first_day() -> NaiveDate {
    noon().date_naive() - TimeDelta::days(PAST)
}

fn last_day() -> NaiveDate {
    noon().date_naive() + TimeDelta::days(AHEAD)
}

/// The address of a file as `SQLAlchemy` takes it.
fn sqlite_address(folder: &Path) -> String {
    format!("sqlite:///{}", folder.join("dlt.sqlite").display())
}

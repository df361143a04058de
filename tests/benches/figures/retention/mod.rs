//! Removing a fifth of a table by a retention job, beside the one plain SQL statement that does no more than delete, and
//! once more with loads beside it.

mod beside;
mod fill;
mod timing;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use wynos::{
    control::Actor,
    planner::{self, JobSettings, NewJob, RetentionSettings},
    services::Services,
};

use crate::{
    arguments::Arguments,
    customers::{Customers, Kind},
    figure::child,
    place::Database,
    rates::{self, Latency},
    task::{self, Measured, Task, block_on},
};
use fill::Filled;
use timing::Timing;

/// Rows in the table; a fifth of them is removed.
const ROWS: u64 = 5_000_000;
/// At most so many times the plain statement's time.
const PROMISED: f64 = 2.0;
/// No transaction is promised to take longer, in milliseconds.
const LONGEST: f64 = 1_000.0;

/// Who removes the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// A retention job.
    Job,
    /// A retention job, while loads go on.
    JobBesideLoads,
    /// One statement.
    Statement,
}

/// A warehouse with so many rows that loses a fifth of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SweepTask {
    pub rows: u64,
    pub how: How,
    pub database: Database,
}

/// Measures what is wanted on both databases and prints it.
pub fn run(customers: &mut Customers, arguments: &Arguments) -> Result<()> {
    let mut lines = Vec::new();
    for (name, kind) in [
        ("retention-sqlite", Kind::Sqlite),
        ("retention-postgres", Kind::Postgres),
    ] {
        if !arguments.wants(name) {
            continue;
        }
        let rows = arguments.rows.unwrap_or(ROWS);
        writeln!(io::stderr(), "{name}: {rows} rows")?;
        let mut measure = |how| {
            let database = customers.database(kind, "retention")?;
            let measured = child(&Task::Sweep(SweepTask {
                rows,
                how,
                database,
            }))?;
            writeln!(io::stderr(), "  {how:?}: {:.2} s", measured.seconds)?;
            anyhow::Ok(measured)
        };
        let job = measure(How::Job)?;
        let plain = measure(How::Statement)?;
        let beside = measure(How::JobBesideLoads)?;
        lines.push(line(name, rows, &job, &plain, &beside));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n| what | rows removed | ours, s | statement, s | ratio | promised | longest transaction, ms | giving space back, s \
         | peak, MB | loads beside: p50, ms | p99, ms | ours beside loads, s |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "bytes are fewer than 2^52")]
fn line(name: &str, rows: u64, job: &Measured, plain: &Measured, beside: &Measured) -> String {
    let stage = |measured: &Measured, wanted: &str| {
        let found = measured.stages.iter().find(|(name, _)| name == wanted);
        found.map_or(0.0, |(_, seconds)| *seconds)
    };
    let longest = stage(job, timing::LONGEST).max(stage(beside, timing::LONGEST)) * 1_000.0;
    let given_back = stage(job, timing::GIVING_BACK);
    let removing = job.seconds - given_back;
    let ratio = removing / plain.seconds;
    let latency = beside.latency.clone().unwrap_or_default();
    let mark = |missed| if missed { " **missed**" } else { "" };
    format!(
        "| {name} | {} | {removing:.2} | {:.2} | {ratio:.2}{} | {PROMISED:.1} | {longest:.0}{} | {given_back:.2} | {:.1} | {:.1} | {:.1} | {:.2} |",
        rows / 5,
        plain.seconds,
        mark(ratio > PROMISED),
        mark(longest > LONGEST),
        job.peak as f64 / 1_000_000.0,
        latency.median,
        latency.p99,
        beside.seconds,
    )
}

impl SweepTask {
    pub fn run(&self) -> Result<Measured> {
        let folder = tempfile::tempdir_in(".")?;
        block_on(self.measure(folder.path().to_owned()))
    }

    async fn measure(&self, folder: PathBuf) -> Result<Measured> {
        let mut services = rates::services(&folder, &self.database).await?;
        let source = rates::connect(&services).await?;
        let filled = Filled::new(&services, &source, &folder, &self.database, self.rows).await?;
        task::forget_peak()?;
        let measured = match self.how {
            How::Statement => self.statement(&filled).await,
            How::Job | How::JobBesideLoads => {
                let timing = Arc::new(Timing::default());
                services.warehouses = services.warehouses.interrupted_by(timing.clone());
                self.job(&services, &filled, &timing).await
            }
        };
        let left = filled.count(&services).await?;
        services
            .warehouses
            .open(source.subscription())
            .erase()
            .await?;
        let expected = self.rows - self.rows / 5;
        ensure!(left >= expected, "{left} rows are left, not {expected}");
        measured
    }

    async fn statement(&self, filled: &Filled) -> Result<Measured> {
        let text = filled.statement();
        match &filled.file {
            Some(file) => {
                let connection = Connection::open(file)?;
                connection.execute_batch(
                    "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA temp_store = FILE",
                )?;
                let begun = Instant::now();
                connection.execute_batch(&text)?;
                Ok(Measured::new(begun, 0))
            }
            None => {
                let Database::Postgres(url) = &self.database else {
                    anyhow::bail!("no database");
                };
                let mut connection = PgConnection::connect(url).await?;
                let begun = Instant::now();
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(&mut connection)
                    .await?;
                Ok(Measured::new(begun, 0))
            }
        }
    }

    async fn job(
        &self,
        services: &Services,
        filled: &Filled,
        timing: &Arc<Timing>,
    ) -> Result<Measured> {
        let shop = filled.source.subscription();
        let new = NewJob {
            name: "Old".to_owned(),
            source: Some(filled.source.to_string()),
            settings: JobSettings::Retention(RetentionSettings {
                older_than_days: fill::OLDER_THAN_DAYS,
                tables: vec![fill::TABLE.to_owned()],
            }),
            schedule: None,
        };
        let job = planner::add(services, shop, new, &Actor::System).await?;
        let asked = planner::run_now(services, shop, &job.id, None, &Actor::System).await?;
        let loads = (self.how == How::JobBesideLoads)
            .then(|| beside::Loads::start(services.warehouses.open(shop), filled.source.clone()));
        let begun = Instant::now();
        let run = loop {
            planner::run(services, shop, &asked.id).await?;
            let run = services
                .control
                .planned_jobs(shop)
                .get_run(&asked.id)
                .await?;
            if run.finished_at.is_some() {
                break run;
            }
        };
        let mut measured = Measured::new(begun, 0);
        if let Some(loads) = loads {
            measured.latency = Some(loads.stop().await?);
        }
        let removed = u64::try_from(run.row_count).context("a number of rows")?;
        ensure!(removed == self.rows / 5, "{removed} rows went: {run:?}");
        measured.stages = timing.stages();
        Ok(measured)
    }
}

/// Milliseconds that half, and 99 of 100, of these times stayed under.
fn latency(mut times: Vec<f64>) -> Latency {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or(0.0) * 1_000.0;
    Latency {
        median: at(50),
        p99: at(99),
    }
}

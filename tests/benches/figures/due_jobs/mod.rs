//! How long a tick looks for jobs whose time has come, among a hundred thousand of all subscriptions.

mod fill;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use wynos::{
    control::{Control, DatabaseTarget},
    ports::Clock,
};

use crate::{
    arguments::Arguments,
    customers::{Customers, Kind, remove_folder},
    figure::child,
    place::Database,
    task::{Measured, Task, block_on},
};

/// Planned jobs in the database.
const JOBS: u64 = 100_000;
/// How often each look is timed, after some that are not.
const LOOKS: usize = 2_000;
const WARMING: usize = 100;
/// As many as a tick claims at once.
const AT_ONCE: usize = 100;
/// In milliseconds.
const PROMISED: f64 = 5.0;
const SCHEMA: &str = "due_jobs";

/// The same by the bare driver: the index alone, of each job its id.
const BARE: &str = "SELECT id FROM jobs WHERE next_at <= $1 AND current_run IS NULL ORDER BY next_at, id LIMIT 100";

/// The looks, as the table names them.
const QUERY: &str = "jobs that are due";
const NOTHING: &str = "nothing is due";
const PLAIN: &str = "the index alone";
const CLAIM: &str = "claiming";

/// A control database with so many jobs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DueTask {
    jobs: u64,
    database: Database,
}

/// Measures what is wanted on both databases and prints it.
pub fn run(customers: &mut Customers, arguments: &Arguments) -> Result<()> {
    let mut lines = Vec::new();
    for (name, kind) in [
        ("due-jobs-sqlite", Kind::Sqlite),
        ("due-jobs-postgres", Kind::Postgres),
    ] {
        if !arguments.wants(name) {
            continue;
        }
        let jobs = arguments.rows.unwrap_or(JOBS);
        writeln!(io::stderr(), "{name}: {jobs} jobs")?;
        let database = customers.database(kind, "due-jobs")?;
        let measured = child(&Task::Due(DueTask { jobs, database }))?;
        writeln!(io::stderr(), "  {:.2} s", measured.seconds)?;
        lines.push(line(name, jobs, &measured));
    }
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n| what | jobs | {QUERY}: p50, ms | p99, ms | promised | {NOTHING}: p50, ms | p99, ms | {PLAIN}: p50, ms | p99, ms \
         | {CLAIM} {AT_ONCE}: p50, ms |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn line(name: &str, jobs: u64, measured: &Measured) -> String {
    let of = |look: &str, part: &str| {
        let wanted = format!("{look}: {part}");
        let found = measured.stages.iter().find(|(name, _)| *name == wanted);
        found.map_or(0.0, |(_, seconds)| seconds * 1_000.0)
    };
    let slow = of(QUERY, "p99").max(of(NOTHING, "p99")) > PROMISED;
    format!(
        "| {name} | {jobs} | {:.2} | {:.2}{} | {PROMISED:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
        of(QUERY, "p50"),
        of(QUERY, "p99"),
        if slow { " **missed**" } else { "" },
        of(NOTHING, "p50"),
        of(NOTHING, "p99"),
        of(PLAIN, "p50"),
        of(PLAIN, "p99"),
        of(CLAIM, "p50"),
    )
}

impl DueTask {
    pub fn run(&self) -> Result<Measured> {
        block_on(self.measure())
    }

    async fn measure(&self) -> Result<Measured> {
        let begun = Instant::now();
        let (target, mut bare) = self.ready().await?;
        let control = Control::connect(&target).await?;
        let now = Clock::System.now();
        let long_ago = now - TimeDelta::days(1);
        let due = usize::try_from(self.jobs / 200)?.min(AT_ONCE);
        let mut looks = Times::default();
        let mut idle = Times::default();
        let mut plain = Times::default();
        for look in 0..WARMING + LOOKS {
            let warm = look >= WARMING;
            let mut tx = control.begin().await?;
            let begun = Instant::now();
            let found = tx.due_jobs(now, AT_ONCE).await?;
            looks.add(begun, warm);
            tx.rollback().await?;
            ensure!(found.len() == due, "{} are due, not {due}", found.len());
            let begun = Instant::now();
            let any = control.is_any_job_due(long_ago).await?;
            idle.add(begun, warm);
            ensure!(!any, "something was due a day ago");
            let begun = Instant::now();
            let found = bare.look(now).await?;
            plain.add(begun, warm);
            ensure!(found == due, "{found} are due, not {due}");
        }
        let mut claims = Times::default();
        for _ in 0..self.jobs / 200 / u64::try_from(AT_ONCE)? {
            let begun = Instant::now();
            let mut tx = control.begin().await?;
            let claimed = tx
                .claim_due_jobs(now, now + TimeDelta::minutes(5), AT_ONCE)
                .await?;
            tx.commit().await?;
            claims.add(begun, true);
            ensure!(claimed.len() == due, "{} were claimed", claimed.len());
        }
        control.close().await;
        let mut measured = Measured::new(begun, 0);
        for (name, times) in [
            (QUERY, looks),
            (NOTHING, idle),
            (PLAIN, plain),
            (CLAIM, claims),
        ] {
            measured.stages.extend(times.stages(name));
        }
        Ok(measured)
    }

    /// Fills the database, and connects to it by the bare driver too.
    async fn ready(&self) -> Result<(DatabaseTarget, Bare)> {
        match &self.database {
            Database::Sqlite(folder) => {
                remove_folder(folder)?;
                fs::create_dir_all(folder)?;
                let file: PathBuf = folder.join("control.sqlite");
                let target = DatabaseTarget::Sqlite { file: file.clone() };
                migrate(&target).await?;
                fill::sqlite(&file, self.jobs)?;
                Ok((target, Bare::sqlite(&file)?))
            }
            Database::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                let drop = format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE");
                sqlx::raw_sql(AssertSqlSafe(drop))
                    .execute(&mut connection)
                    .await?;
                let target = DatabaseTarget::Postgres {
                    url: url.clone(),
                    schema: SCHEMA.to_owned(),
                    max_connections: 4,
                };
                migrate(&target).await?;
                fill::postgres(url, SCHEMA, self.jobs).await?;
                let path = format!("SET search_path = {SCHEMA}");
                sqlx::raw_sql(AssertSqlSafe(path))
                    .execute(&mut connection)
                    .await?;
                Ok((target, Bare::Postgres(Box::new(connection))))
            }
        }
    }
}

async fn migrate(target: &DatabaseTarget) -> Result<()> {
    let control = Control::connect(target).await?;
    control.migrate().await?;
    control.close().await;
    Ok(())
}

/// The driver alone.
enum Bare {
    Sqlite(Box<Connection>),
    Postgres(Box<PgConnection>),
}

impl Bare {
    fn sqlite(file: &Path) -> Result<Self> {
        Ok(Self::Sqlite(Box::new(Connection::open(file)?)))
    }

    /// How many ids there are.
    async fn look(&mut self, now: DateTime<Utc>) -> Result<usize> {
        Ok(match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(BARE)?;
                let now = now.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false);
                let ids = statement.query_map([now], |row| row.get::<_, String>(0))?;
                ids.collect::<rusqlite::Result<Vec<_>>>()?.len()
            }
            Self::Postgres(connection) => {
                let ids: Vec<String> = sqlx::query_scalar(BARE)
                    .bind(now)
                    .fetch_all(&mut **connection)
                    .await?;
                ids.len()
            }
        })
    }
}

/// Seconds that looks took.
#[derive(Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, begun: Instant, counts: bool) {
        if counts {
            self.0.push(begun.elapsed().as_secs_f64());
        }
    }

    fn stages(mut self, name: &str) -> [(String, f64); 2] {
        self.0.sort_by(f64::total_cmp);
        let at = |part: usize| self.0.get(self.0.len() * part / 100).copied();
        [("p50", 50), ("p99", 99)]
            .map(|(part, at_part)| (format!("{name}: {part}"), at(at_part).unwrap_or(0.0)))
    }
}

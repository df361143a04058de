//! Whether the chosen share of the vendor's allowance is really used, and never more than the vendor allows: three worker
//! processes over one control database, each with more to read than there is time for.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use wynos::{
    control::{Actor, Control, DatabaseTarget, LaneLimits},
    ports::Clock,
    yclients::{client::VendorSettings, pull},
};

use crate::{
    arguments::Arguments,
    customers::{Customers, Kind, remove_folder},
    place::Database,
    task::{Measured, Task, block_on},
    vendor::{Address, Outside, VendorTask, connected, services_of},
};

/// Processes that spend one allowance.
const WORKERS: usize = 3;
/// Records of their businesses.
const RECORDS: u64 = 6_000;
/// So much of the share is to be used.
const PROMISED: f64 = 0.98;

/// What one worker is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AllowanceTask {
    folder: PathBuf,
    /// The control database.
    control: String,
    vendor: Address,
    company: i64,
    seconds: u64,
}

/// What the vendor counted.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Counted {
    requests: u64,
    refused: u64,
    most_in_a_minute: u64,
    most_in_a_second: u64,
}

#[derive(Deserialize)]
struct Told {
    counts: Counted,
}

/// Measures it, where it is wanted, and prints what came of it.
pub fn run(customers: &mut Customers, arguments: &Arguments) -> Result<()> {
    if !arguments.wants("allowance") {
        return Ok(());
    }
    let seconds = arguments.minutes.max(1) * 60;
    writeln!(
        io::stderr(),
        "allowance: {} minutes",
        arguments.minutes.max(1)
    )?;
    let Database::Postgres(control) = customers.database(Kind::Postgres, "allowance")? else {
        anyhow::bail!("the control database is to be PostgreSQL");
    };
    let folder = customers.file("allowance");
    remove_folder(&folder)?;
    fs::create_dir_all(&folder)?;
    let vendor = Outside::start(&VendorTask {
        records: RECORDS,
        companies: WORKERS,
        limits: true,
        noon: None,
    })?;
    let mut workers = Vec::new();
    for (number, company) in vendor.at.companies.iter().take(WORKERS).enumerate() {
        let task = Task::Allowance(AllowanceTask {
            folder: folder.join(number.to_string()),
            control: control.clone(),
            vendor: vendor.at.clone(),
            company: *company,
            seconds,
        });
        let mut worker = Command::new(std::env::current_exe()?)
            .arg("--task")
            .arg(serde_json::to_string(&task)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        // They connect one after the other, and begin together.
        let said = worker.stdout.take().context("its output")?;
        let mut said = BufReader::new(said);
        let mut ready = String::new();
        said.read_line(&mut ready)?;
        ensure!(ready.trim() == "ready", "a worker did not begin: {ready}");
        workers.push((worker, said));
    }
    ensure!(workers.len() == WORKERS, "the vendor has too few companies");
    let before = block_on(counted(&vendor.at))?;
    let begun = Instant::now();
    for (worker, _) in &mut workers {
        writeln!(worker.stdin.as_mut().context("its input")?, "go")?;
    }
    std::thread::sleep(Duration::from_secs(seconds));
    let after = block_on(counted(&vendor.at))?;
    let took = begun.elapsed().as_secs_f64();
    for (mut worker, _said) in workers {
        ensure!(worker.wait()?.success(), "a worker failed");
    }
    remove_folder(&folder)?;
    print(before, after, took)
}

#[expect(clippy::cast_precision_loss, reason = "calls are fewer than 2^52")]
fn print(before: Counted, after: Counted, took: f64) -> Result<()> {
    let limits = LaneLimits::default();
    let chosen = f64::from(limits.per_minute) * f64::from(limits.share) / 100.0 * took / 60.0;
    let calls = after.requests - before.requests;
    let used = calls as f64 / chosen;
    let mark = |missed| if missed { " **missed**" } else { "" };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n| workers | minutes | calls | of {}% of the allowance, % | promised | refused | most in a minute (of {}) \
         | most in a second (of {}) |",
        limits.share, limits.per_minute, limits.per_second
    )?;
    writeln!(out, "|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    writeln!(
        out,
        "| {WORKERS} | {:.1} | {calls} | {:.1}{} | {:.0} | {}{} | {} | {} |",
        took / 60.0,
        used * 100.0,
        mark(used < PROMISED),
        PROMISED * 100.0,
        after.refused,
        mark(after.refused > 0),
        after.most_in_a_minute,
        after.most_in_a_second,
    )?;
    Ok(())
}

async fn counted(vendor: &Address) -> Result<Counted> {
    let url = format!("{}/sandbox/limits", vendor.control_url);
    let told: Told = reqwest::get(url).await?.error_for_status()?.json().await?;
    Ok(told.counts)
}

impl AllowanceTask {
    /// Connects, says that it is ready, and reads for so long from the word on.
    pub fn run(&self) -> Result<Measured> {
        fs::create_dir_all(&self.folder)?;
        block_on(self.spend())
    }

    async fn spend(&self) -> Result<Measured> {
        let target = DatabaseTarget::Postgres {
            url: self.control.clone(),
            schema: "allowance".to_owned(),
            max_connections: 4,
        };
        let control = Control::connect(&target).await?;
        let database = Database::Sqlite(self.folder.join("warehouses"));
        let settings = VendorSettings::default();
        let services = services_of(
            &self.folder,
            control,
            settings,
            &self.vendor,
            Clock::System,
            &database,
        )
        .await?;
        let source = connected(&services, self.company).await?;
        writeln!(io::stdout(), "ready")?;
        let mut word = String::new();
        io::stdin().read_line(&mut word)?;
        let begun = Instant::now();
        let end = services.clock.now() + TimeDelta::seconds(i64::try_from(self.seconds)?);
        while services.clock.now() < end {
            let today = services.clock.now().with_timezone(&Utc).date_naive();
            let ordered = pull::Ordered {
                from: today - TimeDelta::days(800),
                to: today,
                tables: Vec::new(),
                actor: Actor::CommandLine,
            };
            let run = pull::order(&services, &source, ordered).await?;
            pull::history(&services, &source, &run.id, Some(end), None).await?;
        }
        Ok(Measured::new(begun, 0))
    }
}

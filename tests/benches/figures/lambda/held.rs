//! An exchange file built by a process that is held to half a processor, as a function of 900 MB is, and to 1 GB of addresses,
//! which is less than 1 GB of memory.

use std::{
    io::{self, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::Line;
use crate::{
    arguments::Arguments,
    customers::{Customers, Kind},
    exchange::ExportTask,
    task::{Measured, Task},
};

/// Customers in the file.
const ROWS: u64 = 1_000_000;
/// Processor time for each second.
const SHARE: f64 = 0.5;
/// What the process may map at most, in KiB; it fails where it wants more.
const ROOM: &str = "976562";
/// How often it is looked whether the process had its share.
const LOOK: Duration = Duration::from_millis(20);
/// Ticks of a second in `/proc`, the same on every Linux.
const TICKS: f64 = 100.0;

pub(super) fn measure(customers: &mut Customers, arguments: &Arguments) -> Result<Vec<Line>> {
    let rows = arguments.rows.unwrap_or(ROWS);
    writeln!(io::stderr(), "function-export: {rows} rows")?;
    let output = customers.file("held.xml");
    let place = customers.warehouse(Kind::Postgres, rows)?;
    let measured = held(&Task::Export(ExportTask { place, output }))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "memory is smaller than 2^52 bytes"
    )]
    let peak = measured.peak as f64 / 1_000_000.0;
    let what = format!("exchange file of {rows} customers from PostgreSQL, by half a processor");
    Ok(vec![
        Line {
            what: what.clone(),
            unit: "minutes",
            measured: measured.seconds / 60.0,
            promised: 15.0,
        },
        Line {
            what,
            unit: "MB of memory",
            measured: peak,
            promised: 1_000.0,
        },
    ])
}

/// Measures a task in a process of its own that has no more room, and is stopped whenever it had more than its share.
fn held(task: &Task) -> Result<Measured> {
    let child = Command::new("sh")
        .args(["-c", "ulimit -v \"$0\" && exec \"$@\"", ROOM])
        .arg(std::env::current_exe()?)
        .arg("--task")
        .arg(serde_json::to_string(task)?)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let output = restrain(child)?.wait_with_output()?;
    ensure!(output.status.success(), "it failed: {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("it said nothing")?;
    Ok(serde_json::from_str(line)?)
}

/// Lets the process run to its end; it is never left stopped.
fn restrain(mut child: Child) -> Result<Child> {
    let begun = Instant::now();
    let process = child.id();
    let mut stopped = false;
    while child.try_wait()?.is_none() {
        let allowed = begun.elapsed().as_secs_f64() * SHARE;
        let too_much = used(process).is_some_and(|used| used > allowed);
        if too_much != stopped {
            signal(process, if too_much { "STOP" } else { "CONT" })?;
            stopped = too_much;
        }
        std::thread::sleep(LOOK);
    }
    Ok(child)
}

/// Seconds of processor time that it had; `None` once it has ended.
fn used(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

fn signal(process: u32, name: &str) -> Result<()> {
    // It may have ended meanwhile.
    Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .stderr(Stdio::null())
        .status()?;
    Ok(())
}

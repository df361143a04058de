//! dlt, which `scripts/need.sh dlt` installs into `target/python`.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use chrono::NaiveDate;
use serde::Deserialize;
use wynos_sandbox::{OWNER_EMAIL, PASSWORD};
use wynos_tests::project;

use super::sqlite_address;
use crate::place::Database;

/// What it is to read, and where it is to go.
pub struct Wanted<'a> {
    pub base_url: &'a str,
    pub company: i64,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    pub database: &'a Database,
    pub folder: &'a Path,
}

/// What came of it; the seconds are those of the pipeline, without Python's own start.
#[derive(Debug, Deserialize)]
pub struct Pulled {
    pub seconds: f64,
    pub records: u64,
    pub lines: u64,
}

/// Whether it is there.
pub fn ready() -> Result<()> {
    ensure!(
        python().exists() && project::root().join("target/python/dlt.txt").exists(),
        "dlt is not installed: scripts/need.sh dlt"
    );
    Ok(())
}

pub fn pull(wanted: &Wanted<'_>) -> Result<Pulled> {
    let address = match wanted.database {
        Database::Sqlite(_) => sqlite_address(wanted.folder),
        Database::Postgres(url) => url.clone(),
    };
    let output = Command::new(python())
        .arg(project::root().join("tests/benches/figures/pull/dlt_pull.py"))
        .args([wanted.base_url, &wanted.company.to_string()])
        .args([OWNER_EMAIL, PASSWORD])
        .args([wanted.first_day, wanted.last_day].map(|day| day.to_string()))
        .arg(address)
        .arg(wanted.folder)
        .env("RUNTIME__DLTHUB_TELEMETRY", "false")
        .env("RUNTIME__LOG_LEVEL", "ERROR")
        .env("HOME", wanted.folder)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "dlt failed: {}", output.status);
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("dlt said nothing")?;
    serde_json::from_str(line).context("what dlt said")
}

fn python() -> PathBuf {
    project::root().join("target/python/bin/python")
}

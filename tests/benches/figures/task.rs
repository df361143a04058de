//! What a child process does: one thing, measured.

use std::{fs, time::Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{
    allowance, due_jobs, exchange, import, lambda, lists, pull, rates, reconcile, retention,
    vendor, workbook,
};

/// One thing to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Task {
    Csv(lists::CsvTask),
    Workbook(workbook::WorkbookTask),
    PlainWorkbook(workbook::WorkbookTask),
    Export(exchange::ExportTask),
    Events(exchange::EventsTask),
    Import(import::ImportTask),
    Insert(import::InsertTask),
    Stage(import::StageTask),
    Receiver(rates::ReceiverTask),
    Ingest(rates::IngestTask),
    Handler(lambda::HandlerTask),
    Sweep(retention::SweepTask),
    Reconcile(reconcile::ReconcileTask),
    Vendor(vendor::VendorTask),
    Pull(pull::PullTask),
    Allowance(allowance::AllowanceTask),
    Due(due_jobs::DueTask),
}

/// What one side of a comparison came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    pub seconds: f64,
    /// The most memory that the process had, in bytes; 0 where another program did the work.
    pub peak: u64,
    /// Bytes written or read.
    pub bytes: u64,
    /// Seconds by stage, where stages were told apart.
    pub stages: Vec<(String, f64)>,
    /// How long answers took, where they were timed.
    pub latency: Option<rates::Latency>,
}

/// Does a task and says what it took.
pub fn run(task: &str) -> Result<Measured> {
    let task: Task = serde_json::from_str(task).context("the task")?;
    let mut measured = match task {
        Task::Csv(task) => task.run()?,
        Task::Workbook(task) => task.run()?,
        Task::PlainWorkbook(task) => task.run_plain()?,
        Task::Export(task) => task.run()?,
        Task::Events(task) => task.run()?,
        Task::Import(task) => task.run()?,
        Task::Insert(task) => task.run()?,
        Task::Stage(task) => task.run()?,
        Task::Receiver(task) => task.run()?,
        Task::Ingest(task) => task.run()?,
        Task::Handler(task) => task.run()?,
        Task::Sweep(task) => task.run()?,
        Task::Reconcile(task) => task.run()?,
        Task::Vendor(task) => block_on(task.run())?,
        Task::Pull(task) => task.run()?,
        Task::Allowance(task) => task.run()?,
        Task::Due(task) => task.run()?,
    };
    measured.peak = peak()?;
    Ok(measured)
}

/// Runs a future on a runtime like the program's own.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

impl Measured {
    pub fn new(begun: Instant, bytes: u64) -> Self {
        Self {
            seconds: begun.elapsed().as_secs_f64(),
            peak: 0,
            bytes,
            stages: Vec::new(),
            latency: None,
        }
    }
}

/// Forgets the most memory that the process had so far, where making things ready took more than what is measured.
pub fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("this system forgets no VmHWM")
}

fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes: u64 = kilobytes
        .context("this system tells no VmHWM")?
        .trim()
        .parse()?;
    Ok(kilobytes * 1024)
}

//! How many events a second go in, measured alone: there is no plain tool to compare with, so a number is promised.

mod ingest;
mod receiver;

use std::io::{self, Write};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{arguments::Arguments, customers::Customers, figure::child, task::Task};

pub use ingest::{IngestTask, connect, services};
pub use receiver::ReceiverTask;

/// Something whose rate is promised.
#[derive(Debug, Clone, Copy)]
pub struct RateFigure {
    /// What it can be called by.
    pub name: &'static str,
    /// What is done.
    pub what: &'static str,
    /// How many events.
    pub events: u64,
    /// Events a second that are promised.
    pub promised: f64,
    /// Milliseconds that 99 of 100 requests are promised to stay under, at the promised rate.
    pub p99: Option<f64>,
    /// Makes it ready.
    pub task: fn(&mut Customers, u64, f64) -> Result<Task>,
}

/// What a measurement of a rate came to, beside the seconds that its events took.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Latency {
    /// Milliseconds that half of the requests stayed under.
    pub median: f64,
    /// Milliseconds that 99 of 100 requests stayed under.
    pub p99: f64,
}

pub fn figures() -> Vec<RateFigure> {
    let mut figures = vec![receiver::figure()];
    figures.extend(ingest::figures());
    figures
}

/// Measures those that are wanted and prints a table of them.
pub fn run(customers: &mut Customers, arguments: &Arguments) -> Result<()> {
    let mut lines = Vec::new();
    for figure in figures()
        .iter()
        .filter(|figure| arguments.wants(figure.name))
    {
        let events = arguments.rows.unwrap_or(figure.events);
        writeln!(io::stderr(), "{}: {events} events", figure.name)?;
        let mut runs = Vec::new();
        for _ in 0..arguments.runs {
            let measured = child(&(figure.task)(customers, events, figure.promised)?)?;
            writeln!(io::stderr(), "  {:.2} s", measured.seconds)?;
            runs.push(measured);
        }
        runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        if let Some(median) = runs.get(runs.len() / 2) {
            lines.push(line(figure, events, median));
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n| what | events | events/s | promised | p50, ms | p99, ms | promised | peak, MB |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and bytes are smaller than 2^52"
)]
fn line(figure: &RateFigure, events: u64, measured: &crate::task::Measured) -> String {
    let rate = events as f64 / measured.seconds;
    let latency = measured.latency.clone().unwrap_or_default();
    let slow = figure.p99.is_some_and(|p99| latency.p99 > p99);
    let told = |milliseconds: f64| match measured.latency {
        Some(_) => format!("{milliseconds:.1}"),
        None => "-".to_owned(),
    };
    format!(
        "| {} | {events} | {rate:.0}{} | {:.0} | {} | {}{} | {} | {:.1} |",
        figure.what,
        mark(rate < figure.promised),
        figure.promised,
        told(latency.median),
        told(latency.p99),
        mark(slow),
        figure.p99.map_or("-".to_owned(), |p99| format!("{p99:.0}")),
        measured.peak as f64 / 1_000_000.0,
    )
}

const fn mark(missed: bool) -> &'static str {
    if missed { " **missed**" } else { "" }
}

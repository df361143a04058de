//! What functions promise where they are deployed: how soon they ask for their first event, what they hold at rest, what the
//! receiver adds of its own, and that a large file is built in little memory by little processor.

mod handler;
mod held;
mod start;

use std::io::{self, Write};

use anyhow::Result;

use crate::{arguments::Arguments, customers::Customers, task::block_on};

pub use handler::HandlerTask;

/// One measured number beside the promised one.
struct Line {
    what: String,
    unit: &'static str,
    measured: f64,
    promised: f64,
}

/// Measures those that are wanted and prints a table of them.
pub fn run(customers: &mut Customers, arguments: &Arguments) -> Result<()> {
    if arguments.wants("function-start") {
        start::print(&block_on(start::measure())?)?;
    }
    let mut lines = Vec::new();
    if arguments.wants("function-webhook") {
        lines.extend(handler::measure(arguments)?);
    }
    if arguments.wants("function-export") {
        lines.extend(held::measure(customers, arguments)?);
    }
    if lines.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    writeln!(out, "\n| what | measured | promised |\n|---|--:|--:|")?;
    for line in lines {
        let Line {
            what,
            unit,
            measured,
            promised,
        } = line;
        let mark = missed(measured, promised);
        writeln!(out, "| {what}, {unit} | {measured:.2}{mark} | {promised} |")?;
    }
    Ok(())
}

/// What stands beside a number that is larger than promised.
fn missed(measured: f64, promised: f64) -> &'static str {
    if measured > promised {
        " **missed**"
    } else {
        ""
    }
}

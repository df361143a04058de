//! Speed and memory beside the tools that people would use instead. `docs/benchmarks.md` says what is promised.
//!
//! `cargo bench -- [FILTER] [--rows N] [--runs N] [--minutes N]`. Every measurement runs in a process of its own, this
//! program again with a task, because the peak of a process's memory never goes down.

mod allowance;
mod arguments;
mod customers;
mod due_jobs;
mod exchange;
mod figure;
mod import;
mod lambda;
mod lists;
mod place;
mod plain;
mod pull;
mod rates;
mod reconcile;
mod report;
mod retention;
mod task;
mod vendor;
mod workbook;

use std::io::Write;

use anyhow::Result;

use arguments::Arguments;
use customers::Customers;

fn main() -> Result<()> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    if let Some(task) = &arguments.task {
        let measured = task::run(task)?;
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&measured)?)?;
        return Ok(());
    }
    let load = report::load()?;
    let mut customers = Customers::new()?;
    let mut results = Vec::new();
    let figures = [
        lists::figures(),
        workbook::figures(),
        exchange::figures(),
        import::figures(),
        reconcile::figures(),
        pull::figures(),
    ]
    .concat();
    for figure in figures.iter().filter(|figure| arguments.wants(figure.name)) {
        results.push(figure.measure(&mut customers, &arguments)?);
    }
    if !results.is_empty() {
        report::print(&results, &load)?;
    }
    rates::run(&mut customers, &arguments)?;
    lambda::run(&mut customers, &arguments)?;
    retention::run(&mut customers, &arguments)?;
    due_jobs::run(&mut customers, &arguments)?;
    allowance::run(&mut customers, &arguments)
}

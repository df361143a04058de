//! The table at the end.

use std::io::{self, Write};

use anyhow::Result;

use crate::figure::Comparison;

/// What is promised of memory: its growth from a tenth of the rows to all of them, and its peak.
const GROWTH: f64 = 1.2;
const PEAK: f64 = 64.0;

/// Prints what was measured. What misses its promise is marked, and is no error: speed is measured, never asserted.
pub fn print(results: &[Comparison], load_before: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out)?;
    writeln!(
        out,
        "| what | rows | ours, s | theirs, s | ratio | promised | MB/s | peak, MB: a tenth of the rows | all rows | theirs |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    for result in results {
        let ratio = result.ours / result.plain;
        let promised = result.figure.promised;
        let (few, all) = (megabytes(result.peaks.0), megabytes(result.peaks.1));
        let theirs = result
            .plain_peak
            .map(|peak| format!("{:.1}", megabytes(peak)));
        let theirs = theirs.unwrap_or("-".to_owned());
        writeln!(
            out,
            "| {} | {} | {:.2} | {:.2} | {ratio:.2}{} | {} | {:.0} | {few:.1} | {all:.1}{} | {theirs} |",
            result.figure.what,
            result.rows,
            result.ours,
            result.plain,
            mark(promised.is_some_and(|promised| ratio > promised)),
            promised.map_or("-".to_owned(), |promised| format!("{promised:.1}")),
            megabytes(result.bytes) / result.ours,
            mark(all > few * GROWTH || all > PEAK),
        )?;
    }
    writeln!(
        out,
        "\nPromised of memory: at most {GROWTH} times that of a tenth of the rows, and under {PEAK} MB."
    )?;
    writeln!(out, "What misses its promise is marked with **missed**.")?;
    let cores = std::thread::available_parallelism()?;
    writeln!(
        out,
        "{cores} cores; load before {load_before}, after {}: others' work makes all of this worth less.",
        load()?
    )?;
    for result in results.iter().filter(|result| !result.stages.is_empty()) {
        writeln!(out, "\n{}:", result.figure.what)?;
        for (stage, seconds) in &result.stages {
            let share = 100.0 * seconds / result.ours;
            writeln!(out, "* {stage}: {seconds:.2} s, {share:.0}%")?;
        }
    }
    Ok(())
}

/// The machine's load averages of one, five and fifteen minutes.
pub fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

const fn mark(missed: bool) -> &'static str {
    if missed { " **missed**" } else { "" }
}

fn megabytes(bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "files and memory are smaller than 2^52 bytes"
    )]
    let bytes = bytes as f64;
    bytes / 1_000_000.0
}

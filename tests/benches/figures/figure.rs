use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{
    arguments::Arguments,
    customers::Customers,
    plain::Plain,
    task::{Measured, Task},
};

/// Memory at a tenth of the rows is what memory at all of them is compared with.
const FEWER: u64 = 10;

/// One comparison.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// What it can be called by.
    pub name: &'static str,
    /// What is compared with what.
    pub what: &'static str,
    pub rows: u64,
    /// At most so many times the plain tool's time; nothing where no ratio is promised.
    pub promised: Option<f64>,
    /// Both sides for so many rows: ours, and plain ones whose times are added up.
    pub sides: Sides,
    /// The parts that ours is made of, each measured once and alone, where that tells something.
    pub stages: Option<Stages>,
}

/// Makes both sides of a comparison ready.
pub type Sides = fn(&mut Customers, u64) -> Result<(Task, Vec<Plain>)>;

/// Makes the stages of ours ready, each with its name.
pub type Stages = fn(&mut Customers, u64) -> Result<Vec<(String, Task)>>;

/// What a comparison came to.
#[derive(Debug)]
pub struct Comparison {
    pub figure: Figure,
    pub rows: u64,
    pub ours: f64,
    pub plain: f64,
    /// Peak memory with a tenth of the rows and with all of them, in bytes.
    pub peaks: (u64, u64),
    /// That of the plain side with all rows, where that is a process of ours.
    pub plain_peak: Option<u64>,
    pub bytes: u64,
    pub stages: Vec<(String, f64)>,
}

impl Figure {
    /// Measures both sides in turn; medians count, and of memory the greatest.
    pub fn measure(&self, customers: &mut Customers, arguments: &Arguments) -> Result<Comparison> {
        let rows = arguments.rows.unwrap_or(self.rows);
        tell(&format!("{}: {} rows", self.name, rows))?;
        let (fewer, _) = (self.sides)(customers, (rows / FEWER).max(1))?;
        let small = child(&fewer)?;
        let (task, plain) = (self.sides)(customers, rows)?;
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        let mut plain_peak = 0;
        for _ in 0..arguments.runs {
            ours.push(child(&task)?);
            let mut seconds = 0.0;
            for plain in &plain {
                let (took, peak) = plain.measure()?;
                seconds += took;
                plain_peak = plain_peak.max(peak);
            }
            theirs.push(seconds);
            tell(&format!(
                "  {:.2} s beside {:.2} s",
                last(&ours)?.seconds,
                last(&theirs)?
            ))?;
        }
        let peak = ours.iter().map(|run| run.peak).max().unwrap_or_default();
        ours.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        theirs.sort_by(f64::total_cmp);
        let median = ours.get(ours.len() / 2).context("no run")?;
        let mut stages = median.stages.clone();
        for (name, task) in self
            .stages
            .map_or(Ok(Vec::new()), |stages| stages(customers, rows))?
        {
            stages.push((name, child(&task)?.seconds));
        }
        Ok(Comparison {
            figure: *self,
            rows,
            ours: median.seconds,
            plain: *theirs.get(theirs.len() / 2).context("no run")?,
            peaks: (small.peak, peak),
            plain_peak: (plain_peak > 0).then_some(plain_peak),
            bytes: median.bytes,
            stages,
        })
    }
}

/// Measures a task in a process of its own.
pub fn child(task: &Task) -> Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--task")
        .arg(serde_json::to_string(task)?)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "a measurement failed: {}",
        output.status
    );
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("a measurement said nothing")?;
    Ok(serde_json::from_str(line)?)
}

fn last<T>(runs: &[T]) -> Result<&T> {
    runs.last().context("no run")
}

/// Progress goes beside the report.
fn tell(text: &str) -> Result<()> {
    use std::io::Write;
    writeln!(std::io::stderr(), "{text}")?;
    Ok(())
}

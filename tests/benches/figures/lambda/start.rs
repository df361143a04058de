//! Programs of functions, from exec to the first question for an event, and what they hold then.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use wynos::ports::QueueName;
use wynos_tests::{lambda_host::Instance, project};

use super::missed;

/// How often each is started; the median counts.
const TIMES: usize = 21;

/// From exec to the first question, in milliseconds.
const PROMISED_START: f64 = 15.0;

/// Memory at rest, in megabytes.
const PROMISED_REST: f64 = 30.0;

/// What the template says of each function, before its name.
const CODE: &str = "CodeUri: functions/";

const VARIABLES: [(&str, &str); 9] = [
    ("AWS_ACCESS_KEY_ID", "AKIAWYNOSBENCH000000"),
    ("AWS_SECRET_ACCESS_KEY", "wynos-bench"),
    ("AWS_REGION", "eu-central-1"),
    ("WYNOS_PUBLIC_URL", "https://wynos.example.com"),
    ("WYNOS_BUCKET", "files"),
    ("WYNOS_DATABASE_SECRET", "wynos/database"),
    ("WYNOS_MASTER_KEY_SECRET", "wynos/keys"),
    ("WYNOS_MAIL_FROM", "Wynos <wynos@example.com>"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
];

/// A function, and the medians of what was measured.
pub(super) struct Start {
    name: String,
    milliseconds: f64,
    megabytes: f64,
}

/// Starts every function of the template whose program is there.
pub(super) async fn measure() -> Result<Vec<Start>> {
    let mut measured = Vec::new();
    for name in functions()? {
        let Ok(program) = project::binary(&format!("wynos-{name}")) else {
            let say = "is not built: cargo build --release --workspace --bins; left out";
            writeln!(io::stderr(), "wynos-{name} {say}")?;
            continue;
        };
        let mut variables: BTreeMap<String, String> = VARIABLES
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        for queue in QueueName::ALL {
            let queue = queue.as_str().to_uppercase();
            for kind in ["QUEUE", "DEAD_LETTERS"] {
                let url = format!("https://sqs.example.com/1/{queue}-{kind}");
                variables.insert(format!("WYNOS_{kind}_{queue}"), url);
            }
        }
        for (variable, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", name.as_str()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ] {
            variables.insert(variable.to_owned(), value.to_owned());
        }
        let (mut starts, mut resident) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let begun = Instant::now();
            let instance = Instance::start(&program, &variables).await?;
            starts.push(begun.elapsed().as_secs_f64() * 1_000.0);
            let process = instance.process().context("it has ended")?;
            resident.push(resident_megabytes(process)?);
        }
        measured.push(Start {
            name,
            milliseconds: median(starts)?,
            megabytes: median(resident)?,
        });
    }
    Ok(measured)
}

/// Prints a table of them; nothing where there are none.
pub(super) fn print(measured: &[Start]) -> Result<()> {
    if measured.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    let head = "from exec to its first question, ms | resident memory at rest, MB";
    writeln!(out, "\n| function | {head} |\n|---|--:|--:|")?;
    writeln!(out, "| promised | {PROMISED_START} | {PROMISED_REST} |")?;
    for start in measured {
        let Start {
            name,
            milliseconds,
            megabytes,
        } = start;
        let late = missed(*milliseconds, PROMISED_START);
        let large = missed(*megabytes, PROMISED_REST);
        writeln!(
            out,
            "| `{name}` | {milliseconds:.2}{late} | {megabytes:.2}{large} |"
        )?;
    }
    Ok(())
}

/// The names of all functions, in the template's order.
fn functions() -> Result<Vec<String>> {
    let template = fs::read_to_string(project::root().join("template.yaml"))?;
    let names = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix(CODE));
    let names: Vec<String> = names.map(str::to_owned).collect();
    ensure!(!names.is_empty(), "template.yaml names no functions");
    Ok(names)
}

fn median(mut values: Vec<f64>) -> Result<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().context("no run")
}

fn resident_megabytes(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes: f64 = kilobytes.context("no VmRSS")?.trim().parse()?;
    Ok(kilobytes * 1_024.0 / 1_000_000.0)
}

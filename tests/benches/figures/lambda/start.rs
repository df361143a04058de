//! Programs of functions, from exec to the first question for an event, and what they hold then.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    time::Instant,
};

use anyhow::{Context, Result};
use wynos::ports::QueueName;
use wynos_tests::{lambda_host::Instance, project};

use super::Line;

/// How often each is started; the median counts.
const TIMES: usize = 21;

/// The smallest, the one that is asked by people, and the one that does the most.
const FUNCTIONS: [&str; 3] = ["webhook", "console", "export"];

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

pub(super) async fn measure() -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for name in FUNCTIONS {
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
            ("AWS_LAMBDA_FUNCTION_NAME", name),
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
        lines.push(Line {
            what: format!("`{name}`: from exec to its first question"),
            unit: "ms",
            measured: median(starts)?,
            promised: 15.0,
        });
        lines.push(Line {
            what: format!("`{name}`: resident memory at rest"),
            unit: "MB",
            measured: median(resident)?,
            promised: 30.0,
        });
    }
    Ok(lines)
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

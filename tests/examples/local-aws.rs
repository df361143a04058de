//! A local AWS for functions that are run by hand with `cargo lambda watch`: the template's keys and secrets, queues by the
//! names that `events/` knows, a bucket and a PostgreSQL.
//!
//! `target/debug/examples/local-aws FILE` (`cargo build --workspace --bins --examples` makes it) writes the functions'
//! environment to the file and goes on until it is interrupted; everything is gone then. `docs/lambda.md` shows what to do
//! with it.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use anyhow::{Context, Result};
use wynos_tests::lambda_host::{MASTER_KEY, Stack};

/// Queues by the variables that tell them, as the files of `events/` call them.
const QUEUES: [(&str, &str); 8] = [
    ("EXPORT", "exports"),
    ("IMPORT", "imports"),
    ("MAIL", "mails"),
    ("RELAY", "relays"),
    ("PULL", "pulls"),
    ("INGEST", "events"),
    ("RECONCILE", "reconciliations"),
    ("RETENTION", "retentions"),
];

/// Where `cargo lambda watch` serves the function without a name, as which the console can be run.
const CONSOLE: &str = "http://127.0.0.1:9000";

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1);
    let file = file.context("name the file that the environment is written to")?;
    let mut stack = Stack::new("by-hand", &[]).await?;
    stack.tell_secret("MasterKeySecret", MASTER_KEY).await?;
    let console = ("PublicUrl".to_owned(), CONSOLE.to_owned());
    stack.known.extend([console]);
    // The one function that is told more than the others.
    let mut variables = stack.environment("MigrateFunction")?;
    variables.extend(queues(&stack).await?);
    let mut text = String::new();
    for (name, value) in variables {
        // Lambda's own, which `cargo lambda` gives.
        if !name.starts_with("AWS_LAMBDA_") {
            writeln!(text, "{name}='{value}'")?;
        }
    }
    std::fs::write(&file, text).with_context(|| format!("writing {file}"))?;
    writeln!(
        std::io::stdout(),
        "{file} is written; Ctrl-C ends the local AWS"
    )?;
    Ok(tokio::signal::ctrl_c().await?)
}

async fn queues(stack: &Stack) -> Result<BTreeMap<String, String>> {
    let client = aws_sdk_sqs::Client::new(&stack.cloud);
    let mut variables = BTreeMap::new();
    for (variable, name) in QUEUES {
        for (kind, name) in [
            ("QUEUE", name.to_owned()),
            ("DEAD_LETTERS", format!("{name}-dead")),
        ] {
            let made = client.create_queue().queue_name(name).send().await?;
            let url = made.queue_url.context("the queue has no URL")?;
            variables.insert(format!("WYNOS_{kind}_{variable}"), url);
        }
    }
    Ok(variables)
}

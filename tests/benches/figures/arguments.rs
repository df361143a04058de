use anyhow::{Context, Result, bail};

/// How the benches were called.
#[derive(Debug)]
pub struct Arguments {
    /// Only figures whose names hold this.
    filter: Option<String>,
    /// Rows instead of each figure's own number.
    pub rows: Option<u64>,
    /// How often each side is measured; the median counts.
    pub runs: usize,
    /// How long the allowance is spent.
    pub minutes: u64,
    /// What a child process is to measure, as JSON.
    pub task: Option<String>,
}

impl Arguments {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let mut arguments = Self {
            filter: None,
            rows: None,
            runs: 3,
            minutes: 10,
            task: None,
        };
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .with_context(|| format!("{word} needs a value"))
            };
            match word.as_str() {
                // Cargo's own.
                "--bench" => {}
                "--rows" => arguments.rows = Some(value()?.parse().context("--rows")?),
                "--runs" => arguments.runs = value()?.parse().context("--runs")?,
                "--minutes" => arguments.minutes = value()?.parse().context("--minutes")?,
                "--task" => arguments.task = Some(value()?),
                option if option.starts_with('-') => bail!("unknown option {option}"),
                _ => arguments.filter = Some(word),
            }
        }
        arguments.runs = arguments.runs.max(1);
        Ok(arguments)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.filter
            .as_deref()
            .is_none_or(|filter| name.contains(filter))
    }
}

//! The plain tools that we are measured beside.

use std::{
    fs::File,
    path::PathBuf,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, ensure};

use crate::{figure::child, task::Task};

/// One plain piece of work.
#[derive(Debug, Clone)]
pub enum Plain {
    /// A program with its arguments, and where its output goes.
    Program {
        words: Vec<String>,
        output: Option<PathBuf>,
    },
    /// A task in a process of its own, for libraries.
    Task(Task),
}

impl Plain {
    /// Does it and gives the seconds that it took, and the most memory that it had, in bytes: 0 of a program, which tells
    /// nobody.
    pub fn measure(&self) -> Result<(f64, u64)> {
        match self {
            Self::Task(task) => {
                let measured = child(task)?;
                Ok((measured.seconds, measured.peak))
            }
            Self::Program { words, output } => {
                let (program, arguments) = words.split_first().context("no program")?;
                let output = match output {
                    Some(path) => Stdio::from(File::create(path)?),
                    None => Stdio::null(),
                };
                let mut command = Command::new(program);
                command.args(arguments).stdout(output);
                let begun = Instant::now();
                let status = command
                    .status()
                    .with_context(|| format!("running {program}"))?;
                let seconds = begun.elapsed().as_secs_f64();
                ensure!(status.success(), "{program}: {status}");
                Ok((seconds, 0))
            }
        }
    }
}

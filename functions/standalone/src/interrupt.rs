//! Commands that hold a source, and are told to end.

use std::{process::ExitCode, time::Duration};

use wynos::services::Services;

use crate::{output::Output, serve::StopSignal};

/// The exit code of a command that a signal ended, as shells count SIGINT.
const CODE: u8 = 130;

/// The command was told to end, and did before its work was done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Interrupted(&'static str);

impl Interrupted {
    /// The code for programs.
    pub(crate) const NAME: &'static str = "interrupted";

    /// Says what became of the work.
    pub(crate) const fn new(told: &'static str) -> Self {
        Self(told)
    }

    /// How the process ends.
    pub(crate) fn exit_code() -> ExitCode {
        ExitCode::from(CODE)
    }
}

/// From now on the first SIGINT or SIGTERM asks the work in hand to end after its step, so that the source is given back; the
/// second ends the process at once.
pub(crate) fn heed(services: &Services, output: Output) -> anyhow::Result<()> {
    heed_saying(
        "Stopping after what is in hand. A second signal ends it at once, and the source stays taken for up to ten minutes then.",
        services,
        output,
    )
}

/// The same for the run of a job, which a second signal leaves to be taken up when it was silent for five minutes.
pub(crate) fn heed_in_run(services: &Services, output: Output) -> anyhow::Result<()> {
    heed_saying(
        "Stopping after what is in hand. A second signal ends it at once: the run stays taken for up to five minutes then, and a source that it reads for up to ten.",
        services,
        output,
    )
}

fn heed_saying(told: &'static str, services: &Services, output: Output) -> anyhow::Result<()> {
    let mut signal = StopSignal::listen()?;
    let stop = services.stop.clone();
    tokio::spawn(async move {
        signal.come().await;
        output.complain(told);
        stop.ask();
        signal.come().await;
        std::process::exit(i32::from(CODE));
    });
    Ok(())
}

/// Waits for so long, or until the command is told to end.
pub(crate) async fn wait(services: &Services, time: Duration) {
    let _ = tokio::time::timeout(time, services.stop.asked()).await;
}

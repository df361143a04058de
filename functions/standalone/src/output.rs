use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value as Json;
use wynos::progress::Progress;

/// How often it is looked how far something has come.
const LOOK: Duration = Duration::from_millis(100);

/// What is counted while something is done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    Bytes,
    Rows,
}

impl Counted {
    const fn template(self) -> &'static str {
        match self {
            Self::Bytes => "{spinner} {msg} [{bar:30}] {percent}% {bytes}/{total_bytes} {elapsed}",
            Self::Rows => {
                "{spinner} {msg} [{bar:30}] {percent}% {human_pos}/{human_len} rows {elapsed}"
            }
        }
    }
}

/// What a command tells: text and progress for people, one JSON object for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    silent: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self {
            json,
            silent: false,
        }
    }

    /// Tells nothing.
    pub(crate) const fn silent() -> Self {
        Self {
            json: false,
            silent: true,
        }
    }

    /// Tells people something; programs that asked for JSON get it on standard error.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if self.silent {
            return;
        }
        // A reader that went away, as with `| head`, is no reason to leave the work undone.
        let _ = if self.json {
            writeln!(std::io::stderr().lock(), "{line}")
        } else {
            writeln!(std::io::stdout().lock(), "{line}")
        };
    }

    /// Tells people on standard error why a command was not done.
    pub(crate) fn complain(self, message: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{message}");
    }

    /// Gives programs the result; people have read it already.
    pub(crate) fn result(self, result: &Json) {
        if self.json {
            let _ = writeln!(std::io::stdout().lock(), "{result}");
        }
    }

    /// Whether somebody looks at a terminal.
    fn is_seen(self) -> bool {
        std::io::stderr().is_terminal() && !self.json && !self.silent
    }

    /// Does some work, and shows on a terminal how far it has come; nothing elsewhere. The work is given what it has to
    /// keep up to date.
    pub(crate) async fn watch<T>(
        self,
        what: &'static str,
        counted: Counted,
        work: impl AsyncFnOnce(&Progress) -> T,
    ) -> T {
        if !self.is_seen() {
            return work(&Progress::default()).await;
        }
        let progress = Progress::watched();
        let bar = self.waiting(what);
        let style = ProgressStyle::with_template(counted.template());
        let mut style = style.ok();
        let mut ticks = tokio::time::interval(LOOK);
        let mut work = std::pin::pin!(work(&progress));
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                _ = ticks.tick() => {}
            }
            let (done, total) = progress.so_far();
            if total == 0 {
                continue;
            }
            // Until it is known how much there is, the bar only turns.
            if let Some(style) = style.take() {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_length(total);
            bar.set_position(done.min(total));
        };
        bar.finish_and_clear();
        done
    }

    /// A sign of life on a terminal, and nothing elsewhere.
    pub(crate) fn waiting(self, what: &'static str) -> ProgressBar {
        let target = if self.is_seen() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target)
            .with_style(style)
            .with_message(what);
        bar.enable_steady_tick(Duration::from_millis(150));
        bar
    }
}

/// A number of things, in words.
pub(crate) fn counted(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    }
}

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value as Json;

/// What a command tells: text and progress for people, one JSON object for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    silent: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, silent: false }
    }

    /// Tells nothing.
    pub(crate) const fn silent() -> Self {
        Self { json: false, silent: true }
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

    /// A sign of life on a terminal, and nothing elsewhere.
    pub(crate) fn waiting(self, what: &'static str) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() && !self.json && !self.silent {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, target).with_style(style).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(150));
        bar
    }
}

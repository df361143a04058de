use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value as Json;

/// What a command tells: text and progress for people, one JSON object for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Tells people something; programs that asked for JSON get it on standard error.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        let line = line.as_ref();
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

    /// A bar on a terminal, and nothing elsewhere. It counts towards `total` where that is known.
    pub(crate) fn progress(self, total: Option<u64>, what: &'static str) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() && !self.json {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let template = match total {
            Some(_) => "{msg} {wide_bar} {percent}% {eta}",
            None => "{msg} {human_pos} {per_sec} {elapsed}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(total, target).with_style(style);
        bar.with_message(what)
    }
}

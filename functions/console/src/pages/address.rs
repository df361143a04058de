use serde::Deserialize;
use wynos::control::Cursor;

use crate::{
    http::{Failure, Kind},
    view::Frame,
};

/// What was done just before a page, as its address says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    /// The frame, saying in this tone what was done, where it is one of these words.
    pub(super) fn told(&self, frame: Frame, tone: &'static str, known: &[(&str, &str)]) -> Frame {
        match known.iter().find(|(done, _)| *done == self.done) {
            Some((_, key)) => {
                let text = frame.t(key);
                frame.say(tone, text)
            }
            None => frame,
        }
    }
}

/// Where a list goes on, as the address of its page says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Onward {
    from: Option<String>,
}

impl Onward {
    /// The place; none is the beginning.
    pub(super) fn cursor(&self) -> Result<Option<Cursor>, Failure> {
        let cursor = self.from.as_deref().map(Cursor::decode).transpose();
        cursor.map_err(|_| Kind::InvalidCursor.into())
    }
}

/// The address where a list goes on.
pub(super) fn older(base: &str, path: &str, next: Option<&Cursor>) -> Option<String> {
    next.map(|cursor| format!("{base}{path}from={}", cursor.encode()))
}

//! A page that is read some bodies at a time.

use serde_json::Value as Json;

use super::{Body, Context, Decoded};
use crate::yclients::streams::Stream;

/// The rows of bodies that come some at a time: what is kept of them is the rows.
#[derive(Debug)]
pub struct Parts<'c> {
    stream: &'static Stream,
    context: Context<'c>,
    body: Body,
    decoded: Vec<Decoded>,
}

impl Stream {
    /// Reads bodies as [`Stream::decode`] does, some at a time.
    pub const fn parts<'c>(&'static self, context: Context<'c>, body: Body) -> Parts<'c> {
        Parts {
            stream: self,
            context,
            body,
            decoded: Vec::new(),
        }
    }
}

impl Parts<'_> {
    /// Reads some bodies.
    pub fn add(&mut self, records: &[Json]) {
        for part in self.stream.decode(&self.context, records, self.body) {
            let alike = self
                .decoded
                .iter_mut()
                .find(|decoded| decoded.is_like(&part));
            match alike {
                Some(decoded) => decoded.append(part),
                None => self.decoded.push(part),
            }
        }
    }

    /// The rows of all of them.
    pub fn finish(self) -> Vec<Decoded> {
        self.decoded
    }
}

impl Decoded {
    fn is_like(&self, other: &Self) -> bool {
        self.table.name == other.table.name
            && self.in_passing == other.in_passing
            && self.columns == other.columns
    }

    fn append(&mut self, part: Self) {
        self.rows.append(&part.rows);
        for (children, of_part) in self.children.iter_mut().zip(part.children) {
            children.rows.append(&of_part.rows);
            children.counts.extend(of_part.counts);
        }
        self.unreadable.extend(part.unreadable);
        self.surprises += part.surprises;
    }
}

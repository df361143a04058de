//! What a source that was just connected is read for first.

use super::{PullError, cursor::TableCursor, work::Work};
use crate::yclients::streams::{self, Stream};

/// Short lists that appointments and payments refer to.
const SHORT: [&str; 4] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_service_categories",
    "yclients_services",
];

impl Work<'_> {
    /// The streams in the order of reading. Where the days of something were never read, they come right after the few
    /// short lists that they refer to: the long ones may take an hour, and what a trial may load.
    pub(super) async fn in_order(&self) -> Result<Vec<&'static Stream>, PullError> {
        let mut first: Vec<&'static Stream> = Vec::new();
        for stream in streams::streams() {
            let key = TableCursor::key(&self.source.id, stream.table);
            if SHORT.contains(&stream.table)
                || (stream.window.is_some() && self.cursor(&key).await?.loaded_to.is_none())
            {
                first.push(stream);
            }
        }
        let others = streams::streams()
            .iter()
            .filter(|stream| first.iter().all(|early| early.table != stream.table));
        Ok(first.iter().copied().chain(others).collect())
    }
}

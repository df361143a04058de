use std::sync::Arc;

use futures::TryStreamExt;

use super::{Erasure, RetentionError};
use crate::warehouse::{Filter, Rows, Scan, Write, internal};

/// Lines of the log rewritten in one commit.
const BATCH: u64 = 200;

impl Erasure<'_> {
    /// The log goes on under the keyed hash.
    pub(super) async fn log(&mut self) -> Result<(), RetentionError> {
        let subjects = internal::personal_data_subjects();
        let theirs = Filter::equal("customer_id", self.person.id.as_str());
        loop {
            let scan = Scan::of(subjects)
                .columns(["event_id"])
                .filter(theirs.clone())
                .limit(BATCH)
                .tolerant();
            let snapshot = self.warehouse.snapshot().await?;
            let batches: Vec<Rows> = snapshot.scan(scan).await?.try_collect().await?;
            drop(snapshot);
            let found: usize = batches.iter().map(Rows::len).sum();
            if found == 0 {
                break;
            }
            let mut rows = Rows::new(2);
            let mut events = Vec::new();
            let lines = batches.iter().flat_map(Rows::iter);
            for row in lines.filter(|row| !row.any_unreadable()) {
                let event = row.get(0).to_owned();
                rows.push_values(&[event.clone(), self.proof.as_str().into()]);
                events.push(event);
            }
            // Lines whose event cannot be read are of no event, and go at the end.
            let (number, these) = match events.len() {
                0 => (found, Filter::All),
                number => {
                    let column = "event_id".to_owned();
                    let values = events;
                    (number, Filter::In { column, values })
                }
            };
            self.count("personal_data_log", number as u64);
            let remove = Write::Remove {
                table: Arc::clone(subjects),
                filter: theirs.clone().and(these),
                limit: None,
            };
            let insert = Write::Insert {
                table: Arc::clone(subjects),
                rows,
            };
            self.commit(vec![insert, remove]).await?;
        }
        Ok(())
    }
}

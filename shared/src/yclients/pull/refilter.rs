//! What a changed filter does to the rows that are there, and one whose services moved to other categories.

use serde_json::{Value as Json, json};

use super::{
    PullError,
    cursor::{KeepingOut, TableCursor},
    work::Work,
};
use crate::{
    control::SourceTable,
    warehouse::{Filter, Load, Value, Write},
    yclients::{categories, streams::Stream},
};

/// Rows that become tombstones in one transaction.
const STEP: u64 = 500;

impl Work<'_> {
    /// Where the filter is another one than that the rows were let in by, or would let in others as services moved to other
    /// categories: makes tombstones of what it keeps out, step by
    /// step, and notes what is to be read again. Broken off, it goes on where it ended.
    pub(super) async fn refilter(
        &mut self,
        stream: &Stream,
        cursor: &mut TableCursor,
        key: &str,
    ) -> Result<(), PullError> {
        cursor.moved_to(self.branch.time_zone.name(), stream, self.today());
        let table = self.tables.get(stream.table);
        let wanted = table.and_then(|table: &SourceTable| table.filter.clone());
        let changed = wanted != cursor.filter || self.are_moved(stream, cursor);
        let Some(declared) = stream.declaration().filter(|_| changed) else {
            return Ok(());
        };
        let moves = self.moves_of(stream);
        let filter = self.filters.get(stream.table).cloned();
        let begun = cursor.keeping_out.take();
        let begun = begun.filter(|begun| (&begun.filter, begun.moves) == (&wanted, moves));
        let mut after = begun.map(|begun| values(&begun.after));
        loop {
            self.keep().await?;
            let mut writes = Vec::new();
            if let Some(filter) = &filter {
                writes.push(Write::KeepOut {
                    table: declared.clone(),
                    source_id: self.source.id.to_string(),
                    filter: Filter::clone(filter),
                    after: after.take(),
                    limit: STEP,
                });
            }
            let load = Load {
                origin: self.origin,
                run: self.run.to_string(),
                observed_at: self.services.clock.now(),
                writes,
                quota: None,
            };
            let committed = self.warehouse.commit(load).await?;
            let out = committed.counts.get(stream.table);
            let out = out.and_then(|words| words.get("kept_out")).copied();
            self.loaded.gone += i64::try_from(out.unwrap_or(0)).unwrap_or(0);
            after = committed.next;
            match &after {
                Some(at) => {
                    cursor.keeping_out = Some(KeepingOut {
                        filter: wanted.clone(),
                        moves,
                        after: at.iter().map(plain).collect(),
                    });
                }
                None => cursor.filtered((wanted.clone(), moves), stream, self.today()),
            }
            self.keep_cursor(cursor, key).await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Whether rows would be let in otherwise, since services moved to other categories.
    fn are_moved(&self, stream: &Stream, cursor: &TableCursor) -> bool {
        let filter = self.filters.get(stream.table).map(AsRef::as_ref);
        categories::are_needed_by(stream)
            && self.moves != cursor.moves
            && categories::decide(stream, filter)
    }

    /// How often services had moved, where it matters to rows of the stream.
    fn moves_of(&self, stream: &Stream) -> u64 {
        if categories::are_needed_by(stream) {
            self.moves
        } else {
            0
        }
    }

    async fn keep_cursor(&self, cursor: &TableCursor, key: &str) -> Result<(), PullError> {
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: self.services.clock.now(),
            writes: vec![Write::PutState {
                key: key.to_owned(),
                value: Some(serde_json::to_value(cursor)?),
            }],
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}

/// Keys of the vendor's tables are the source and whole numbers.
fn plain(value: &Value) -> Json {
    match value {
        Value::Integer(number) => json!(number),
        Value::Text(text) => json!(text),
        _ => Json::Null,
    }
}

fn values(key: &[Json]) -> Vec<Value> {
    key.iter()
        .map(|part| match part {
            Json::Number(number) => number.as_i64().map_or(Value::Null, Value::Integer),
            Json::String(text) => text.as_str().into(),
            _ => Value::Null,
        })
        .collect()
}

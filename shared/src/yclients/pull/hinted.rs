//! What webhooks of sources whose events are hints said is to be read again.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{
    PullError,
    page::{Absence, Page, Tail},
    work::Work,
};
use crate::{
    warehouse::Write,
    yclients::{
        client::VendorError,
        decode::Body,
        hooks::{self, Hint},
        lists,
        streams::{Deletion, Stream},
    },
};

/// So many entities are read one by one; where more are hinted at, their list is read, which costs fewer calls.
const MOST_ALONE: usize = 25;

/// What became of the hints of a table.
#[derive(Debug, Default)]
pub(super) struct Heeded {
    /// What could not be read alone: the list has to be read, and tells what became of it.
    pub left: Vec<Hint>,
    /// Whether something is said, or seems, to be gone: only a list that proves absence tells.
    pub some_are_gone: bool,
    /// Whether the run is to end and be continued.
    pub out_of_time: bool,
}

impl Work<'_> {
    /// Looks up what is to be read again.
    pub(super) async fn learn_hints(&mut self) -> Result<(), PullError> {
        let snapshot = self.warehouse.snapshot().await?;
        self.hints = hooks::pending(&snapshot, &self.source.id).await?;
        Ok(())
    }

    pub(super) fn has_hints(&self, stream: &Stream) -> bool {
        self.hints.contains_key(stream.table)
    }

    /// Reads what was hinted at one by one, each forgotten in the transaction of its row. Where the list is to be read
    /// anyway or tells more, or much is hinted at, all is left to the list, but for deletions of which no list may tell.
    pub(super) async fn heed(
        &mut self,
        stream: &'static Stream,
        reads_list: bool,
    ) -> Result<Heeded, PullError> {
        let mut heeded = Heeded::default();
        let Some(mut hints) = self.hints.remove(stream.table) else {
            return Ok(heeded);
        };
        if !self.enabled(stream.table) {
            // It was turned off since; turned on again, it is read anew.
            self.forget_hints(&hints).await?;
            return Ok(heeded);
        }
        hints.sort_by_key(|hint| hint.id);
        let entities: Vec<&[Hint]> = hints.chunk_by(|a, b| a.id == b.id).collect();
        let are_few = entities.len() <= MOST_ALONE;
        let leave = reads_list || !stream.one_is_whole || !are_few;
        for entity in entities {
            let is_gone = entity.iter().any(|hint| hint.deleted);
            let is_asked = stream.deletion.only_by_window() || no_list_tells(stream);
            if leave && !(is_gone && is_asked) {
                heeded.left.extend_from_slice(entity);
                heeded.some_are_gone |= is_gone;
                continue;
            }
            if self.out_of_time() {
                heeded.out_of_time = true;
                return Ok(heeded);
            }
            self.keep().await?;
            if !self.read_alone(stream, entity).await? {
                heeded.left.extend_from_slice(entity);
                heeded.some_are_gone = true;
            }
        }
        Ok(heeded)
    }

    /// Reads one entity; `false` where the list has to tell: the vendor does not have it, or does not give it out alone, or
    /// gives only a part of it.
    async fn read_alone(&mut self, stream: &Stream, hints: &[Hint]) -> Result<bool, PullError> {
        let Some(id) = hints.first().map(|hint| hint.id) else {
            return Ok(true);
        };
        let company = self.branch.company_id;
        let states = hints.iter().map(|hint| (hint.name.clone(), None)).collect();
        let asked_at = self.services.clock.now();
        let answer = match lists::one(&self.caller, company, stream, id).await {
            Ok(Some(answer)) => answer,
            Ok(None) if no_list_tells(stream) => {
                self.keep().await?;
                return self.bury_alone(stream, id, states, asked_at).await;
            }
            Ok(None) | Err(VendorError::Forbidden | VendorError::Invalid { .. }) => {
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        let body = match answer.is_of_deleted(stream) {
            true => Body::Deleted,
            false if stream.one_is_whole => Body::Full,
            false => return Ok(false),
        };
        self.keep().await?;
        let page = Page {
            stream,
            records: &answer.records,
            body,
            observed_at: answer.observed_at,
            asked: false,
        };
        let tail = Tail {
            states,
            ..Tail::default()
        };
        self.commit(page, &tail).await?;
        self.tell(stream.table);
        Ok(true)
    }

    /// Makes a tombstone of a row that the vendor does not have.
    async fn bury_alone(
        &mut self,
        stream: &Stream,
        id: i64,
        states: Vec<(String, Option<Json>)>,
        asked_at: DateTime<Utc>,
    ) -> Result<bool, PullError> {
        let absent = stream
            .declaration()
            .map(|table| Absence::of_ids(table, &[id], asked_at));
        let tail = Tail {
            states,
            absent,
            ..Tail::default()
        };
        self.commit_tail(asked_at, &tail).await?;
        self.tell(stream.table);
        Ok(true)
    }

    /// Forgets hints that the list has told of.
    pub(super) async fn forget_hints(&self, hints: &[Hint]) -> Result<(), PullError> {
        if hints.is_empty() {
            return Ok(());
        }
        let writes: Vec<Write> = hints.iter().map(hooks::heeded).collect();
        let now = self.services.clock.now();
        self.warehouse.commit(self.empty_load(now, writes)).await?;
        Ok(())
    }
}

/// Whether no list that is read proves that a row is gone which the vendor does not have any more: a column that says so is of
/// rows that it still has, and a window of days is of rows that have a day.
fn no_list_tells(stream: &Stream) -> bool {
    stream.deletion.only_by_window() || matches!(stream.deletion, Deletion::Flag { .. })
}

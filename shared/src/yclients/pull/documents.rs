//! Details of documents: the vendor has no list of them. Their ids come with what mentions them, and each one's details cost
//! a call, so that they are read only when somebody asks.

use serde_json::json;

use super::{
    PullError,
    details::{self, Days},
    page::{Absence, Page, Tail},
    pass::Drained,
    work::Work,
};
use crate::{
    planner::Period,
    yclients::{decode::Body, lists, streams::Stream},
};

/// The table.
pub const DOCUMENTS: &str = "yclients_documents";

impl Work<'_> {
    /// Reads the details of the documents of which only the id is known, by their ids: of the run's period, where it has one.
    /// Broken off, the run goes on where it ended; each document is asked for once a run.
    pub(super) async fn documents(
        &mut self,
        stream: &'static Stream,
    ) -> Result<Drained, PullError> {
        let key = format!("documents/{}", self.run);
        let mut after = self
            .warehouse
            .state(&key)
            .await?
            .and_then(|kept| kept.as_i64());
        let days = self.days_of_run().await?;
        loop {
            let source = &self.source.id;
            let snapshot = self.warehouse.snapshot().await?;
            let ids = details::bare_after(&snapshot, source, after).await?;
            let last = ids.last().copied();
            let wanted = details::of_days(&snapshot, source, ids, days).await?;
            // Nothing is held in the database while the vendor is asked.
            drop(snapshot);
            if last.is_none() {
                let tail = Tail {
                    states: vec![(key, None)],
                    ..Tail::default()
                };
                self.commit_tail(self.services.clock.now(), &tail).await?;
                return Ok(Drained::All);
            }
            for id in wanted {
                if self.out_of_time() {
                    return Ok(Drained::OutOfTime);
                }
                self.keep().await?;
                self.document(stream, id, &key).await?;
                self.tell(stream.table);
            }
            after = last;
        }
    }

    async fn days_of_run(&self) -> Result<Option<Days>, PullError> {
        let runs = self.services.control.runs(self.source.id.subscription());
        let run = runs.get(&self.run).await?;
        let period = run.period_from.zip(run.period_to);
        let zone = self.branch.time_zone;
        Ok(period.map(|(from, to)| Days::of(Period { from, to }, zone)))
    }

    async fn document(
        &mut self,
        stream: &'static Stream,
        id: i64,
        key: &str,
    ) -> Result<(), PullError> {
        let asked_at = self.services.clock.now();
        let company = self.branch.company_id;
        let answer = lists::one(&self.caller, company, stream, id).await?;
        self.keep().await?;
        let mut tail = Tail {
            states: vec![(key.to_owned(), Some(json!(id)))],
            ..Tail::default()
        };
        let Some(answer) = answer else {
            // It was deleted since it was mentioned.
            tail.absent = stream
                .declaration()
                .map(|table| Absence::of_ids(table, &[id], asked_at));
            return self.commit_tail(asked_at, &tail).await;
        };
        let page = Page {
            stream,
            records: &answer.records,
            // The record that a document belongs to is told by that record, and stays.
            body: Body::Full,
            asked: true,
            observed_at: answer.observed_at,
        };
        self.commit(page, &tail).await
    }
}

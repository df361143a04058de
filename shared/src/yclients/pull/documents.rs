//! Details of documents: the vendor has no list of them. Their ids come with what mentions them, and each one's details cost
//! a call, so that they are read only when somebody asks.

use futures::TryStreamExt;
use serde_json::json;

use super::{
    PullError,
    page::{Absence, Page, Tail, of_source},
    pass::Drained,
    work::Work,
};
use crate::{
    SourceId,
    catalog::{self, system},
    services::Services,
    warehouse::{Filter, Scan, Value},
    yclients::{
        decode::Body,
        lists,
        streams::{self, Stream},
    },
};

/// The table.
pub const DOCUMENTS: &str = "yclients_documents";
/// What only the details tell.
const DETAIL: &str = "create_date";
/// Documents that are looked up at a time.
const AT_ONCE: usize = 100;

/// What the details of a source's documents would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailsCost {
    /// Documents of which only the id is known: a call each.
    pub calls: u64,
    /// How long that many calls take at least, at the pace that the vendor allows.
    pub minutes: u64,
}

/// What reading the details of all documents would cost of which only the id is known.
pub async fn details_cost(services: &Services, id: &SourceId) -> Result<DetailsCost, PullError> {
    let snapshot = services
        .warehouses
        .open(id.subscription())
        .snapshot()
        .await?;
    let calls = match catalog::table(DOCUMENTS) {
        Some(table) => snapshot.count(table, &bare(id)).await?,
        None => 0,
    };
    let limits = services.vendor.settings().limits;
    let a_minute = u64::from(limits.per_minute) * u64::from(limits.share) / 100;
    Ok(DetailsCost {
        calls,
        minutes: calls.div_ceil(a_minute.max(1)),
    })
}

/// Documents that are there and of which only the id is known.
fn bare(source: &SourceId) -> Filter {
    of_source(source.as_str())
        .and(Filter::IsNull(DETAIL.to_owned()))
        .and(Filter::IsNull(system::DELETED_AT.to_owned()))
}

impl Work<'_> {
    /// Reads the details of the documents of which only the id is known, by their ids. Broken off, the run goes on where it
    /// ended; each document is asked for once a run.
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
        loop {
            let ids = self.bare_documents(after).await?;
            if ids.is_empty() {
                let tail = Tail {
                    states: vec![(key, None)],
                    ..Tail::default()
                };
                self.commit_tail(self.services.clock.now(), &tail).await?;
                return Ok(Drained::All);
            }
            for id in ids {
                if self.out_of_time() {
                    return Ok(Drained::OutOfTime);
                }
                self.keep().await?;
                self.document(stream, id, &key).await?;
                after = Some(id);
                self.tell(stream.table);
            }
        }
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
            // The record that a document belongs to is told by that record.
            body: Body::Partial,
            asked: true,
            observed_at: answer.observed_at,
        };
        self.commit(page, &tail).await
    }

    /// The next ids, in their order.
    async fn bare_documents(&self, after: Option<i64>) -> Result<Vec<i64>, PullError> {
        let Some(table) = streams::stream(DOCUMENTS).and_then(Stream::declaration) else {
            return Ok(Vec::new());
        };
        let id = &self.source.id;
        let mut scan = Scan::of(table).columns(["id"]).filter(bare(id));
        if let Some(after) = after {
            scan = scan.after(vec![id.as_str().into(), Value::Integer(after)]);
        }
        let snapshot = self.warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let mut ids = Vec::new();
        while let Some(rows) = batches.try_next().await? {
            let more = rows.iter().filter_map(|row| row.get(0).as_integer());
            ids.extend(more.take(AT_ONCE - ids.len()));
            if ids.len() >= AT_ONCE {
                break;
            }
        }
        Ok(ids)
    }
}

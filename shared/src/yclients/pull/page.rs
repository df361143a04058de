//! One answer of the vendor, from its records to the rows and the cursor, in one transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use wynos_base::exact;

use super::{
    PullError,
    work::{HISTORY, Work},
};
use crate::{
    catalog::{Table, system},
    journal::{self, NewEntry},
    warehouse::{
        Admit, Children, Committed, Filter, Load, Outcome, Rows, Rule, Value, WarehouseError,
        Write, internal,
    },
    yclients::{
        decode::{Body, Context, Decoded, Unreadable, scrub},
        streams::Stream,
    },
};

/// What an answer brought.
pub(in crate::yclients) struct Page<'p> {
    pub stream: &'p Stream,
    pub records: &'p [Json],
    pub body: Body,
    /// Whether the vendor was asked for these very records, so that its word stands against what claims to be newer.
    pub asked: bool,
    /// When its request began.
    pub observed_at: DateTime<Utc>,
}

/// What is written with the last of the rows.
#[derive(Default)]
pub(in crate::yclients) struct Tail {
    /// The names and values of cursors, or what else is known from now on.
    pub states: Vec<(String, Option<Json>)>,
    /// The same where a record was set aside, if that changes them; nothing is proved to be gone then.
    pub states_if_set_aside: Option<Vec<(String, Option<Json>)>>,
    /// What a list that ended proves to be gone.
    pub absent: Option<Absence>,
    /// Rows of the system's own tables.
    pub notes: Vec<(Arc<Table>, Rows)>,
    /// What is told to the journal.
    pub entries: Vec<NewEntry>,
}

/// What a list proves to be gone.
pub(in crate::yclients) struct Absence {
    pub table: Arc<Table>,
    pub filter: Filter,
    pub seen_since: DateTime<Utc>,
}

impl Absence {
    /// Rows of these ids; what was seen since then stays.
    pub(in crate::yclients) fn of_ids(
        table: &Arc<Table>,
        ids: &[i64],
        seen_since: DateTime<Utc>,
    ) -> Self {
        let key = table.key.first();
        Self {
            table: Arc::clone(table),
            filter: Filter::In {
                column: key.map_or_else(String::new, ToString::to_string),
                values: ids.iter().map(|id| Value::Integer(*id)).collect(),
            },
            seen_since,
        }
    }
}

impl<'p> Page<'p> {
    /// The same about these records.
    pub fn with<'r>(&self, records: &'r [Json]) -> Page<'r>
    where
        'p: 'r,
    {
        Page {
            stream: self.stream,
            records,
            body: self.body,
            asked: self.asked,
            observed_at: self.observed_at,
        }
    }
}

impl Work<'_> {
    /// Lets all rows of the page in with the cursor; `false` where the warehouse refuses one of them, or more is known of the
    /// services that they name than when they were decoded: then nothing of the page is written, and [`Work::commit`] decodes
    /// it again and finds which of the records it is.
    pub(super) async fn commit_whole(
        &mut self,
        page: &Page<'_>,
        decoded: Vec<Decoded>,
        tail: &Tail,
    ) -> Result<bool, PullError> {
        if self.know_services(page.stream, &decoded).await? {
            return Ok(false);
        }
        self.parked_before = self.loaded.parked;
        let (load, seen) = self.load(page, decoded, Some(tail))?;
        match self.warehouse.commit(load).await {
            Ok(committed) => {
                self.count(&committed, seen);
                Ok(true)
            }
            Err(WarehouseError::Misuse { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the records in with the cursor. A record that the warehouse cannot take is found by halving the page and set
    /// aside: its neighbours go their way.
    pub(in crate::yclients) async fn commit(
        &mut self,
        page: Page<'_>,
        tail: &Tail,
    ) -> Result<(), PullError> {
        self.know_services_of(&page).await?;
        self.parked_before = self.loaded.parked;
        self.commit_part(&page, page.records, Some(tail)).await
    }

    /// Writes what goes with no rows.
    pub(in crate::yclients) async fn commit_tail(
        &mut self,
        observed_at: DateTime<Utc>,
        tail: &Tail,
    ) -> Result<(), PullError> {
        let mut writes = Vec::new();
        self.append(&mut writes, Some(tail), false)?;
        let load = self.empty_load(observed_at, writes);
        let committed = self.warehouse.commit(load).await?;
        self.count(&committed, Seen::default());
        Ok(())
    }

    /// Writes what follows from rows that are held: they were counted by the plan when they came.
    pub(super) async fn commit_held(&mut self, writes: Vec<Write>) -> Result<(), PullError> {
        let mut load = self.empty_load(self.services.clock.now(), writes);
        load.quota = None;
        let committed = self.warehouse.commit(load).await?;
        self.count(&committed, Seen::default());
        Ok(())
    }

    pub(super) fn commit_part<'f>(
        &'f mut self,
        page: &'f Page<'_>,
        records: &'f [Json],
        tail: Option<&'f Tail>,
    ) -> BoxFuture<'f, Result<(), PullError>> {
        Box::pin(async move {
            let (load, seen) = self.load(page, self.decode(page, records), tail)?;
            match self.warehouse.commit(load).await {
                Ok(committed) => {
                    self.count(&committed, seen);
                    Ok(())
                }
                Err(WarehouseError::Misuse { problem, .. }) if records.len() == 1 => {
                    self.set_aside(page, records, &problem, tail).await
                }
                Err(WarehouseError::Misuse { .. }) if records.len() > 1 => {
                    let (first, second) = records.split_at(records.len() / 2);
                    self.commit_part(page, first, None).await?;
                    self.commit_part(page, second, tail).await
                }
                Err(error) => Err(error.into()),
            }
        })
    }

    async fn set_aside(
        &mut self,
        page: &Page<'_>,
        records: &[Json],
        problem: &str,
        tail: Option<&Tail>,
    ) -> Result<(), PullError> {
        let refused = records.iter().map(|record| {
            let mut body = record.clone();
            scrub(&mut body);
            (problem.to_owned(), body)
        });
        let mut writes = vec![self.parked(page.stream.table, page.observed_at, refused.collect())];
        self.append(&mut writes, tail, true)?;
        let load = self.empty_load(page.observed_at, writes);
        let committed = self.warehouse.commit(load).await?;
        let seen = Seen {
            parked: records.len(),
            surprises: 0,
        };
        self.count(&committed, seen);
        Ok(())
    }

    pub(super) fn decode(&self, page: &Page<'_>, records: &[Json]) -> Vec<Decoded> {
        let context = Context {
            branch: &self.branch,
            observed_at: page.observed_at,
            categories: self.categories.as_deref(),
        };
        page.stream.decode(&context, records, page.body)
    }

    fn load(
        &self,
        page: &Page<'_>,
        decoded: Vec<Decoded>,
        tail: Option<&Tail>,
    ) -> Result<(Load, Seen), PullError> {
        let mut writes = Vec::new();
        let mut seen = Seen::default();
        for decoded in decoded {
            seen.surprises += decoded.surprises;
            seen.parked += decoded.unreadable.len();
            let unreadable = decoded
                .unreadable
                .iter()
                .map(reason_and_body)
                .collect::<Vec<_>>();
            if !unreadable.is_empty() {
                writes.push(self.parked(&decoded.table.name, page.observed_at, unreadable));
            }
            if self.enabled(&decoded.table.name) && !decoded.rows.is_empty() {
                writes.push(Write::Admit(self.admit(decoded, page.asked)));
            }
        }
        self.append(&mut writes, tail, seen.parked > 0 || self.has_set_aside())?;
        Ok((self.empty_load(page.observed_at, writes), seen))
    }

    /// The decoded rows on their way into the warehouse.
    pub(in crate::yclients) fn admit(&self, decoded: Decoded, asked: bool) -> Admit {
        let children = decoded
            .children
            .into_iter()
            .filter(|lines| self.enabled(&lines.table.name))
            .map(|lines| Children {
                table: lines.table,
                columns: lines.columns,
                rows: lines.rows,
                counts: lines.counts,
            });
        let ordered = self.origin == HISTORY;
        Admit {
            filter: self.filters.get(decoded.table.name.as_ref()).cloned(),
            table: decoded.table,
            source_id: self.source.id.to_string(),
            columns: decoded.columns,
            rows: decoded.rows,
            rule: if decoded.in_passing {
                Rule::Passing { ordered }
            } else if asked {
                Rule::Asked
            } else if ordered {
                Rule::Ordered
            } else {
                Rule::Newest
            },
            undo: None,
            personal_data_event: None,
            children: children.collect(),
        }
    }

    /// Whether a record of the page that is, or was last, committed was set aside.
    pub(super) const fn has_set_aside(&self) -> bool {
        self.loaded.parked > self.parked_before
    }

    fn append(
        &self,
        writes: &mut Vec<Write>,
        tail: Option<&Tail>,
        set_aside: bool,
    ) -> Result<(), PullError> {
        let Some(tail) = tail else {
            return Ok(());
        };
        if let Some(absence) = tail.absent.as_ref().filter(|_| !set_aside) {
            writes.push(Write::Absent {
                table: Arc::clone(&absence.table),
                source_id: self.source.id.to_string(),
                filter: absence.filter.clone(),
                seen_since: absence.seen_since,
            });
        }
        for (table, rows) in tail.notes.iter().filter(|(_, rows)| !rows.is_empty()) {
            writes.push(Write::Insert {
                table: Arc::clone(table),
                rows: rows.clone(),
            });
        }
        let instead = tail.states_if_set_aside.as_ref().filter(|_| set_aside);
        for (key, value) in instead.unwrap_or(&tail.states).iter().cloned() {
            writes.push(Write::PutState { key, value });
        }
        for entry in &tail.entries {
            writes.push(journal::emit(entry)?);
        }
        Ok(())
    }

    pub(super) fn empty_load(&self, observed_at: DateTime<Utc>, writes: Vec<Write>) -> Load {
        Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at,
            writes,
            quota: Some(self.quota()),
        }
    }

    /// Records that are kept aside with the reason. The same record is kept once.
    fn parked(&self, table: &str, at: DateTime<Utc>, records: Vec<(String, Json)>) -> Write {
        let mut rows = Rows::new(internal::parked().columns.len());
        for (reason, body) in records {
            let body = exact::to_string(&body);
            let digest = Sha256::digest(format!("{}\n{table}\n{body}", self.source.id));
            let id = data_encoding::HEXLOWER.encode(&digest);
            rows.push_values(&[
                Value::Text(id.chars().take(32).collect()),
                table.into(),
                self.source.id.as_str().into(),
                reason.into(),
                Value::Json(body),
                at.into(),
            ]);
        }
        Write::Insert {
            table: Arc::clone(internal::parked()),
            rows,
        }
    }

    fn count(&mut self, committed: &Committed, seen: Seen) {
        for (table, words) in &committed.counts {
            let of = |word: &str| {
                let rows = words.get(word).copied().unwrap_or(0);
                i64::try_from(rows).unwrap_or(i64::MAX)
            };
            let loaded = of(Outcome::New.name()) + of(Outcome::Changed.name());
            if loaded > 0 {
                *self.loaded.rows.entry(table.clone()).or_default() += loaded;
            }
            self.loaded.gone += of("absent");
        }
        self.loaded.parked += i64::try_from(seen.parked).unwrap_or(0);
        self.loaded.surprises += i64::try_from(seen.surprises).unwrap_or(0);
    }
}

/// What did not become a row, or not wholly.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    parked: usize,
    surprises: u64,
}

fn reason_and_body(unreadable: &Unreadable) -> (String, Json) {
    (unreadable.reason.to_owned(), unreadable.body.clone())
}

/// The rows of one source.
pub(super) fn of_source(source: &str) -> Filter {
    Filter::equal(system::SOURCE_ID, source)
}

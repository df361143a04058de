//! What becomes of records that differ: the warehouse's own gate decides, so that what filters, retention and erasure keep
//! out is no difference, and nothing newer is overwritten.

use std::collections::HashMap;

use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::{
    compare::Line,
    window::{Batch, Suspect, Window},
};
use crate::{
    warehouse::{Outcome, WarehouseError},
    yclients::pull::{PullError, page::Tail, work::Work},
};

/// Where a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It differs, and is let in.
    Mend,
    /// It is no difference, but what is held has to follow the filter.
    Follow,
    /// It is no difference.
    Leave,
    /// Ours claims to be newer: the vendor is asked for this very record.
    Ask,
    /// Ours is newer, and stays.
    Stay,
}

impl Work<'_> {
    /// Lets in what differs and notes it. A record that the warehouse cannot take is found by halving and set aside.
    pub(super) fn settle_all<'f>(
        &'f mut self,
        window: &'f mut Window<'_>,
        batch: &'f Batch<'_>,
        suspects: Vec<Suspect>,
    ) -> BoxFuture<'f, Result<(), PullError>> {
        Box::pin(async move {
            if suspects.is_empty() {
                return Ok(());
            }
            let records = records_of(batch.records, &suspects);
            match self.ways(window, batch, &suspects, &records).await {
                Ok(ways) => self.go(window, batch, suspects, ways).await,
                Err(PullError::Warehouse(WarehouseError::Misuse { .. })) if suspects.len() > 1 => {
                    let mut first = suspects;
                    let second = first.split_off(first.len() / 2);
                    self.settle_all(window, batch, first).await?;
                    self.settle_all(window, batch, second).await
                }
                Err(PullError::Warehouse(WarehouseError::Misuse { .. })) => {
                    self.cannot_take(window, batch, suspects, &records).await
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Asks the gate what would become of the records.
    async fn ways(
        &self,
        window: &Window<'_>,
        batch: &Batch<'_>,
        suspects: &[Suspect],
        records: &[Json],
    ) -> Result<HashMap<i64, Way>, PullError> {
        let subject = window.subject;
        let living: HashMap<i64, bool> = suspects
            .iter()
            .map(|suspect| (suspect.told.id, suspect.living))
            .collect();
        let mut ways = HashMap::with_capacity(suspects.len());
        for decoded in self.decoded(subject, batch, records) {
            if decoded.in_passing || decoded.table.name != subject.stream.table {
                continue;
            }
            let key = subject.main.table.key.first();
            let place = key.and_then(|key| decoded.columns.iter().position(|name| name == key));
            let ids: Vec<Option<i64>> = decoded
                .rows
                .iter()
                .map(|row| place.and_then(|place| row.get(place).as_integer()))
                .collect();
            let admit = self.admit(decoded, batch.asked);
            let outcomes = self.warehouse.weigh(admit, batch.observed_at).await?;
            for (id, outcome) in ids.into_iter().zip(outcomes) {
                let Some(id) = id else {
                    continue;
                };
                let way = match outcome {
                    Outcome::New | Outcome::Changed | Outcome::Unchanged => Way::Mend,
                    Outcome::Stale if batch.asked => Way::Stay,
                    Outcome::Stale => Way::Ask,
                    Outcome::KeptOut if living.get(&id) == Some(&true) => Way::Follow,
                    _ => Way::Leave,
                };
                ways.insert(id, way);
            }
        }
        Ok(ways)
    }

    async fn go(
        &mut self,
        window: &mut Window<'_>,
        batch: &Batch<'_>,
        suspects: Vec<Suspect>,
        ways: HashMap<i64, Way>,
    ) -> Result<(), PullError> {
        let zone = self.branch.time_zone;
        let mut let_in = Vec::new();
        let mut noted: Vec<(chrono::NaiveDate, Vec<Line>)> = Vec::new();
        for suspect in suspects {
            match ways.get(&suspect.told.id).copied().unwrap_or(Way::Leave) {
                Way::Mend => {
                    let day = window.day(suspect.told.at, zone);
                    if !suspect.told.deleted {
                        window.count(&suspect.told, zone);
                    }
                    noted.push((day, suspect.lines.clone()));
                    let_in.push(suspect);
                }
                Way::Follow => let_in.push(suspect),
                Way::Ask => window.again.push(suspect.told.id),
                // What came since the vendor was asked is the newest that is known: both sides have it.
                Way::Stay if suspect.living && !suspect.told.deleted => {
                    window.count(&suspect.told, zone);
                }
                Way::Stay | Way::Leave => {}
            }
        }
        if let_in.is_empty() {
            return Ok(());
        }
        let records = records_of(batch.records, &let_in);
        self.mend(window, batch, &records, noted).await
    }

    /// A record that the warehouse cannot take is set aside like that of any load, and stays a difference.
    async fn cannot_take(
        &mut self,
        window: &mut Window<'_>,
        batch: &Batch<'_>,
        suspects: Vec<Suspect>,
        records: &[Json],
    ) -> Result<(), PullError> {
        let zone = self.branch.time_zone;
        let mut noted = Vec::new();
        for suspect in suspects {
            if !suspect.told.deleted {
                window.count(&suspect.told, zone);
            }
            noted.push((window.day(suspect.told.at, zone), suspect.lines));
        }
        let tail = Tail {
            notes: vec![self.noted(window.subject, noted, false)],
            ..Tail::default()
        };
        self.commit_tail(batch.observed_at, &tail).await?;
        self.mend(window, batch, records, Vec::new()).await
    }
}

/// The bodies of these records.
fn records_of(records: &[Json], suspects: &[Suspect]) -> Vec<Json> {
    let wanted: std::collections::HashSet<i64> =
        suspects.iter().map(|suspect| suspect.told.id).collect();
    let mut found: Vec<Json> = Vec::with_capacity(suspects.len());
    let mut taken = std::collections::HashSet::new();
    for record in records {
        if let Some(id) = id_of(record).filter(|id| wanted.contains(id))
            && taken.insert(id)
        {
            found.push(record.clone());
        }
    }
    found
}

/// The vendor's id of a record: a number, or one as text.
pub(super) fn id_of(record: &Json) -> Option<i64> {
    let id = record.get("id")?;
    id.as_i64().or_else(|| id.as_str()?.parse().ok())
}

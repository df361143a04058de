//! The categories of services, by which records are told apart: a record's body names its services only.
//!
//! Services are a list that is read once a day, and a record may name one that was added since. Whoever decodes records asks
//! [`Known`] about the services that they [name](named): of a service that is not known, the vendor is asked before it is
//! decided about its record. What the vendor does not have, it is not asked about again for a day.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{
    decode::Decoded,
    streams::{self, Stream},
};
use crate::{
    SourceId,
    catalog::{self, system},
    control::SourceTable,
    warehouse::{Filter, Scan, Warehouse, WarehouseError},
};

/// The table that knows them.
pub(super) const SERVICES: &str = "yclients_services";
/// The column of the service in lines that have a category.
const SERVICE: &str = "service_id";
/// More services than this are not looked up for their categories.
const MOST_SERVICES: u64 = 50_000;
/// What the vendor said of a service that the table does not tell of is believed for so long.
const BELIEVED: TimeDelta = TimeDelta::hours(23);
/// It is remembered of so many services; of those that were asked about longest ago it is forgotten.
const MOST_REMEMBERED: usize = 2_000;

/// Whether rows of the stream, or their lines, have categories of services.
pub(super) fn are_needed_by(stream: &Stream) -> bool {
    given(stream.table).is_some()
}

/// The column of a table that the categories of services fill.
fn given(table: &str) -> Option<&'static str> {
    let mut needed = streams::dependencies(table).into_iter();
    needed.find_map(|needed| needed.for_column.filter(|_| needed.on == SERVICES))
}

/// Whether a filter of the stream's table cannot tell which rows it lets in without the categories of services.
pub(super) fn decide(stream: &Stream, filter: Option<&Filter>) -> bool {
    let column = given(stream.table);
    column
        .zip(filter)
        .is_some_and(|(column, filter)| speaks_of(filter, column))
}

fn speaks_of(filter: &Filter, wanted: &str) -> bool {
    match filter {
        Filter::All => false,
        Filter::And(filters) | Filter::Or(filters) => {
            filters.iter().any(|filter| speaks_of(filter, wanted))
        }
        Filter::Not(filter) => speaks_of(filter, wanted),
        Filter::Compare { column, .. }
        | Filter::In { column, .. }
        | Filter::Has { column, .. }
        | Filter::IsNull(column)
        | Filter::IsNotNull(column) => column == wanted,
    }
}

/// Whether the vendor may be asked for the services: not where their table is turned off, since the columns that it fills
/// then stay empty as people were told, and not while the vendor denies it.
pub(super) fn may_be_asked_for(services: Option<&SourceTable>) -> bool {
    services.is_none_or(|table| table.enabled && table.forbidden_since.is_none())
}

/// The services that lines of decoded records name, and the category that each was given.
pub(super) fn named(decoded: &[Decoded]) -> BTreeMap<i64, Option<i64>> {
    let mut named = BTreeMap::new();
    for lines in decoded.iter().flat_map(|decoded| &decoded.children) {
        let place = |name: &str| lines.columns.iter().position(|column| column == name);
        let category = given(&lines.table.name).and_then(place);
        let (Some(service), Some(category)) = (place(SERVICE), category) else {
            continue;
        };
        for row in lines.rows.iter() {
            if let Some(service) = row.get(service).as_integer().filter(|id| *id != 0) {
                named.insert(service, row.get(category).as_integer());
            }
        }
    }
    named
}

/// What decoded rows of services say: their ids, and the category of each.
pub(super) fn told(decoded: &[Decoded]) -> HashMap<i64, Option<i64>> {
    let mut told = HashMap::new();
    for part in decoded.iter().filter(|part| part.table.name == SERVICES) {
        let place = |name: &str| part.columns.iter().position(|column| column == name);
        let (Some(id), category) = (place("id"), place("category_id")) else {
            continue;
        };
        for row in part.rows.iter() {
            if let Some(id) = row.get(id).as_integer() {
                let category = category.and_then(|place| row.get(place).as_integer());
                told.insert(id, category);
            }
        }
    }
    told
}

/// What is known of the categories of a source's services.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The category of each service, by the vendor's ids, deleted services included; `None` where none is known.
    pub by_service: Option<Arc<HashMap<i64, i64>>>,
    /// Services of which it is known that they have none, or that the vendor does not have them.
    without: HashSet<i64>,
    remembered: Vec<Remembered>,
}

/// What the vendor said of a service that records name and that its table does not tell of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    service: i64,
    /// Its category, where the table's filter keeps the service out; nothing where the vendor has no such service, or it no
    /// category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<i64>,
    /// When the vendor was asked.
    at: DateTime<Utc>,
}

impl Known {
    /// Services among these of which nobody asked the vendor yet.
    pub fn unknown(&self, named: &BTreeMap<i64, Option<i64>>) -> BTreeSet<i64> {
        let ids = named.keys().copied();
        ids.filter(|id| self.category(*id).is_none() && !self.without.contains(id))
            .collect()
    }

    /// Whether some of these have another category than they were given: more was learned since they were decoded.
    pub fn tells_more(&self, named: &BTreeMap<i64, Option<i64>>) -> bool {
        named.iter().any(|(id, given)| {
            let category = self.category(*id);
            category.is_some() && category != *given
        })
    }

    /// Learns what the vendor's list said when it was read for these services. Whether something is to be remembered that
    /// their table does not tell, which it does of all that no filter keeps out of it.
    pub fn learn(
        &mut self,
        listed: &HashMap<i64, Option<i64>>,
        asked: &BTreeSet<i64>,
        filtered: bool,
        at: DateTime<Utc>,
    ) -> bool {
        let mut by_service = self.by_service.take().unwrap_or_default();
        let known = listed.iter().filter_map(|(id, known)| known.zip(Some(*id)));
        Arc::make_mut(&mut by_service).extend(known.map(|(category, id)| (id, category)));
        self.by_service = (!by_service.is_empty()).then_some(by_service);
        let mut learned = false;
        for &service in asked {
            let category = listed.get(&service).copied().flatten();
            if category.is_some() && !filtered {
                continue;
            }
            if category.is_none() {
                self.without.insert(service);
            }
            learned = true;
            self.remembered.retain(|known| known.service != service);
            self.remembered.push(Remembered {
                service,
                category,
                at,
            });
        }
        let surplus = self.remembered.len().saturating_sub(MOST_REMEMBERED);
        // Each was added behind those before it.
        self.remembered.drain(..surplus);
        learned
    }

    /// The name and the value of what is to be remembered.
    pub fn memory(&self, source: &SourceId) -> Result<(String, Option<Json>), serde_json::Error> {
        Ok((
            memory_of(source),
            Some(serde_json::to_value(&self.remembered)?),
        ))
    }

    /// Adds what was remembered lately. What the table tells is newer or the same.
    fn remember(&mut self, remembered: Vec<Remembered>, now: DateTime<Utc>) {
        let mut by_service = self.by_service.take().unwrap_or_default();
        for one in remembered {
            if now - one.at >= BELIEVED || by_service.contains_key(&one.service) {
                continue;
            }
            match one.category {
                Some(category) => {
                    Arc::make_mut(&mut by_service).insert(one.service, category);
                }
                None => {
                    self.without.insert(one.service);
                }
            }
            self.remembered.push(one);
        }
        self.by_service = (!by_service.is_empty()).then_some(by_service);
    }

    fn category(&self, service: i64) -> Option<i64> {
        self.by_service.as_ref()?.get(&service).copied()
    }
}

/// The name that is kept under what the vendor said of services that their table does not tell of.
fn memory_of(source: &SourceId) -> String {
    format!("categories/{source}")
}

/// What is known of the services of a source.
pub(super) async fn of(
    warehouse: &Warehouse,
    source: &SourceId,
    now: DateTime<Utc>,
) -> Result<Known, WarehouseError> {
    let mut known = Known::default();
    let Some(services) = catalog::table(SERVICES) else {
        return Ok(known);
    };
    let scan = Scan::of(services)
        .columns(["id", "category_id", system::PARTIAL])
        .filter(Filter::equal(system::SOURCE_ID, source.as_str()))
        .with_deleted()
        .limit(MOST_SERVICES)
        .tolerant();
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut categories = HashMap::new();
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            match (row.get(0).as_integer(), row.get(1).as_integer()) {
                (Some(id), Some(category)) => {
                    categories.insert(id, category);
                }
                // A part of a body, which an event brings, need not tell of the category.
                (Some(id), None) if row.get(2).is_null() => {
                    known.without.insert(id);
                }
                _ => {}
            }
        }
    }
    drop(snapshot);
    known.by_service = (!categories.is_empty()).then(|| Arc::new(categories));
    // What cannot be read is asked for anew, which costs a call.
    let kept = warehouse.state(&memory_of(source)).await?;
    let remembered = kept.and_then(|kept| serde_json::from_value(kept).ok());
    known.remember(remembered.unwrap_or_default(), now);
    Ok(known)
}

#[cfg(test)]
mod tests;

//! People whose data was erased: whatever tells of them comes in without what is personal.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::{
    Filter, People, Person, Rows, Scan, Snapshot, Value, Warehouse, WarehouseError, Write,
    commit::{last, put_last, remove_internal},
    internal, kept,
    person::{CLIENTS, CUSTOMERS},
    session::{Session, one_row, rows},
};
use crate::{
    catalog::{self, Table},
    control::VendorName,
};

/// The counter of how often an erasure began or ended. While nobody was erased, nothing is looked up; and whoever makes
/// something of rows that they read must find it as it was when they read them.
const ERASURES: &str = "erasures";
/// The state that holds the key of the hashes: it is this warehouse's own, so that hashes tell nothing elsewhere.
const KEY: &str = "erased/key";
/// Hashes asked for at once.
const BATCH: usize = 500;

/// The tables whose rows are people that can be erased.
const PEOPLE: [&str; 2] = [CUSTOMERS, CLIENTS];

/// Notes whose clients a source knows, where they are not those of YCLIENTS. It is told before the source's first row.
pub fn of_vendor(source_id: &str, vendor: VendorName) -> Option<Write> {
    if vendor == VendorName::Yclients {
        return None;
    }
    let mut rows = Rows::new(2);
    rows.push_values(&[source_id.into(), vendor.as_str().into()]);
    Some(Write::Insert {
        table: Arc::clone(internal::vendors()),
        rows,
    })
}

/// Among whom the rows of a source count people; `people` is a table of them.
pub(super) async fn among_whom<S: Session>(
    session: &mut S,
    people: &str,
    source_id: &str,
) -> Result<People, WarehouseError> {
    if people == CUSTOMERS {
        return Ok(People::Customers);
    }
    let scan = Scan::of(internal::vendors())
        .columns(["vendor"])
        .filter(Filter::equal("source_id", source_id));
    let found = rows(session, &scan).await?;
    let vendor = found
        .get(0)
        .and_then(|row| row.get(0).as_str()?.parse().ok());
    Ok(People::of_vendor(vendor.unwrap_or(VendorName::Yclients)))
}

impl Snapshot {
    /// How often an erasure began or ended: for [`Write::NobodyErased`], asked of the snapshot that the rest is read from.
    pub async fn erasures(&self) -> Result<i64, WarehouseError> {
        let scan = Scan::of(internal::counters())
            .columns(["last"])
            .filter(Filter::equal("name", ERASURES));
        let mut batches = self.scan(scan).await?;
        let mut counted = 0;
        while let Some(batch) = batches.try_next().await? {
            let numbers = batch.iter().filter_map(|row| row.get(0).as_integer());
            counted = numbers.fold(counted, i64::max);
        }
        Ok(counted)
    }

    /// The sources that are not of YCLIENTS.
    pub(crate) async fn elsewhere(&self) -> Result<BTreeSet<String>, WarehouseError> {
        let scan = Scan::of(internal::vendors())
            .columns(["source_id"])
            .tolerant();
        let batches: Vec<Rows> = self.scan(scan).await?.try_collect().await?;
        let rows = batches.iter().flat_map(Rows::iter);
        let sources = rows.filter_map(|row| row.get(0).as_str().map(str::to_owned));
        Ok(sources.collect())
    }

    /// Rows of the sources that count these people, where `column` names the source.
    pub(crate) async fn counting(
        &self,
        people: People,
        column: &str,
    ) -> Result<Filter, WarehouseError> {
        if people == People::Customers {
            return Ok(Filter::All);
        }
        let elsewhere = self.elsewhere().await?;
        let elsewhere = Filter::In {
            column: column.to_owned(),
            values: elsewhere.into_iter().map(Value::Text).collect(),
        };
        Ok(match people {
            People::Altegio => elsewhere,
            _ => Filter::Not(Box::new(elsewhere)),
        })
    }
}

impl Warehouse {
    /// How often an erasure began or ended so far.
    pub async fn erasures(&self) -> Result<i64, WarehouseError> {
        self.snapshot().await?.erasures().await
    }
}

/// How rows of a table say whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose<'t> {
    /// By a column of their own: the key of a person, or a reference to one.
    Own {
        people: &'static str,
        column: &'t str,
    },
    /// By the row of another table that a column refers to, which says it by a column of its own.
    Through {
        people: &'static str,
        column: &'t str,
        table: &'static Arc<Table>,
        theirs: &'static str,
    },
}

/// How rows of a table say whose they are; nothing where they speak of nobody.
pub(crate) fn whose(table: &Table) -> Option<Whose<'_>> {
    if let Some((people, column)) = own(table) {
        return Some(Whose::Own { people, column });
    }
    table.columns.iter().find_map(|column| {
        let other = catalog::table(column.reference.as_deref()?)?;
        let (people, theirs) = own(other).filter(|(people, _)| *people != other.name)?;
        Some(Whose::Through {
            people,
            column: &column.name,
            table: other,
            theirs,
        })
    })
}

fn own(table: &Table) -> Option<(&'static str, &str)> {
    if let Some(people) = PEOPLE.into_iter().find(|people| *people == table.name) {
        return Some((people, "id"));
    }
    table.columns.iter().find_map(|column| {
        let reference = column.reference.as_deref()?;
        let people = PEOPLE.into_iter().find(|people| *people == reference)?;
        Some((people, column.name.as_ref()))
    })
}

/// Remembers a person as erased.
pub(super) async fn forget<S: Session>(
    session: &mut S,
    person: &Person,
    new_key: &str,
    now: DateTime<Utc>,
) -> Result<(), WarehouseError> {
    let key = match key(session).await? {
        Some(key) => key,
        None => {
            kept::put(session, KEY, Some(&json!(new_key))).await?;
            new_key.to_owned()
        }
    };
    let table = internal::erased();
    session.define(table).await?;
    let row = one_row([
        person.people.as_str().into(),
        hash(&key, person).into(),
        Value::Timestamp(now),
    ]);
    if session.insert_missing(table, &row).await? > 0 {
        turn(session).await?;
        // Rows of them may be among those that a report has read so far: it reads again.
        let stage = internal::report_stage();
        remove_internal(session, stage, &Filter::All, None).await?;
    }
    Ok(())
}

/// Counts that an erasure began or ended.
pub(super) async fn turn<S: Session>(session: &mut S) -> Result<(), WarehouseError> {
    let count = last(session, ERASURES).await?;
    put_last(session, ERASURES, count + 1).await
}

/// Refuses to go on where an erasure began or ended since this was the count.
pub(super) async fn nobody_since<S: Session>(
    session: &mut S,
    count: i64,
) -> Result<(), WarehouseError> {
    if last(session, ERASURES).await? == count {
        Ok(())
    } else {
        Err(WarehouseError::Erased)
    }
}

async fn key<S: Session>(session: &mut S) -> Result<Option<String>, WarehouseError> {
    let key = kept::get(session, KEY).await?;
    Ok(key.and_then(|key| key.as_str().map(str::to_owned)))
}

fn hash(key: &str, person: &Person) -> String {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(person.people.as_str().as_bytes());
    mac.update(&[0]);
    mac.update(person.id.as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// Those of the people who were erased.
pub(super) async fn among<S: Session>(
    session: &mut S,
    people: BTreeSet<Person>,
) -> Result<BTreeSet<Person>, WarehouseError> {
    let mut erased = BTreeSet::new();
    if people.is_empty() || !any(session).await? {
        return Ok(erased);
    }
    let Some(key) = key(session).await? else {
        return Ok(erased);
    };
    let hashed: Vec<(String, Person)> = people
        .into_iter()
        .map(|person| (hash(&key, &person), person))
        .collect();
    for some in hashed.chunks(BATCH) {
        let these = Filter::In {
            column: "hash".to_owned(),
            values: some.iter().map(|(hash, _)| hash.as_str().into()).collect(),
        };
        let scan = Scan::of(internal::erased()).columns(["hash"]).filter(these);
        let found = rows(session, &scan).await?;
        let found: BTreeSet<&str> = found.iter().filter_map(|row| row.get(0).as_str()).collect();
        let are = some
            .iter()
            .filter(|(hash, _)| found.contains(hash.as_str()));
        erased.extend(are.map(|(_, person)| person.clone()));
    }
    Ok(erased)
}

/// Whether anybody was erased at all.
pub(super) async fn any<S: Session>(session: &mut S) -> Result<bool, WarehouseError> {
    Ok(last(session, ERASURES).await? > 0)
}

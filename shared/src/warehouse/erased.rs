//! People whose data was erased: whatever tells of them comes in without what is personal.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::{
    Filter, Scan, Value, ValueRef, WarehouseError,
    commit::{last, put_last, put_state, state},
    internal,
    session::{Session, one_row, rows},
};
use crate::catalog::{self, Table};

/// The counter that says how many people were erased: while there are none, nothing is looked up.
const COUNTER: &str = "erased";
/// The state that holds the key of the hashes: it is this warehouse's own, so that hashes tell nothing elsewhere.
const KEY: &str = "erased/key";
/// Hashes asked for at once.
const BATCH: usize = 500;

/// The tables whose rows are people that can be erased, each with the shop's or the vendor's id.
pub(super) const PEOPLE: [&str; 2] = ["customers", "yclients_clients"];

/// A person: the table that they are a row of, and their id there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// `customers` or `yclients_clients`.
    pub table: &'static str,
    /// The id.
    pub id: String,
}

impl Person {
    /// The person of this id among those of a table; `None` where it has no people.
    pub fn new(table: &str, id: ValueRef<'_>) -> Option<Self> {
        let table = PEOPLE.into_iter().find(|people| *people == table)?;
        let id = match id {
            ValueRef::Text(id) => id.to_owned(),
            ValueRef::Integer(id) => id.to_string(),
            _ => return None,
        };
        Some(Self { table, id })
    }

    /// The tables whose rows are people.
    pub const fn tables() -> [&'static str; 2] {
        PEOPLE
    }

    /// The id as the table keeps it.
    pub fn key(&self) -> Option<Value> {
        match self.table {
            "customers" => Some(Value::Text(self.id.clone())),
            _ => self.id.parse().ok().map(Value::Integer),
        }
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

/// Remembers a person as erased; whether they were not before.
pub(super) async fn forget<S: Session>(
    session: &mut S,
    person: &Person,
    new_key: &str,
    now: DateTime<Utc>,
) -> Result<bool, WarehouseError> {
    let key = match key(session).await? {
        Some(key) => key,
        None => {
            put_state(session, KEY, Some(&json!(new_key))).await?;
            new_key.to_owned()
        }
    };
    let table = internal::erased();
    session.define(table).await?;
    let row = one_row([
        person.table.into(),
        hash(&key, person).into(),
        Value::Timestamp(now),
    ]);
    let new = session.insert_missing(table, &row).await? > 0;
    put_state(session, LAST, Some(&json!(now))).await?;
    let count = last(session, COUNTER).await?;
    put_last(session, COUNTER, count + i64::from(new)).await?;
    Ok(new)
}

async fn key<S: Session>(session: &mut S) -> Result<Option<String>, WarehouseError> {
    let key = state(session, KEY).await?;
    Ok(key.and_then(|key| key.as_str().map(str::to_owned)))
}

fn hash(key: &str, person: &Person) -> String {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    mac.update(person.table.as_bytes());
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
    if people.is_empty() || last(session, COUNTER).await? == 0 {
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

/// When somebody was last erased: files that were begun before hold what is gone now.
pub(crate) const LAST: &str = "erased/last";

/// Whether anybody was erased at all.
pub(super) async fn any<S: Session>(session: &mut S) -> Result<bool, WarehouseError> {
    Ok(last(session, COUNTER).await? > 0)
}

//! Erasure of one person on request: nothing personal is left of them, and nothing brings it back.

mod files;
mod log;
mod raw;
mod reported;
mod tables;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{RetentionError, VERSION};
use crate::{
    SubscriptionId, catalog,
    control::Actor,
    journal::{self, Category, NewEntry, Severity},
    ports::{Envelope, QueueName, random_text},
    services::Services,
    warehouse::{Filter, Load, Person, Scan, Value, ValueRef, Warehouse, Write},
};

/// The kind of the message that asks for an erasure.
pub const ERASE: &str = "retention.erase";

/// The body of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseMessage {
    /// The table that the person is a row of.
    pub people: String,
    /// Their id there.
    pub id: String,
    /// Who asked for it.
    pub by: String,
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The keyed hash under which the personal-data log goes on: who has the id can show that its person was erased.
    pub proof: String,
    /// How many things were emptied, by table.
    pub counts: BTreeMap<String, i64>,
}

/// The people of that id whom the subscription knows: customers of the shop and clients of connected companies.
pub async fn known_people(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
) -> Result<Vec<Person>, RetentionError> {
    let warehouse = services.warehouses.open(subscription);
    let mut known = Vec::new();
    for table in Person::tables() {
        let person = Person {
            table,
            id: id.to_owned(),
        };
        let (Some(key), Some(declared)) = (person.key(), catalog::table(table)) else {
            continue;
        };
        let scan = Scan::of(declared)
            .columns(["id"])
            .filter(Filter::equal("id", key))
            .with_deleted()
            .limit(1);
        let snapshot = warehouse.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let mut found = false;
        while let Some(batch) = batches.try_next().await? {
            found |= !batch.is_empty();
        }
        if found {
            known.push(person);
        }
    }
    Ok(known)
}

/// The keyed hash that stands for an erased person in the personal-data log.
pub fn proof(services: &Services, subscription: &SubscriptionId, person: &Person) -> String {
    let parts = [
        b"erasure".as_slice(),
        subscription.as_str().as_bytes(),
        person.table.as_bytes(),
        person.id.as_bytes(),
    ];
    let mac = services.keys.suppression.current().mac(&parts);
    let short = mac.get(..16).unwrap_or_default();
    format!("erased:{}", HEXLOWER.encode(short))
}

/// Asks for a person to be erased. From now on nothing brings their data in; what is there is emptied by whoever takes the
/// message. The keyed hash that the log goes on under.
pub async fn order_erasure(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
    by: &Actor,
) -> Result<String, RetentionError> {
    let message = EraseMessage {
        people: person.table.to_owned(),
        id: person.id.clone(),
        by: by.to_string(),
    };
    let envelope = Envelope {
        version: VERSION,
        kind: ERASE.to_owned(),
        subscription: subscription.clone(),
        body: json!(message),
    };
    let (queue, at_once) = (QueueName::Retention, Duration::ZERO);
    services.queue.send(queue, envelope, at_once, None).await?;
    Ok(proof(services, subscription, person))
}

/// Erases the person that a message names.
pub(crate) async fn erase_asked(
    services: &Services,
    subscription: &SubscriptionId,
    message: &EraseMessage,
) -> Result<(), RetentionError> {
    let id = ValueRef::Text(&message.id);
    let person = Person::new(&message.people, id).ok_or(RetentionError::NoSuchPerson)?;
    let by = message.by.parse().unwrap_or(Actor::System);
    erase(services, subscription, &person, &by).await?;
    Ok(())
}

/// Erases a person: from now on nothing brings their data in, and then everything that is there is emptied. Broken off and
/// done again, it goes on; done again after its end, it changes nothing.
pub async fn erase(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
    by: &Actor,
) -> Result<Erased, RetentionError> {
    let mut erasure = Erasure {
        services,
        subscription,
        warehouse: services.warehouses.open(subscription),
        person,
        key: person.key().ok_or(RetentionError::NoSuchPerson)?,
        proof: proof(services, subscription, person),
        run: random_text::<16>(),
        counts: BTreeMap::new(),
        rows: BTreeMap::new(),
    };
    // What waits to be told is told first: nothing of it is about people, and nothing stays behind.
    journal::relay(services, subscription).await?;
    let traits = erasure.traits().await?;
    erasure
        .commit(vec![Write::Forget {
            person: person.clone(),
            new_key: random_text::<32>(),
        }])
        .await?;
    erasure.tables().await?;
    erasure.reports(&traits).await?;
    erasure.raw().await?;
    erasure.files().await?;
    erasure.log(by).await?;
    erasure.tell(by).await?;
    Ok(Erased {
        proof: erasure.proof,
        counts: erasure.counts,
    })
}

struct Erasure<'a> {
    services: &'a Services,
    subscription: &'a SubscriptionId,
    warehouse: Warehouse,
    person: &'a Person,
    key: Value,
    proof: String,
    run: String,
    counts: BTreeMap<String, i64>,
    /// Ids of rows that are theirs, by table, as texts.
    rows: BTreeMap<String, BTreeSet<String>>,
}

impl Erasure<'_> {
    async fn commit(&self, writes: Vec<Write>) -> Result<(), RetentionError> {
        let load = Load {
            origin: "erasure",
            run: self.run.clone(),
            observed_at: self.services.clock.now(),
            writes,
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }

    fn count(&mut self, what: &str, number: u64) {
        if number > 0 {
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            *self.counts.entry(what.to_owned()).or_default() += number;
        }
    }

    /// Rows of the tables that people see: how often it was begun makes no difference to them.
    fn of_tables(&self) -> BTreeMap<String, i64> {
        let counts = self.counts.clone().into_iter();
        counts
            .filter(|(name, _)| catalog::table(name).is_some())
            .collect()
    }

    /// One entry for each person, however often they are erased.
    async fn tell(&self, by: &Actor) -> Result<(), RetentionError> {
        let now = self.services.clock.now();
        let entry = NewEntry {
            at: now,
            category: Category::Retention,
            severity: Severity::Info,
            source_id: None,
            actor: by.clone(),
            code: "retention.erased".to_owned(),
            counts: self.of_tables(),
            details: json!({ "proof": self.proof }),
            dedupe_key: format!("retention.erased:{}", self.proof),
        };
        let mut tx = self.services.control.begin().await?;
        tx.append_journal(self.subscription, &entry).await?;
        Ok(tx.commit().await?)
    }
}

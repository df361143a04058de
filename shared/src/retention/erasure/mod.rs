//! Erasure of one person on request: nothing personal is left of them, and nothing brings it back.

mod course;
mod files;
mod log;
mod messages;
mod ordered;
mod raw;
mod reported;
mod scrubbing;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::RetentionError;
use crate::{
    SubscriptionId,
    catalog::{self, system},
    control::Actor,
    journal::{self, Category, NewEntry, Severity},
    ports::{SecretKey, random_text},
    services::Services,
    warehouse::{Filter, Load, People, Person, Rows, Scan, Value, Warehouse, Write},
    yclients::connect,
};

pub use ordered::{erase_at_once, order_erasure};
pub(crate) use ordered::{erasure_failed, send_again};
pub(crate) use scrubbing::scrub_again;

/// The kind of the message that asks for an erasure.
pub const ERASE: &str = "retention.erase";

/// The body of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseMessage {
    /// Among whom the person is known.
    pub people: String,
    /// By which id.
    pub id: String,
    /// Who asked for it.
    pub by: String,
}

/// What an erasure came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What spoke of the person was emptied.
    Emptied,
    /// No row and no event spoke of anybody of that id among those people. Their data is kept out from now on all the same,
    /// and lines of the log and files that name the id were treated as theirs, since these do not say whose id it is.
    Nothing,
    /// The person was erased before.
    Before,
}

impl Outcome {
    /// A stable name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emptied => "emptied",
            Self::Nothing => "nothing_found",
            Self::Before => "erased_before",
        }
    }
}

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What it came to.
    pub outcome: Outcome,
    /// The keyed hash under which the personal-data log goes on: who has the id can show that its person was erased.
    pub proof: String,
    /// How many things were emptied, by table.
    pub counts: BTreeMap<String, i64>,
}

/// The people of that id whom the subscription has rows of: customers of the shop and clients of connected companies.
pub async fn known_people(
    services: &Services,
    subscription: &SubscriptionId,
    id: &str,
) -> Result<Vec<Person>, RetentionError> {
    let snapshot = services.warehouses.open(subscription).snapshot().await?;
    let mut known = Vec::new();
    for person in possible_people(id) {
        let declared = catalog::table(person.people.table());
        let (Some(key), Some(declared)) = (person.key(), declared) else {
            continue;
        };
        let theirs = snapshot.counting(person.people, system::SOURCE_ID).await?;
        let scan = Scan::of(declared)
            .columns(["id"])
            .filter(Filter::equal("id", key).and(theirs))
            .with_deleted()
            .limit(1);
        let found: Vec<Rows> = snapshot.scan(scan).await?.try_collect().await?;
        if found.iter().any(|rows| !rows.is_empty()) {
            known.push(person);
        }
    }
    Ok(known)
}

/// The person as the subscription has a row of them, if it has one: customers of the shop also by an id that leaves the
/// subscription's origin out.
pub async fn known_as(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
) -> Result<Option<Person>, RetentionError> {
    let whole = catalog::whole_id(&person.id, subscription.as_str()).into_owned();
    let ids = match person.people {
        People::Customers => vec![person.id.clone(), whole],
        People::Yclients | People::Altegio => vec![person.id.clone()],
    };
    for id in ids {
        let known = known_people(services, subscription, &id).await?;
        let same = known
            .into_iter()
            .find(|known| known.people == person.people);
        if same.is_some() {
            return Ok(same);
        }
    }
    Ok(None)
}

/// The people who could have that id, whether or not there is a row of them: others may name them all the same.
pub fn possible_people(id: &str) -> Vec<Person> {
    let people = People::ALL.into_iter().map(|people| Person {
        people,
        id: id.to_owned(),
    });
    people.filter(|person| person.key().is_some()).collect()
}

/// The keyed hash that stands for an erased person in the personal-data log, with the current key.
pub fn proof(services: &Services, subscription: &SubscriptionId, person: &Person) -> String {
    proof_by(services.keys.suppression.current(), subscription, person)
}

/// The keyed hashes that may stand for an erased person, the current one first: keys are renewed, and lines stay.
pub fn proofs(services: &Services, subscription: &SubscriptionId, person: &Person) -> Vec<String> {
    let keys = services.keys.suppression.all();
    keys.map(|key| proof_by(key, subscription, person))
        .collect()
}

fn proof_by(key: &SecretKey, subscription: &SubscriptionId, person: &Person) -> String {
    let parts = [
        b"erasure".as_slice(),
        subscription.as_str().as_bytes(),
        person.people.as_str().as_bytes(),
        person.id.as_bytes(),
    ];
    let mac = key.mac(&parts);
    let short = mac.get(..16).unwrap_or_default();
    format!("erased:{}", HEXLOWER.encode(short))
}

/// Erases the person that a message names.
pub(crate) async fn erase_asked(
    services: &Services,
    subscription: &SubscriptionId,
    message: &EraseMessage,
) -> Result<(), RetentionError> {
    let person = ordered::person_of(message).ok_or(RetentionError::NoSuchPerson)?;
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
    connect::tell_vendors::<RetentionError>(services, subscription).await?;
    let mut erasure = Erasure::of(services, subscription, person)?;
    let is_over = erasure.is_over().await?;
    if is_over {
        erasure.forget_order().await?;
    } else {
        erasure.remember_found().await?;
        let traits = erasure.begin(Vec::new()).await?;
        erasure.tables().await?;
        erasure.reports(&traits).await?;
        erasure.raw().await?;
        erasure.messages().await?;
        erasure.emptied().await?;
        // A file that was finished meanwhile is there to be taken back once it is told of.
        journal::relay(services, subscription).await?;
        erasure.files().await?;
        erasure.log().await?;
        erasure.scrub().await?;
        erasure.end(by).await?;
    }
    journal::relay(services, subscription).await?;
    Ok(Erased {
        outcome: match is_over {
            true => Outcome::Before,
            false => erasure.outcome(),
        },
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
    /// Whether anything spoke of them, now or when it was begun before.
    found: bool,
    /// Ids of rows that are theirs, by table, as texts.
    rows: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Erasure<'a> {
    fn of(
        services: &'a Services,
        subscription: &'a SubscriptionId,
        person: &'a Person,
    ) -> Result<Self, RetentionError> {
        Ok(Self {
            services,
            subscription,
            warehouse: services.warehouses.open(subscription),
            person,
            key: person.key().ok_or(RetentionError::NoSuchPerson)?,
            proof: proof(services, subscription, person),
            run: random_text::<16>(),
            counts: BTreeMap::new(),
            found: false,
            rows: BTreeMap::new(),
        })
    }

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

    /// What it came to, once everything was looked through.
    fn outcome(&self) -> Outcome {
        match self.found {
            true => Outcome::Emptied,
            false => Outcome::Nothing,
        }
    }

    /// Rows of the tables that people see: how often it was begun makes no difference to them.
    fn of_tables(&self) -> BTreeMap<String, i64> {
        let counts = self.counts.clone().into_iter();
        counts
            .filter(|(name, _)| catalog::table(name).is_some())
            .collect()
    }

    fn entry(&self, by: &Actor) -> NewEntry {
        NewEntry {
            at: self.services.clock.now(),
            category: Category::Retention,
            severity: Severity::Info,
            source_id: None,
            actor: by.clone(),
            // An id that nobody has looks like success otherwise, and whoever gave a wrong one would never know.
            code: match self.outcome() {
                Outcome::Nothing => "retention.erased-nothing",
                Outcome::Emptied | Outcome::Before => "retention.erased",
            }
            .to_owned(),
            counts: self.of_tables(),
            details: json!({ "proof": self.proof }),
            dedupe_key: format!("retention.erased:{}", self.proof),
        }
    }
}

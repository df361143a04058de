//! Erasures that are ordered: from the order on nothing brings the person's data in, and the order stays in the warehouse
//! until the erasure is over, whatever becomes of its message.

use std::{collections::BTreeMap, time::Duration};

use futures::TryStreamExt;
use serde_json::json;

use super::{ERASE, EraseMessage, Erased, Erasure, erase, proof, proofs};
use crate::{
    SubscriptionId,
    control::Actor,
    jobs,
    journal::{self, Category, NewEntry, Severity},
    ports::{Envelope, QueueName, random_text},
    retention::{People, Person, RetentionError, VERSION},
    services::Services,
    warehouse::{Filter, Operator, Scan, Write, internal},
    yclients::connect,
};

/// The names that orders are kept under begin so.
const ORDERS: &str = "erasure/asked/";
/// The first text after all that begin so.
const BEYOND_ORDERS: &str = "erasure/asked0";
/// Orders that are sent again in one night.
const AT_ONCE: u64 = 1_000;

/// Orders the erasure of a person: it is noted who asked for it, and from now on nothing brings their data in; what is there
/// is emptied by whoever takes the message. The keyed hash that the log goes on under.
pub async fn order_erasure(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
    by: &Actor,
) -> Result<String, RetentionError> {
    if let Some(message) = note_order(services, subscription, person, by).await? {
        send(services, subscription, &message, None).await?;
    }
    jobs::request_relay(services, subscription).await?;
    Ok(proof(services, subscription, person))
}

/// Erases a person here and now, with the order noted and kept as that of [`order_erasure`] is: where the work breaks off,
/// the next night goes on with it.
pub async fn erase_at_once(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
    by: &Actor,
) -> Result<Erased, RetentionError> {
    note_order(services, subscription, person, by).await?;
    erase(services, subscription, person, by).await
}

/// Notes who asked for the erasure, and keeps the order until it is over. What its message says; `None` of one that is over.
async fn note_order(
    services: &Services,
    subscription: &SubscriptionId,
    person: &Person,
    by: &Actor,
) -> Result<Option<EraseMessage>, RetentionError> {
    connect::tell_vendors::<RetentionError>(services, subscription).await?;
    let erasure = Erasure::of(services, subscription, person)?;
    let asked = journal::emit(&erasure.asked(by))?;
    if erasure.is_over().await? {
        erasure.commit(vec![asked]).await?;
        return Ok(None);
    }
    let message = EraseMessage {
        people: person.people.as_str().to_owned(),
        id: person.id.clone(),
        by: by.to_string(),
    };
    let keep = Write::PutState {
        key: order_key(&erasure.proof),
        value: Some(json!(message)),
    };
    erasure.begin(vec![keep, asked]).await?;
    Ok(Some(message))
}

/// Sends every erasure again that was ordered and is not over: its message may have been put aside or lost.
pub(crate) async fn send_again(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<(), RetentionError> {
    let snapshot = services.warehouses.open(subscription).snapshot().await?;
    let key = |operator, key: &str| Filter::compare("key", operator, key);
    let scan = Scan::of(internal::state())
        .columns(["value"])
        .filter(Filter::And(vec![
            key(Operator::AtLeast, ORDERS),
            key(Operator::Less, BEYOND_ORDERS),
        ]))
        .limit(AT_ONCE);
    let mut batches = snapshot.scan(scan).await?;
    let mut orders = Vec::new();
    while let Some(batch) = batches.try_next().await? {
        let texts = batch.iter().filter_map(|row| row.get(0).as_str());
        orders.extend(texts.map(str::to_owned));
    }
    drop((batches, snapshot));
    let day = services.clock.now().date_naive();
    for order in orders {
        let message: EraseMessage = serde_json::from_str(&order)?;
        let Some(person) = person_of(&message) else {
            continue;
        };
        let dedupe = format!("{ERASE}:{}:{day}", proof(services, subscription, &person));
        send(services, subscription, &message, Some(dedupe)).await?;
    }
    Ok(())
}

/// Notes that the message of an erasure is put aside, where the erasure is not over.
pub(crate) async fn erasure_failed(
    services: &Services,
    subscription: &SubscriptionId,
    message: &EraseMessage,
) -> Result<(), RetentionError> {
    let person = person_of(message).ok_or(RetentionError::NoSuchPerson)?;
    let proof = proof(services, subscription, &person);
    let now = services.clock.now();
    let entry = NewEntry {
        at: now,
        category: Category::Problem,
        severity: Severity::Error,
        source_id: None,
        actor: message.by.parse().unwrap_or(Actor::System),
        code: "retention.erasure-failed".to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "proof": proof }),
        dedupe_key: format!("retention.erasure-failed:{proof}:{}", now.date_naive()),
    };
    let mut tx = services.control.begin().await?;
    tx.append_journal(subscription, &entry).await?;
    Ok(tx.commit().await?)
}

pub(super) fn person_of(message: &EraseMessage) -> Option<Person> {
    Some(Person {
        people: People::parse(&message.people)?,
        id: message.id.clone(),
    })
}

async fn send(
    services: &Services,
    subscription: &SubscriptionId,
    message: &EraseMessage,
    dedupe: Option<String>,
) -> Result<(), RetentionError> {
    let envelope = Envelope {
        version: VERSION,
        kind: ERASE.to_owned(),
        subscription: subscription.clone(),
        body: json!(message),
    };
    let (queue, at_once) = (QueueName::Retention, Duration::ZERO);
    Ok(services
        .queue
        .send(queue, envelope, at_once, dedupe)
        .await?)
}

fn order_key(proof: &str) -> String {
    format!("{ORDERS}{proof}")
}

impl Erasure<'_> {
    fn asked(&self, by: &Actor) -> NewEntry {
        NewEntry {
            at: self.services.clock.now(),
            category: Category::Retention,
            severity: Severity::Info,
            source_id: None,
            actor: by.clone(),
            code: "retention.erasure-asked".to_owned(),
            counts: BTreeMap::new(),
            details: json!({ "proof": self.proof }),
            // Everybody who asks is noted.
            dedupe_key: format!(
                "retention.erasure-asked:{}:{}",
                self.proof,
                random_text::<12>()
            ),
        }
    }

    /// What forgets the order, whatever key its hash was made with.
    pub(super) fn without_order(&self) -> Vec<Write> {
        let proofs = proofs(self.services, self.subscription, self.person);
        let forget = |proof: &String| Write::PutState {
            key: order_key(proof),
            value: None,
        };
        proofs.iter().map(forget).collect()
    }

    /// Forgets the order of an erasure that is over.
    pub(super) async fn forget_order(&self) -> Result<(), RetentionError> {
        self.commit(self.without_order()).await
    }
}

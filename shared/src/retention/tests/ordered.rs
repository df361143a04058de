//! An erasure from its order to its end, whatever becomes of its message.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    bed::{day, plants},
    erasure::person,
};
use crate::{
    control::Actor,
    jobs, journal,
    planner::tests::bed::Plant,
    ports::{QueueName, Received},
    retention::{ERASE, Outcome, People, erase, erase_at_once, known_as, order_erasure, sweep},
    warehouse::{Rule, Value},
};

const QUEUE: QueueName = QueueName::Retention;

impl Plant {
    async fn taken(&self) -> Option<Received> {
        let wait = Duration::from_secs(60);
        let come = self.services.queue.receive(QUEUE, 10, wait).await.unwrap();
        let mut come = come.into_iter();
        let message = come.next();
        assert!(come.next().is_none(), "one message is enough");
        assert!(message.iter().all(|message| message.envelope.kind == ERASE));
        message
    }

    async fn told(&self, code: &str) -> usize {
        let shop = &self.bed.subscription.id;
        journal::relay(&self.services, shop).await.unwrap();
        self.journal(code).await
    }
}

#[tokio::test]
async fn an_erasure_that_is_ordered_is_noted_holds_at_once_and_is_never_forgotten() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let ola = person(People::Customers, "c1");
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        let by = Actor::CommandLine;
        let proof = order_erasure(services, shop, &ola, &by).await.unwrap();
        // Before anybody takes the message up, it is on record, and what comes in comes without what is personal.
        assert_eq!(plant.told("retention.erasure-asked").await, 1);
        plant.admit(day(2), plant.customers(Rule::Change)).await;
        let dump = plant.dump().await;
        let row = dump
            .lines()
            .find(|line| line.starts_with("customers: ") && line.contains("c1"));
        assert!(row.is_some_and(|row| !row.contains("Kowalska")), "{row:?}");
        // Its message is put aside, and after two weeks it goes: the order stays.
        let message = plant.taken().await.unwrap();
        for _ in 0..2 {
            jobs::give_up(services, QUEUE, message.envelope.clone())
                .await
                .unwrap();
        }
        assert_eq!(plant.told("retention.erasure-failed").await, 1);
        let park = services
            .queue
            .park(QUEUE, &message.receipt, "broken".to_owned());
        park.await.unwrap();
        plant.bed.clock.advance(TimeDelta::days(15));
        let swept = sweep(services, shop).await.unwrap();
        assert_eq!(swept["parked_messages"], 1);
        let again = plant.taken().await.unwrap();
        assert_eq!(again.envelope, message.envelope);
        let receipt = again.receipt.clone();
        jobs::run(services, QUEUE, again).await.unwrap();
        services.queue.ack(QUEUE, &receipt).await.unwrap();
        plant.clean().await;
        assert_eq!(plant.told("retention.erased").await, 1);
        let asked = order_erasure(services, shop, &ola, &by).await.unwrap();
        assert_eq!(asked, proof);
        assert_eq!(plant.told("retention.erasure-asked").await, 2);
        plant.bed.clock.advance(TimeDelta::days(1));
        sweep(services, shop).await.unwrap();
        assert!(plant.taken().await.is_none(), "it is over");
        assert_eq!(erase(services, shop, &ola, &by).await.unwrap().proof, proof);
        plant.close().await;
    }
}

#[tokio::test]
async fn an_erasure_that_finds_nobody_says_so_and_keeps_them_out_all_the_same() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let (ola, by) = (person(People::Customers, "c1"), Actor::CommandLine);
        let erased = erase_at_once(services, shop, &ola, &by).await.unwrap();
        assert_eq!(erased.outcome, Outcome::Nothing, "{erased:?}");
        assert_eq!(plant.told("retention.erasure-asked").await, 1);
        assert_eq!(plant.told("retention.erased-nothing").await, 1);
        assert_eq!(plant.told("retention.erased").await, 0);
        // An id without its origin is that of whoever has it with the origin.
        let mut customers = plant.customers(Rule::Change);
        let whole = format!("{shop}:c9");
        customers.rows.push_values(&[
            whole.as_str().into(),
            "Jan".into(),
            Value::Null,
            Value::Null,
        ]);
        plant.admit(day(1), customers).await;
        let dump = plant.dump().await;
        let row = dump
            .lines()
            .find(|line| line.starts_with("customers: ") && line.contains("c1"));
        assert!(row.is_some_and(|row| !row.contains("Kowalska")), "{row:?}");
        let again = erase_at_once(services, shop, &ola, &by).await.unwrap();
        assert_eq!(again.outcome, Outcome::Before);
        assert_eq!(again.proof, erased.proof);
        assert_eq!(plant.told("retention.erasure-asked").await, 2);
        let known = async |people, id| known_as(services, shop, &person(people, id)).await.unwrap();
        let jan = person(People::Customers, &whole);
        assert_eq!(known(People::Customers, "c9").await, Some(jan.clone()));
        assert_eq!(known(People::Customers, "c8").await, None);
        let erased = erase_at_once(services, shop, &jan, &by).await.unwrap();
        assert_eq!(erased.outcome, Outcome::Emptied, "{erased:?}");
        assert_eq!(plant.told("retention.erased").await, 1);
        plant.close().await;
    }
}

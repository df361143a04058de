//! What is left of a person who was erased, and what comes in about them afterwards.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use super::bed::{day, plants, table};
use crate::{
    control::{Actor, DeliveryStatus},
    import,
    ports::ObjectKey,
    retention::{People, Person, erase, known_people, proof},
    warehouse::{Conflict, Load, Outcome, Rows, Rule, Value, Write, internal, restoration},
};

const BY: Actor = Actor::CommandLine;

pub(super) fn person(people: People, id: &str) -> Person {
    Person {
        people,
        id: id.to_owned(),
    }
}

#[tokio::test]
async fn nothing_of_a_customer_of_the_shop_is_left_or_comes_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let mut first = plant.customers(Rule::Change);
        first.undo = Some("import1".to_owned());
        plant.admit(day(1), first).await;
        let mut second = plant.customers(Rule::Change);
        second.rows = Rows::new(4);
        second.rows.push_values(&[
            "c1".into(),
            "Aleksandra Kowalska".into(),
            Value::Null,
            Value::Null,
        ]);
        second.undo = Some("import2".to_owned());
        let load = plant.load(day(2), Write::Admit(second)).await.load_id;
        for admit in plant.repairs(Rule::Change) {
            plant.admit(day(2), admit).await;
        }
        plant
            .insert(
                import::problems(),
                &[
                    "import1".into(),
                    "apply".into(),
                    1.into(),
                    "warning".into(),
                    "x".into(),
                    "customers".into(),
                    "c1".into(),
                    1.into(),
                    "phone".into(),
                    "digits".into(),
                    "48501234567 x".into(),
                ],
            )
            .await;
        let known = known_people(services, shop, "c1").await.unwrap();
        assert_eq!(known, [person(People::Customers, "c1")]);
        let erased = erase(services, shop, &known[0], &BY).await.unwrap();
        assert_eq!(erased.counts["customers"], 1);
        assert_eq!(
            (erased.counts["repairs"], erased.counts["repair_actions"]),
            (1, 1)
        );
        plant.clean().await;
        // Again, and again by every path.
        assert_eq!(
            erase(services, shop, &known[0], &BY).await.unwrap().proof,
            erased.proof
        );
        let three_way = |conflict| Rule::ThreeWay {
            made_at: None,
            conflict,
        };
        for rule in [
            Rule::Change,
            three_way(Conflict::KeepOurs),
            three_way(Conflict::TakeTheirs),
        ] {
            plant.admit(day(3), plant.customers(rule.clone())).await;
            for admit in plant.repairs(rule) {
                plant.admit(day(3), admit).await;
            }
            plant.clean().await;
        }
        // A part of a row that does not say whose it is.
        let part = plant.shop_rows(
            "repairs",
            Rule::Change,
            ["id", "diagnosis"],
            &[["r1".into(), "Kowalska".into()]],
        );
        plant.admit(day(4), part).await;
        plant.clean().await;
        let rule = Rule::Undo {
            loads: BTreeSet::from([load]),
        };
        let image = json!({ "id": "c1", "person": "Ola Kowalska" }).to_string();
        let entries = [("[\"local\",\"c1\"]", Some(image.as_str()))];
        for admit in restoration(table("customers"), &rule, entries).unwrap() {
            plant.admit(day(5), admit).await;
        }
        plant.clean().await;
        plant.close().await;
    }
}

#[tokio::test]
async fn nothing_of_a_client_is_left_or_comes_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.clients(Rule::Newest, 1)).await;
        plant.admit(day(1), plant.visits(Rule::Newest, 1)).await;
        plant.raw("before").await;
        let content = json!({ "client": { "id": 7, "name": "Ola Kowalska" } }).to_string();
        let report = ["rep".into(), "70".into(), Value::Null, Value::Json(content)];
        let columns = ["report", "key", "period", "content"];
        plant
            .admit(
                day(1),
                plant.bodies("yclients_reports", Rule::Newest, columns, &[report]),
            )
            .await;
        let client = person(People::Yclients, "7");
        let erased = erase(services, shop, &client, &BY).await.unwrap();
        assert_eq!(erased.counts["yclients_reports"], 1);
        assert_eq!(erased.counts["yclients_record_consumables"], 1);
        plant.clean().await;
        plant.raw("after").await;
        for (rule, changed) in [
            (Rule::Newest, 1),
            (Rule::Newest, 3),
            (Rule::Ordered, 4),
            (Rule::Passing { ordered: false }, 5),
            (Rule::Asked, 1),
            (Rule::Asked, 6),
        ] {
            let outcomes = plant
                .admit(day(changed), plant.clients(rule.clone(), changed))
                .await;
            assert!(!outcomes.contains(&Outcome::New));
            plant.admit(day(changed), plant.visits(rule, changed)).await;
            plant.clean().await;
        }
        // Another source of the same company knows the same client.
        let mut elsewhere = plant.clients(Rule::Newest, 9);
        elsewhere.source_id.push('x');
        plant.admit(day(9), elsewhere).await;
        plant.clean().await;
        assert_eq!(plant.ids("yclients_records").await, [70, 80]);
        plant.close().await;
    }
}

#[tokio::test]
async fn the_log_goes_on_under_a_hash_and_files_are_taken_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        let delivery = plant.bed.ready(&plant.bed.owner).await;
        let key: ObjectKey = delivery.object_key.clone().unwrap();
        let event = format!("export:{}:{}", delivery.id, delivery.attempt.max(1));
        plant
            .insert(
                internal::personal_data_subjects(),
                &[event.as_str().into(), "c1".into()],
            )
            .await;
        let client = person(People::Customers, "c1");
        let erased = erase(services, shop, &client, &BY).await.unwrap();
        assert_eq!(
            (
                erased.counts["deliveries"],
                erased.counts["personal_data_log"]
            ),
            (1, 1)
        );
        let now = services
            .control
            .deliveries(shop)
            .get(&delivery.id)
            .await
            .unwrap();
        assert_eq!(
            (now.status, now.failure_code.as_deref()),
            (DeliveryStatus::Failed, Some("export.erased"))
        );
        assert!(services.objects.head(&key).await.unwrap().is_none());
        assert_eq!(erased.proof, proof(services, shop, &client));
        let dump = plant.dump().await;
        let of_log: Vec<&str> = dump
            .lines()
            .filter(|line| line.starts_with("_personal_data_subjects"))
            .collect();
        assert_eq!(of_log.len(), 2);
        assert!(of_log.iter().all(|line| line.contains(&erased.proof)));
        assert_eq!(plant.journal("retention.erased").await, 1);
        plant.bed.clock.advance(TimeDelta::seconds(1));
        plant.close().await;
    }
}

#[tokio::test]
async fn nobody_else_pays_for_the_erased() {
    for plant in plants().await {
        let load = Load {
            origin: "pull",
            run: "run".to_owned(),
            observed_at: day(1),
            writes: vec![Write::Admit(plant.clients(Rule::Newest, 1))],
            quota: None,
        };
        plant.warehouse().commit(load).await.unwrap();
        let people = [person(People::Yclients, "7"), person(People::Yclients, "8")];
        assert!(
            plant
                .warehouse()
                .erased(people.clone().into())
                .await
                .unwrap()
                .is_empty()
        );
        let shop = &plant.bed.subscription.id;
        erase(&plant.services, shop, &people[0], &BY).await.unwrap();
        let erased = plant
            .warehouse()
            .erased(people.clone().into())
            .await
            .unwrap();
        assert_eq!(erased, BTreeSet::from([people[0].clone()]));
        plant.close().await;
    }
}

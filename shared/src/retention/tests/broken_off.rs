//! Erasures that break off, of people who are hardly known, and under other keys.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::json;

use super::{
    bed::{day, plants},
    erasure::person,
};
use crate::{
    control::{Actor, VendorName},
    ports::{CallKind, Interruptions, KeyName, KeyRing, MasterKey},
    retention::{Outcome, People, erase, known_people, possible_people, proof, proofs},
    services::Services,
    warehouse::{Rule, Value, internal, of_vendor},
};

const BY: Actor = Actor::CommandLine;

/// Lets so many commits be done, and fails the next.
#[derive(Debug)]
struct After(AtomicI64);

impl Interruptions for After {
    fn before(&self, call: &'static str, _: CallKind) -> io::Result<u64> {
        let is_next = call == "warehouse.commit" && self.0.fetch_sub(1, Ordering::SeqCst) == 0;
        if is_next {
            Err(io::Error::other("broken off"))
        } else {
            Ok(0)
        }
    }

    fn after(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_erasure_that_broke_off_knows_whom_to_look_for() {
    for commits in 0..7 {
        for plant in plants().await {
            let (services, shop) = (&plant.services, &plant.bed.subscription.id);
            plant.admit(day(1), plant.clients(Rule::Newest, 1)).await;
            plant.admit(day(1), plant.visits(Rule::Newest, 1)).await;
            let report = |key: &str, phone: &str| {
                let content = json!({ "contact": { "phone": phone, "of": "Kowalska" } });
                let content = Value::Json(content.to_string());
                ["rep".into(), key.into(), Value::Null, content]
            };
            let rows = [
                report("998", "48501234567"),
                report("999", "+48 501-234-567"),
            ];
            let columns = ["report", "key", "period", "content"];
            let rows = plant.bodies("yclients_reports", Rule::Newest, columns, &rows);
            plant.admit(day(1), rows).await;
            let interruptions = Arc::new(After(AtomicI64::new(commits)));
            let broken = Services {
                warehouses: services.warehouses.clone().interrupted_by(interruptions),
                ..services.clone()
            };
            let client = person(People::Yclients, "7");
            erase(&broken, shop, &client, &BY).await.unwrap_err();
            // The client is pulled meanwhile.
            plant.admit(day(2), plant.clients(Rule::Newest, 2)).await;
            erase(services, shop, &client, &BY).await.unwrap();
            plant.clean().await;
            assert_eq!(plant.journal("retention.erased").await, 1, "{commits}");
            plant.close().await;
        }
    }
}

#[tokio::test]
async fn an_erasure_that_broke_off_tells_of_what_it_emptied_before() {
    for commits in 0..4 {
        for plant in plants().await {
            let (services, shop) = (&plant.services, &plant.bed.subscription.id);
            // Nothing but a record that was set aside speaks of them.
            let body = json!({ "id": 70, "client": { "id": 7, "name": "Ola Kowalska" } });
            let parked = [
                "aside".into(),
                "yclients_records".into(),
                plant.source_id().into(),
                "r".into(),
                Value::Json(body.to_string()),
                day(1).into(),
            ];
            plant.insert(internal::parked(), &parked).await;
            let interruptions = Arc::new(After(AtomicI64::new(commits)));
            let broken = Services {
                warehouses: services.warehouses.clone().interrupted_by(interruptions),
                ..services.clone()
            };
            let client = person(People::Yclients, "7");
            erase(&broken, shop, &client, &BY).await.unwrap_err();
            let erased = erase(services, shop, &client, &BY).await.unwrap();
            assert_eq!(erased.outcome, Outcome::Emptied, "{commits}");
            assert_eq!(plant.journal("retention.erased").await, 1, "{commits}");
            assert_eq!(plant.journal("retention.erased-nothing").await, 0);
            let dump = plant.dump().await;
            assert!(!dump.contains("Kowalska"), "{dump}");
            assert!(!dump.contains("erasure/found/"), "it is over: {dump}");
            plant.close().await;
        }
    }
}

#[tokio::test]
async fn whoever_has_no_row_is_erased_where_others_name_them() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.visits(Rule::Newest, 1)).await;
        assert!(known_people(services, shop, "7").await.unwrap().is_empty());
        let client = person(People::Yclients, "7");
        assert!(possible_people("7").contains(&client));
        let only_customer = [person(People::Customers, "c1")];
        assert_eq!(possible_people("c1"), only_customer);
        assert_eq!(possible_people("07"), [person(People::Customers, "07")]);
        erase(services, shop, &client, &BY).await.unwrap();
        plant.clean().await;
        plant.close().await;
    }
}

#[tokio::test]
async fn an_id_of_one_vendor_is_nobody_of_another() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let elsewhere = format!("{}x", plant.source_id());
        let vendor = of_vendor(&elsewhere, VendorName::Altegio).unwrap();
        plant.load(day(1), vendor).await;
        assert!(of_vendor(&elsewhere, VendorName::Yclients).is_none());
        let bring = async |changed: i64, raw: &str| {
            for source in [plant.source_id(), elsewhere.clone()] {
                for mut admit in [
                    plant.clients(Rule::Newest, changed),
                    plant.visits(Rule::Newest, changed),
                ] {
                    admit.source_id.clone_from(&source);
                    plant.admit(day(changed), admit).await;
                }
                let body = json!({ "id": 70, "client": { "id": 7, "name": "Ola Kowalska" } });
                let parked = [
                    format!("{raw} {source}").into(),
                    "yclients_records".into(),
                    source.as_str().into(),
                    "r".into(),
                    Value::Json(body.to_string()),
                    day(1).into(),
                ];
                plant.insert(internal::parked(), &parked).await;
            }
        };
        let told = async || {
            let dump = plant.dump().await;
            let told = dump.lines().filter(|line| line.contains("Kowalska"));
            let (there, here): (Vec<_>, Vec<_>) = told
                .map(str::to_owned)
                .partition(|line| line.contains(&elsewhere));
            (here.len(), there.len())
        };
        bring(1, "before").await;
        assert_eq!(told().await, (4, 4));
        let both = [person(People::Yclients, "7"), person(People::Altegio, "7")];
        assert_eq!(known_people(services, shop, "7").await.unwrap(), both);
        erase(services, shop, &both[0], &BY).await.unwrap();
        assert_eq!(told().await, (0, 4));
        bring(2, "after").await;
        assert_eq!(told().await, (0, 5));
        erase(services, shop, &both[1], &BY).await.unwrap();
        assert_eq!(told().await, (0, 0));
        bring(3, "again").await;
        assert_eq!(told().await, (0, 0));
        plant.clean().await;
        plant.close().await;
    }
}

#[tokio::test]
async fn an_erasure_is_known_again_when_the_keys_were_renewed() {
    for mut plant in plants().await {
        let shop = plant.bed.subscription.id.clone();
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        let customer = person(People::Customers, "c1");
        let erased = erase(&plant.services, &shop, &customer, &BY).await.unwrap();
        let (old, new) = (MasterKey::new(1, [7; 32]), MasterKey::new(2, [8; 32]));
        plant.services.keys.suppression = KeyRing::derive(KeyName::Suppression, &new, &[old]);
        let services = &plant.services;
        assert_ne!(proof(services, &shop, &customer), erased.proof);
        assert!(proofs(services, &shop, &customer).contains(&erased.proof));
        erase(services, &shop, &customer, &BY).await.unwrap();
        assert_eq!(plant.journal("retention.erased").await, 1);
        let dump = plant.dump().await;
        let events = dump
            .lines()
            .filter(|line| line.starts_with("_personal_data_events"));
        assert_eq!(events.count(), 1);
        plant.close().await;
    }
}

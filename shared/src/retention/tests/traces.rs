//! What is left of the erased where no row tells of it: in queues, and in the files of databases.

use std::{fs, time::Duration};

use serde_json::{Value as Json, json};

use super::{
    bed::{day, plants},
    erasure::person,
    people::SECRETS,
};
use crate::{
    control::Actor,
    jobs,
    planner::tests::bed::Plant,
    ports::{Envelope, ParkedPage, QueueName},
    retention::{People, erase, sweep},
    warehouse::{Rule, Write, internal},
};

const BY: Actor = Actor::CommandLine;
const QUEUE: QueueName = QueueName::Ingest;
const HIDDEN: Duration = Duration::from_secs(60);

impl Plant {
    /// Events of two clients, as a receiver queues them.
    async fn hook(&self, company: i64) {
        let event = |id: i64, name: &str| {
            json!({ "company_id": company, "resource": "client", "resource_id": id, "status": "update",
                "data": { "id": id, "name": name, "phone": "48501234567" } })
        };
        let body = json!({ "source": self.source_id(), "key_version": 1, "received_at": day(2),
            "events": [event(7, "Ola Kowalska"), { "company_id": company, "resource": "client", "resource_id": 8,
                "status": "update", "data": { "id": 8, "name": "Jan Nowak" } }] });
        let envelope = Envelope {
            version: 1,
            kind: "webhook.event".to_owned(),
            subscription: self.bed.subscription.id.clone(),
            body,
        };
        let sent = self
            .services
            .queue
            .send(QUEUE, envelope, Duration::ZERO, None);
        sent.await.unwrap();
    }

    /// One message is done, one is put aside, and one waits.
    async fn webhooks(&self) {
        let queue = &self.services.queue;
        for _ in 0..3 {
            self.hook(1).await;
        }
        let taken = queue.receive(QUEUE, 2, HIDDEN).await.unwrap();
        queue.ack(QUEUE, &taken[0].receipt).await.unwrap();
        let why = "too often".to_owned();
        queue.park(QUEUE, &taken[1].receipt, why).await.unwrap();
    }

    /// Rows that were changed and removed since, which leave their old content in unused space.
    async fn past(&self) {
        for changed in 1..=3 {
            let clients = self.clients(Rule::Newest, changed);
            self.admit(day(changed), clients).await;
            self.admit(day(changed), self.visits(Rule::Newest, changed))
                .await;
        }
        self.raw("of today").await;
        self.raw("removed").await;
        let remove = Write::Remove {
            table: internal::parked().clone(),
            filter: crate::warehouse::Filter::equal("id", "removed"),
            limit: None,
        };
        self.load(day(3), remove).await;
    }

    /// Which of these words stand in a file of a database.
    fn in_files(&self, words: &[&str]) -> Vec<String> {
        let files = ["warehouses", "."].into_iter().flat_map(|folder| {
            let folder = fs::read_dir(self.folder.path().join(folder));
            folder.into_iter().flatten().map(|file| file.unwrap())
        });
        let mut found = Vec::new();
        for file in files.filter(|file| file.file_type().unwrap().is_file()) {
            let bytes = fs::read(file.path()).unwrap();
            for word in words {
                if bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes())
                {
                    found.push(format!("{word} in {}", file.file_name().display()));
                }
            }
        }
        found
    }

    /// Tables that PostgreSQL was told to vacuum.
    async fn vacuumed(&self, url: &str) -> Vec<String> {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        let sql = "SELECT relname::text FROM pg_stat_all_tables WHERE schemaname = $1 AND vacuum_count > 0";
        let schema = self.bed.subscription.id.warehouse_name();
        let vacuumed = sqlx::query_scalar(sql).bind(schema).fetch_all(&pool).await;
        pool.close().await;
        vacuumed.unwrap()
    }
}

#[tokio::test]
async fn neither_queues_nor_files_keep_the_erased() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.webhooks().await;
        plant.past().await;
        assert!(!plant.in_files(&["Kowalska"]).is_empty());
        let client = person(People::Yclients, "7");
        let erased = erase(services, shop, &client, &BY).await.unwrap();
        assert_eq!(erased.counts["messages"], 2);
        plant.clean().await;
        assert_eq!(plant.in_files(&SECRETS), Vec::<String>::new());
        if let Some(url) = plant.bed.database_url() {
            let vacuumed = plant.vacuumed(url).await;
            for table in ["yclients_clients", "yclients_records", "_parked", "_inbox"] {
                assert!(vacuumed.iter().any(|name| name == table), "{vacuumed:?}");
            }
        } else {
            let others = plant.in_files(&["Nowak"]);
            assert_eq!(others.len(), 2, "{others:?}");
        }
        let page = ParkedPage {
            limit: 10,
            ..ParkedPage::default()
        };
        let parked = services.queue.parked(QUEUE, page).await.unwrap();
        let waiting = services.queue.receive(QUEUE, 10, HIDDEN).await.unwrap();
        let bodies = parked.iter().map(|parked| &parked.envelope.body);
        let bodies: Vec<&Json> = bodies
            .chain(waiting.iter().map(|waiting| &waiting.envelope.body))
            .collect();
        assert_eq!(bodies.len(), 2);
        for body in bodies {
            assert_eq!(body["events"][0]["data"], json!({ "id": 7 }));
            assert_eq!(body["events"][1]["data"]["name"], "Jan Nowak");
        }
        plant.close().await;
    }
}

#[tokio::test]
async fn a_message_that_no_queue_could_change_brings_nothing_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let source = services.control.sources(shop);
        let company = source.list().await.unwrap()[0].company_id;
        plant.admit(day(1), plant.clients(Rule::Newest, 1)).await;
        let client = person(People::Yclients, "7");
        erase(services, shop, &client, &BY).await.unwrap();
        // As one that was put aside before and is replayed.
        plant.hook(company).await;
        let received = services.queue.receive(QUEUE, 10, HIDDEN).await.unwrap();
        assert_eq!(received.len(), 1);
        for (_, outcome) in jobs::run_batch(services, QUEUE, received).await {
            outcome.unwrap();
        }
        plant.clean().await;
        let dump = plant.dump().await;
        let neighbour = dump
            .lines()
            .filter(|line| line.contains("Jan Nowak"))
            .count();
        assert!(neighbour > 0, "{dump}");
        plant.close().await;
    }
}

#[tokio::test]
async fn what_a_reader_holds_up_is_cleared_in_the_next_night() {
    let plant = plants().await.swap_remove(0);
    let (services, shop) = (&plant.services, &plant.bed.subscription.id);
    plant.past().await;
    let reader = plant.warehouse().snapshot().await.unwrap();
    let client = person(People::Yclients, "7");
    erase(services, shop, &client, &BY).await.unwrap();
    plant.clean().await;
    assert!(!plant.in_files(&SECRETS).is_empty(), "a reader goes on");
    drop(reader);
    sweep(services, shop).await.unwrap();
    assert_eq!(plant.in_files(&SECRETS), Vec::<String>::new());
    assert_eq!(plant.warehouse().state("erased/scrub").await.unwrap(), None);
    plant.close().await;
}

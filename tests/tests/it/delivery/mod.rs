//! Files on their way out, on both databases: ordered, built, mailed, handed over, swept.

mod claims;
mod erased;
mod failures;
mod journey;
mod personal_log;
mod relay;
mod to_file;
mod warehouse_list;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::TryStreamExt;
use tempfile::TempDir;
use wynos::{
    SubscriptionId,
    catalog::{Locale, Table, repair_shop::LOCAL_SOURCE},
    control::{
        Account, Actor, Delivery, FileFormat, NewAccount, NewSubscription, Password, Plan, Role,
    },
    delivery::{self, Order},
    jobs,
    journal::JournalFilter,
    ports::{Clock, Disposition, QueueName},
    sample::Shop,
    services::Services,
    warehouse::{Admit, Load, Rule, Scan, Write, internal},
};
use wynos_tests::postgres::{DatabaseUrl, fresh_database};

use crate::assembled::assembled;

const CUSTOMERS: u64 = 60;

/// A system in a folder of its own with a small shop, its owner, and a clock that stands still.
struct Bed {
    services: Services,
    shop: SubscriptionId,
    owner: Account,
    folder: TempDir,
    _database: Option<DatabaseUrl>,
}

/// One on SQLite, one on PostgreSQL.
async fn beds() -> [Bed; 2] {
    [
        bed(None).await,
        bed(Some(fresh_database().await.unwrap())).await,
    ]
}

async fn bed(database: Option<DatabaseUrl>) -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let clock = Clock::fixed("2026-11-21T11:00:00Z".parse().unwrap());
    let services = assembled(root, database.as_ref(), clock).await;
    let business = NewSubscription {
        name: "Serwis <Żółw> & Syn".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let owner = account("ola@example.pl").await;
    let now = services.clock.now();
    let first = services
        .control
        .create_first_owner(&business, &owner, now)
        .await
        .unwrap();
    let bed = Bed {
        services,
        shop: first.subscription.id,
        owner: first.account,
        folder,
        _database: database,
    };
    bed.load().await;
    bed
}

async fn account(email: &str) -> NewAccount {
    // Hashed once: the hash takes its time on purpose.
    static HASHED: tokio::sync::OnceCell<Password> = tokio::sync::OnceCell::const_new();
    let password = HASHED
        .get_or_init(async || Password::hash("dobre hasło 1").await.unwrap())
        .await;
    NewAccount {
        email: email.to_owned(),
        name: "Ola Żak".to_owned(),
        locale: Locale::Pl,
        password: password.clone(),
    }
}

impl Bed {
    /// Puts the sample shop into the warehouse.
    async fn load(&self) {
        let now = self.services.clock.now();
        let shop = Shop {
            origin: self.shop.clone(),
            seed: 7,
            customers: CUSTOMERS,
            today: now,
        };
        let mut writes = Vec::new();
        for table in shop.tables() {
            for rows in shop.batches(table) {
                writes.push(Write::Admit(Admit {
                    table: Arc::clone(table),
                    source_id: LOCAL_SOURCE.to_owned(),
                    columns: table
                        .columns
                        .iter()
                        .map(|column| column.name.to_string())
                        .collect(),
                    rows,
                    rule: Rule::Change,
                    undo: None,
                    personal_data_event: None,
                    children: Vec::new(),
                    filter: None,
                }));
            }
        }
        self.commit(writes).await;
    }

    async fn commit(&self, writes: Vec<Write>) {
        let load = Load {
            origin: "api",
            run: "test".to_owned(),
            observed_at: self.services.clock.now(),
            writes,
            quota: None,
        };
        self.services
            .warehouses
            .open(&self.shop)
            .commit(load)
            .await
            .unwrap();
    }

    /// Another person of the subscription.
    async fn person(&self, email: &str, role: Role) -> Account {
        let now = self.services.clock.now();
        let mut tx = self.services.control.begin().await.unwrap();
        let person = tx.create_account(&account(email).await, now).await.unwrap();
        tx.set_role(&self.shop, &person.id, role, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        person
    }

    /// What the owner orders.
    fn order(&self, format: FileFormat, table: Option<&str>) -> Order {
        let actor = Actor::Account(self.owner.id.clone());
        Order {
            table: table.map(str::to_owned),
            locale: Locale::Pl,
            purpose: Some("przenosiny".to_owned()),
            ..Order::new(self.shop.clone(), actor, format)
        }
    }

    /// Orders, and does all the work that follows.
    async fn delivered(&self, order: Order) -> Delivery {
        let ordered = delivery::order(&self.services, order).await.unwrap();
        self.work().await;
        self.get(&ordered).await
    }

    async fn get(&self, delivery: &Delivery) -> Delivery {
        self.services
            .control
            .deliveries(&self.shop)
            .get(&delivery.id)
            .await
            .unwrap()
    }

    /// Does what waits in the queues until nothing does.
    async fn work(&self) {
        let mut idle = false;
        while !idle {
            idle = true;
            for queue in QueueName::ALL {
                let received = self
                    .services
                    .queue
                    .receive(queue, 10, Duration::from_secs(60))
                    .await;
                for message in received.unwrap() {
                    idle = false;
                    let receipt = message.receipt.clone();
                    let done = jobs::run(&self.services, queue, message).await;
                    let queue_port = &self.services.queue;
                    match done.map_err(|error| (error.disposition(), error.reason())) {
                        Ok(()) | Err((Disposition::Drop, _)) => {
                            queue_port.ack(queue, &receipt).await.unwrap();
                        }
                        Err((Disposition::Retry, _)) => {
                            queue_port
                                .release(queue, &receipt, Duration::ZERO)
                                .await
                                .unwrap();
                        }
                        Err((Disposition::Park, reason)) => {
                            queue_port.park(queue, &receipt, reason).await.unwrap();
                        }
                    }
                }
            }
        }
    }

    fn advance(&self, by: TimeDelta) {
        self.services.clock.advance(by);
    }

    /// The token in the link that the mail carries.
    fn token(&self, delivery: &Delivery) -> String {
        let path = self
            .folder
            .path()
            .join("outbox")
            .join(format!("{}.eml", delivery::mail_id(&delivery.id)));
        let mail = std::fs::read_to_string(path).unwrap().replace("=\r\n", "");
        let (_, link) = mail.split_once("https://wynos.example/d/").unwrap();
        link.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            .collect()
    }

    fn mails(&self) -> Vec<String> {
        let outbox = std::fs::read_dir(self.folder.path().join("outbox")).unwrap();
        outbox
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// The object's content.
    async fn content(&self, delivery: &Delivery) -> Vec<u8> {
        let key = delivery.object_key.as_ref().unwrap();
        let content = self.services.objects.get(key, None).await.unwrap();
        content
            .try_fold(Vec::new(), async |mut all, chunk| {
                all.extend_from_slice(&chunk);
                Ok(all)
            })
            .await
            .unwrap()
    }

    async fn objects(&self) -> Vec<String> {
        let listed = self
            .services
            .objects
            .list("exports/", None, 1_000)
            .await
            .unwrap();
        listed
            .into_iter()
            .map(|object| object.key.to_string())
            .collect()
    }

    /// The codes of the journal, sorted: what happens while the clock stands still has no order of its own.
    async fn journal(&self) -> Vec<String> {
        let journal = self.services.control.journal(&self.shop);
        let page = journal
            .list(&JournalFilter::default(), None, 200)
            .await
            .unwrap();
        let mut codes: Vec<String> = page.items.into_iter().map(|entry| entry.code).collect();
        codes.sort();
        codes
    }

    /// The rows of these columns of a table.
    async fn rows(&self, table: &Arc<Table>, columns: &[&str]) -> Vec<Vec<Option<String>>> {
        let snapshot = self
            .services
            .warehouses
            .open(&self.shop)
            .snapshot()
            .await
            .unwrap();
        let scan = Scan::of(table).columns(columns.iter().copied());
        let batches: Vec<_> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let text = |value: wynos::warehouse::ValueRef<'_>| value.as_str().map(str::to_owned);
        batches
            .iter()
            .flat_map(|rows| {
                rows.iter()
                    .map(|row| row.values().map(text).collect())
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Customers in the personal-data log, with the event.
    async fn logged(&self) -> BTreeSet<(String, String)> {
        let rows = self
            .rows(internal::personal_data_log(), &["event_id", "customer_id"])
            .await;
        let texts = |row: Vec<Option<String>>| (row[0].clone().unwrap(), row[1].clone().unwrap());
        rows.into_iter().map(texts).collect()
    }
}

/// What a file of every format is ordered with.
const FORMATS: [(FileFormat, Option<&str>); 6] = [
    (FileFormat::Xml, None),
    (FileFormat::Csv, Some("customers")),
    (FileFormat::Csv, Some("customer_addresses")),
    (FileFormat::Xlsx, Some("repairs")),
    (FileFormat::Sqlite, None),
    (FileFormat::Ords, None),
];

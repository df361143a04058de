//! Events let into warehouses by the worker's own function, from the queue on: decoded, compared with what is there, written
//! with their journal entry, and taken from the queue.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::json;
use wynos::{
    SourceId, SubscriptionId,
    catalog::Locale,
    control::{
        Actor, Control, CredentialKind, DatabaseTarget, NewCredential, NewSource, NewSubscription,
        Plan, VendorName, VendorToken,
    },
    embedded::{DirectoryObjects, KeyFile, MailFolder, SqliteQueue},
    jobs,
    ports::{Clock, KeyName, QueueName, Secrets},
    services::{Keys, Services, Settings},
    warehouse::Warehouses,
    yclients::{
        client::{Vendor, VendorSettings},
        hooks::{HookAddress, split},
    },
};

use super::RateFigure;
use crate::{
    customers::{Customers, Kind},
    place::Database,
    task::{Measured, Task, block_on},
};

/// The company of every source.
const COMPANY: i64 = 4_564;
/// How long a message stays hidden.
const VISIBILITY: Duration = Duration::from_secs(600);

/// Events of records, spread over so many warehouses.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IngestTask {
    pub events: u64,
    pub warehouses: u64,
    pub database: Database,
}

pub fn figures() -> Vec<RateFigure> {
    vec![
        RateFigure {
            name: "ingest-sqlite",
            what: "Events into one SQLite warehouse",
            events: 50_000,
            promised: 5_000.0,
            p99: None,
            task: |customers, events, _| task(customers, events, 1, Kind::Sqlite),
        },
        RateFigure {
            name: "ingest-postgres",
            what: "Events into one PostgreSQL warehouse",
            events: 50_000,
            promised: 3_000.0,
            p99: None,
            task: |customers, events, _| task(customers, events, 1, Kind::Postgres),
        },
        RateFigure {
            name: "ingest-spread",
            what: "Events spread over 500 SQLite warehouses",
            events: 50_000,
            promised: 1_500.0,
            p99: None,
            task: |customers, events, _| task(customers, events, 500, Kind::Sqlite),
        },
    ]
}

fn task(customers: &mut Customers, events: u64, warehouses: u64, kind: Kind) -> Result<Task> {
    Ok(Task::Ingest(IngestTask {
        events,
        warehouses,
        database: customers.database(kind, "ingest")?,
    }))
}

impl IngestTask {
    pub fn run(&self) -> Result<Measured> {
        let folder = tempfile::tempdir_in(".")?;
        block_on(self.measure(folder.path()))
    }

    async fn measure(&self, folder: &Path) -> Result<Measured> {
        let services = services(folder, &self.database).await?;
        let mut sources = Vec::new();
        for _ in 0..self.warehouses {
            sources.push(connect(&services).await?);
        }
        self.fill(&services, &sources).await?;
        let begun = Instant::now();
        let mut done = 0;
        loop {
            let queue = QueueName::Ingest;
            let at_once = jobs::batch_size(queue);
            let received = services.queue.receive(queue, at_once, VISIBILITY).await?;
            if received.is_empty() {
                break;
            }
            let receipts: Vec<_> = received.iter().map(|one| one.receipt.clone()).collect();
            for (_, outcome) in jobs::run_batch(&services, queue, received).await {
                outcome?;
                done += 1;
            }
            services.queue.ack_batch(queue, receipts).await?;
        }
        let measured = Measured::new(begun, 0);
        ensure!(
            done == self.events,
            "{done} of {} events went in",
            self.events
        );
        for source in &sources {
            services
                .warehouses
                .open(source.subscription())
                .erase()
                .await?;
        }
        Ok(measured)
    }

    /// Half of the events are of records that come for the first time, half change one.
    async fn fill(&self, services: &Services, sources: &[SourceId]) -> Result<()> {
        let mut batch = Vec::new();
        for number in 0..self.events {
            let index = usize::try_from(number % self.warehouses)?;
            let source = sources.get(index).context("a source")?.clone();
            let id = number / self.warehouses / 2 + 1;
            let body = json!({ "company_id": COMPANY, "resource": "record", "resource_id": id, "status": "update",
                "data": { "id": id, "company_id": COMPANY, "staff_id": 9, "date": "2026-03-01 12:00:00",
                    "datetime": "2026-03-01T12:00:00+03:00", "create_date": "2026-03-01T09:00:00+0300",
                    "comment": format!("{number}"), "attendance": 1, "seance_length": 3_600, "length": 3_600,
                    "client": { "id": 7, "name": "Anna", "phone": "+70000000000" },
                    "services": [{ "id": 1, "title": "Strzyżenie", "cost": 100, "cost_per_unit": 100, "amount": 1 }] } })
            .to_string();
            let address = HookAddress { source, version: 1 };
            for message in split(&address, services.clock.now(), body.as_bytes()).messages {
                batch.push(message.into_envelope()?);
            }
            if batch.len() == 1_000 || number + 1 == self.events {
                let full = std::mem::take(&mut batch);
                services.queue.send_batch(QueueName::Ingest, full).await?;
            }
        }
        Ok(())
    }
}

/// A business with a connected company.
pub async fn connect(services: &Services) -> Result<SourceId> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let business = NewSubscription {
        name: "Bench".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let id: SubscriptionId = tx.create_subscription(&business, now).await?.id;
    let credential = NewCredential {
        vendor: VendorName::Yclients,
        base_url: None,
        kind: CredentialKind::Application,
        login_masked: None,
        token: VendorToken::new("token"),
        created_by: Actor::System,
    };
    let fields = &services.keys.fields;
    let credential = tx.credentials(&id).create(&credential, fields, now).await?;
    let source = NewSource {
        credential_id: credential.id,
        name: "Salon".to_owned(),
        vendor: VendorName::Yclients,
        base_url: None,
        company_id: COMPANY,
        title: "Salon".to_owned(),
        time_zone: "Europe/Moscow".to_owned(),
        created_by: Actor::System,
    };
    let source = tx.sources(&id).create(&source, now).await?;
    tx.commit().await?;
    Ok(source.id)
}

/// Everything in a folder, with warehouses in this database.
pub async fn services(folder: &Path, database: &Database) -> Result<Services> {
    let secrets = KeyFile::open(&folder.join("key"))?;
    let clock = Clock::System;
    let public_url: url::Url = "http://bench.test/".parse()?;
    let url_keys = secrets.keys(KeyName::ObjectUrl).await?;
    let objects = DirectoryObjects::open(
        &folder.join("objects"),
        public_url.clone(),
        url_keys,
        clock.clone(),
    )?;
    let from = "Wynos <wynos@example.com>".parse()?;
    let file = folder.join("control.sqlite");
    let control = Control::connect(&DatabaseTarget::Sqlite { file }).await?;
    control.migrate().await?;
    let warehouses = match database {
        Database::Sqlite(_) => Warehouses::sqlite(PathBuf::from(folder)),
        postgres @ Database::Postgres(_) => postgres.warehouses().await?,
    };
    Ok(Services {
        stop: wynos::stop::Stop::default(),
        queue: Arc::new(SqliteQueue::open(
            &folder.join("queue.sqlite"),
            clock.clone(),
        )?),
        objects: Arc::new(objects),
        mailer: Arc::new(MailFolder::open(
            &folder.join("outbox"),
            from,
            clock.clone(),
        )?),
        keys: Keys::load(&secrets).await?,
        settings: Arc::new(Settings::new(public_url, folder.join("work"))),
        vendor: Vendor::new(VendorSettings::default()),
        clock,
        control,
        warehouses,
    })
}

//! Webhooks: from the vendor's request to rows of the warehouse.

mod addresses;
mod ahead;
mod bodies;
mod contradicted;
mod loaded;
mod numbers;
mod order;
mod parts;
mod replayed;
mod snapshots;
mod swept;
mod waiting;

use std::time::Duration;

use anyhow::{Context, Result};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;
use wynos::{
    SubscriptionId, catalog,
    control::{Actor, CredentialKind, NewCredential, NewSource, Source, VendorName, VendorToken},
    ports::QueueName,
    services::Services,
    warehouse::{Filter, Scan, internal},
    yclients::hooks,
};
use wynos_tests::stack::{Database, Stack, Template};
use wynos_webhook::Receiver;

/// Each test on one after the other: stacks at once would wait for each other's end.
pub const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// The vendor's id of the company of every test.
pub const COMPANY: i64 = 4_564;

/// A business with a connected company.
pub struct Bed {
    pub stack: Stack,
    pub source: Source,
}

impl Bed {
    /// One on that database.
    pub async fn new(database: Database) -> Result<Self> {
        let template = Template::new(database).await?;
        template.seal().await;
        let stack = template.copy().await?;
        let source = connect(&stack, COMPANY).await?;
        Ok(Self { stack, source })
    }

    /// Sends a body to the source's address, as the vendor does.
    pub async fn post(&self, body: &Json) -> Result<StatusCode> {
        post(&self.stack, &self.address(1), body.to_string()).await
    }

    /// The source's address of that version.
    pub fn address(&self, version: u32) -> String {
        hooks::path(
            &self.stack.services().keys.webhook,
            &self.source.id,
            version,
        )
    }

    /// Sends and works off; time passes before.
    pub async fn take(&self, body: &Json) -> Result<()> {
        self.stack.clock.advance(TimeDelta::seconds(1));
        assert_eq!(self.post(body).await?, StatusCode::OK);
        self.work().await
    }

    /// Works off what waits in the queue of events, without moving the clock.
    pub async fn work(&self) -> Result<()> {
        self.work_by(&self.stack.services()).await
    }

    /// The same, by these services.
    pub async fn work_by(&self, services: &Services) -> Result<()> {
        work(services).await
    }

    /// The rows of a table of the source: these columns, in the order of the keys; deleted ones too.
    pub async fn rows(&self, table: &str, columns: &[&str]) -> Result<Vec<Vec<String>>> {
        let table = catalog::table(table).context("the table")?;
        let scan = Scan::of(table)
            .columns(columns.iter().map(ToString::to_string))
            .filter(Filter::equal("_source_id", self.source.id.as_str()))
            .with_deleted();
        self.scan(scan).await
    }

    /// What was kept aside: table, reason, body.
    pub async fn parked(&self) -> Result<Vec<Vec<String>>> {
        let scan = Scan::of(internal::parked()).columns(["table", "reason", "body"]);
        self.scan(scan).await
    }

    /// How many messages wait in the inbox.
    pub async fn waiting(&self) -> Result<usize> {
        let scan = Scan::of(internal::inbox()).columns(["id"]);
        Ok(self.scan(scan).await?.len())
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Vec<String>>> {
        let warehouse = self.stack.services().warehouses.open(&self.stack.shop);
        let snapshot = warehouse.snapshot().await?;
        let batches: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
        let rows = batches.iter().flat_map(wynos::warehouse::Rows::iter);
        Ok(rows
            .map(|row| row.values().map(|value| format!("{value:?}")).collect())
            .collect())
    }

    /// Ends everything.
    pub async fn end(self) -> Result<()> {
        self.stack.end().await
    }
}

/// Connects a company to the shop.
pub async fn connect(stack: &Stack, company_id: i64) -> Result<Source> {
    connect_by(&stack.services(), &stack.shop, company_id).await
}

/// Connects a company to a subscription, without asking the vendor.
pub async fn connect_by(
    services: &Services,
    subscription: &SubscriptionId,
    company_id: i64,
) -> Result<Source> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let credential = NewCredential {
        vendor: VendorName::Yclients,
        base_url: None,
        kind: CredentialKind::Application,
        login_masked: None,
        token: VendorToken::new("token"),
        created_by: Actor::System,
    };
    let credential = tx
        .credentials(subscription)
        .create(&credential, &services.keys.fields, now)
        .await?;
    let source = NewSource {
        credential_id: credential.id,
        name: "Salon".to_owned(),
        vendor: VendorName::Yclients,
        base_url: None,
        company_id,
        title: "Salon".to_owned(),
        time_zone: "Europe/Moscow".to_owned(),
        created_by: Actor::System,
    };
    let source = tx.sources(subscription).create(&source, now).await?;
    tx.commit().await?;
    Ok(source)
}

/// Works off what waits in the queue of events, without moving the clock.
pub async fn work(services: &Services) -> Result<()> {
    loop {
        let queue = QueueName::Ingest;
        let received = services
            .queue
            .receive(queue, 1_000, Duration::from_secs(60))
            .await?;
        if received.is_empty() {
            return Ok(());
        }
        let receipts: Vec<_> = received.iter().map(|one| one.receipt.clone()).collect();
        for (id, outcome) in hooks::ingest(services, received).await {
            outcome.with_context(|| format!("message {id}"))?;
        }
        services.queue.ack_batch(queue, receipts).await?;
    }
}

/// Sends a body to a path of the receiver.
pub async fn post(stack: &Stack, path: &str, body: String) -> Result<StatusCode> {
    post_by(&stack.services(), path, body).await
}

/// The same, to a receiver on these services.
pub async fn post_by(services: &Services, path: &str, body: String) -> Result<StatusCode> {
    let (queue, keys) = (services.queue.clone(), services.keys.webhook.clone());
    let router = wynos_webhook::router(Receiver::new(queue, keys, services.clock.clone()));
    let request = Request::builder().method(Method::POST).uri(path);
    Ok(router
        .oneshot(request.body(Body::from(body))?)
        .await?
        .status())
}

/// A client's event; `changed` in minutes after a fixed time, if it says when.
pub fn client(id: i64, status: &str, changed: Option<i64>, mut data: Json) -> Json {
    data["id"] = json!(id);
    if let Some(changed) = changed {
        data["last_change_date"] = json!(minute(changed).to_rfc3339());
    }
    json!({ "company_id": COMPANY, "resource": "client", "resource_id": id, "status": status, "data": data })
}

/// So many minutes after a fixed time.
pub fn minute(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_355_600, 0).unwrap() + TimeDelta::minutes(minutes)
}

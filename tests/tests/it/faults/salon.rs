//! A salon at a simulated vendor, for what is read there under faults.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value as Json};
use wynos::{
    SourceId,
    yclients::{client::Patience, streams},
};
use wynos_sandbox::{Options, Running, Sandbox};
use wynos_tests::{faults::VendorDoor, stack::Stack};

use crate::pull::{connect, hasty, vendor_at};

/// Records that the business begins with; the rest follows from them.
const RECORDS: usize = 8;
/// Longer than a lease, than a table is put off for, and than a run may stand still.
const LONG: TimeDelta = TimeDelta::minutes(16);
/// How often so long may pass before everything is read.
const PATIENCE: usize = 6;
/// More runs than any scenario makes.
const RUNS: usize = 50;

/// A simulated vendor, and a source that copies its one company.
pub struct Salon {
    pub sandbox: Running,
    pub source: SourceId,
    pub company: i64,
}

impl Salon {
    /// Connects a company and has only these tables read; the first pull is due.
    pub async fn connected(stack: &Stack, tables: &[&str]) -> Result<Self> {
        let options = Options {
            records: RECORDS,
            companies: 1,
            clock: stack.clock.clone(),
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await?;
        let company = *sandbox.companies().first().context("no company")?;
        stack.reach(vendor_at(&sandbox.base_url, at_once()));
        let services = stack.services();
        let source = connect(&services, &stack.shop, company).await;
        let mut tx = services.control.begin().await?;
        for stream in streams::streams() {
            let now = services.clock.now();
            let mut sources = tx.sources(&stack.shop);
            let wanted = tables.contains(&stream.table);
            sources
                .enable_table(&source, stream.table, wanted, now)
                .await?;
        }
        tx.commit().await?;
        Ok(Self {
            sandbox,
            source,
            company,
        })
    }

    /// Has the stack ask the vendor through a door where its calls fail too, and count as failed at once.
    pub async fn behind_a_door(&self, stack: &Stack) -> Result<VendorDoor> {
        let door = VendorDoor::open(self.sandbox.address, Arc::clone(&stack.faults)).await?;
        stack.reach(vendor_at(&door.base_url, at_once()));
        Ok(door)
    }

    /// Works off everything, and lets time pass until nothing of the source is due or under way.
    pub async fn settle(&self, stack: &Stack) -> Result<()> {
        for _ in 0..PATIENCE {
            stack.drain().await?;
            if self.is_settled(stack).await? {
                return Ok(());
            }
            stack.clock.advance(LONG);
        }
        bail!("the source is not read to the end")
    }

    /// The vendor's truth about a table, deleted rows included.
    pub async fn truth(&self, table: &str) -> Result<Vec<Map<String, Json>>> {
        let controls = &self.sandbox.control_url;
        let text = reqwest::get(format!("{controls}/sandbox/truth/{table}"));
        let text = text.await?.text().await?;
        let rows = text.lines().map(serde_json::from_str);
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What the vendor has sent to the company's addresses, in the order it left.
    pub async fn sent(&self) -> Result<Vec<Json>> {
        let controls = &self.sandbox.control_url;
        let sent = reqwest::get(format!("{controls}/sandbox/webhooks?limit=10000"));
        let mut sent: Json = sent.await?.json().await?;
        let sent = sent["webhooks"].as_array_mut().context("no webhooks")?;
        Ok(sent.iter_mut().map(|one| one["body"].take()).collect())
    }

    async fn is_settled(&self, stack: &Stack) -> Result<bool> {
        let _looking = stack.faults.aside();
        let (services, now) = (stack.services(), stack.clock.now());
        let runs = services.control.runs(&stack.shop);
        let runs = runs.list(Some(&self.source), None, None, RUNS).await?;
        let tables = services
            .control
            .sources(&stack.shop)
            .tables(&self.source)
            .await?;
        // One that was put off is not due, and not read either.
        let is_read = |at: DateTime<Utc>, outcome: &str| at > now && outcome == "done";
        let all_read = tables.iter().filter(|table| table.enabled).all(|table| {
            let outcome = table.outcome.as_deref().unwrap_or_default();
            table.next_at.is_none_or(|at| is_read(at, outcome))
        });
        Ok(all_read && runs.items.iter().all(|run| run.finished_at.is_some()))
    }

    /// Fails where living rows of these tables differ from the vendor's.
    pub async fn compare(&self, stack: &Stack, tables: &[&str]) -> Result<()> {
        let _looking = stack.faults.aside();
        let warehouse = stack.services().warehouses.open(&stack.shop);
        let copy = warehouse.snapshot().await?;
        let compared = self
            .sandbox
            .compare(&copy, &self.source, self.company, tables)
            .await?;
        if let Some(first) = compared.differences.first() {
            let count = compared.differences.len();
            bail!("{count} differences from the vendor's truth: {first}");
        }
        Ok(())
    }
}

/// A call that fails is not made again by itself.
fn at_once() -> Patience {
    Patience {
        attempts: 1,
        ..hasty()
    }
}

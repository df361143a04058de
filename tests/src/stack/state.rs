use std::fmt::Write as _;

use anyhow::{Context, Result};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use wynos::{
    SubscriptionId, catalog,
    control::Delivery,
    journal::JournalFilter,
    plans::month_of,
    ports::{ObjectKey, ParkedPage, QueueName},
    services::Services,
    warehouse::{Rows, Scan, Snapshot, internal},
    yclients::reports,
};

use super::Stack;

/// The most of anything that a scenario makes.
const LIMIT: usize = 200;

/// Everything that people can see of a stack, and what must not be left behind, without the ids and times that differ
/// from run to run: one line for each fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(Vec<String>);

impl State {
    /// The facts that one of two states has and the other has not, at most ten of each.
    pub fn difference(&self, expected: &Self) -> String {
        let mut text = String::new();
        for (sign, from, without) in [('-', expected, self), ('+', self, expected)] {
            let mut rest = without.0.clone();
            let missing = from.0.iter().filter(|line| {
                let found = rest.iter().position(|other| other == *line);
                found.map(|at| rest.swap_remove(at)).is_none()
            });
            for line in missing.take(10) {
                let short: String = line.chars().take(300).collect();
                let _ = writeln!(text, "  {sign} {short}");
            }
        }
        text
    }

    /// Without the facts that begin in one of these ways.
    pub fn without(&self, beginnings: &[&str]) -> Self {
        let kept = |line: &&String| !beginnings.iter().any(|start| line.starts_with(start));
        Self(self.0.iter().filter(kept).cloned().collect())
    }

    /// Whether any fact begins so.
    pub fn has(&self, beginning: &str) -> bool {
        self.0.iter().any(|line| line.starts_with(beginning))
    }

    /// How many facts begin so.
    pub fn count(&self, beginning: &str) -> usize {
        self.0
            .iter()
            .filter(|line| line.starts_with(beginning))
            .count()
    }
}

impl Stack {
    /// What people can see now. Faults must be at rest.
    pub async fn state(&self) -> Result<State> {
        let services = self.services();
        let mut lines = Vec::new();
        let mut known = Vec::new();
        for (name, subscription) in [("shop", &self.shop), ("other", &self.other)] {
            let mut own = Vec::new();
            rows(&services, subscription, &mut own).await?;
            journal(&services, subscription, &mut own).await?;
            deliveries(&services, subscription, &mut own, &mut known).await?;
            imports(&services, subscription, &mut own, &mut known).await?;
            used(&services, subscription, &mut own).await?;
            lines.extend(own.into_iter().map(|line| format!("{name}: {line}")));
        }
        objects(&services, &known, &mut lines).await?;
        queues(&services, &mut lines).await?;
        for mail in self.place.mails()? {
            let of = known.iter().find(|(id, _)| mail.contains(id.as_str()));
            let name = of.map_or(mail.clone(), |(id, label)| mail.replace(id.as_str(), label));
            lines.push(format!("mail {name}"));
        }
        for name in self.place.leftovers()? {
            lines.push(format!("left over in the work folder: {name}"));
        }
        lines.sort();
        Ok(State(lines))
    }
}

async fn rows(
    services: &Services,
    subscription: &SubscriptionId,
    lines: &mut Vec<String>,
) -> Result<()> {
    let warehouse = services.warehouses.open(subscription);
    let of_reports = reports::tables(&services.control, subscription).await?;
    let snapshot = warehouse.snapshot().await?;
    for table in catalog::tables().iter().chain(&of_reports) {
        let declared = table.columns.iter().map(|column| column.name.to_string());
        let system = ["_source_id", "_extra", "_deleted_at"].map(str::to_owned);
        let scan = Scan::of(table)
            .columns(declared.chain(system))
            .with_deleted();
        let deleted_at = table.columns.len() + 2;
        for batch in scanned(&snapshot, scan).await? {
            for row in batch.iter() {
                let values: Vec<_> = row.values().take(deleted_at).collect();
                let deleted = !row.get(deleted_at).is_null();
                lines.push(format!(
                    "row of {} deleted={deleted} {values:?}",
                    table.name
                ));
            }
        }
    }
    let log = Scan::of(internal::personal_data_log()).columns([
        "customer_id",
        "kind",
        "purpose",
        "actor",
        "file",
    ]);
    let mut logged = 0;
    for batch in scanned(&snapshot, log).await? {
        for row in batch.iter() {
            logged += 1;
            lines.push(format!(
                "personal data {:?}",
                row.values().collect::<Vec<_>>()
            ));
        }
    }
    reconciled(&snapshot, lines).await?;
    for (name, table) in [
        ("staged row", internal::report_stage()),
        ("outbox", internal::outbox()),
        ("checkpoint", internal::state()),
        ("undo image", internal::undo()),
        ("merged id", internal::merged_ids()),
        ("parked record", internal::parked()),
    ] {
        let count = count(&snapshot, Scan::of(table)).await?;
        lines.push(format!("{name}s: {count}"));
    }
    let subjects = count(&snapshot, Scan::of(internal::personal_data_subjects())).await?;
    lines.push(format!("subjects without an event: {}", subjects - logged));
    Ok(())
}

/// What comparisons came to, without the runs' ids.
async fn reconciled(snapshot: &Snapshot, lines: &mut Vec<String>) -> Result<()> {
    for (name, table) in [
        ("compared day", internal::reconciled_days()),
        ("difference", internal::differences()),
    ] {
        let told = table.columns.iter().map(|column| column.name.to_string());
        let told = told.filter(|name| !matches!(name.as_str(), "run" | "source_id" | "at"));
        let scan = Scan::of(table).columns(told);
        for batch in scanned(snapshot, scan).await? {
            for row in batch.iter() {
                let values: Vec<_> = row.values().collect();
                lines.push(format!("{name} {values:?}"));
            }
        }
    }
    Ok(())
}

async fn scanned(snapshot: &Snapshot, scan: Scan) -> Result<Vec<Rows>> {
    let name = scan.table.name.clone();
    let batches = snapshot.scan(scan).await?.try_collect().await;
    batches.with_context(|| format!("reading {name}"))
}

async fn count(snapshot: &Snapshot, scan: Scan) -> Result<usize> {
    let batches = scanned(snapshot, scan).await?;
    Ok(batches.iter().map(Rows::len).sum())
}

async fn journal(
    services: &Services,
    subscription: &SubscriptionId,
    lines: &mut Vec<String>,
) -> Result<()> {
    let journal = services.control.journal(subscription);
    let entries = journal.list(&JournalFilter::default(), None, LIMIT).await?;
    for entry in entries.items {
        // Who got no answer to a claim asks again, and is noted again: the one line that a fault may add.
        if entry.code != "export.claimed-again" {
            lines.push(format!(
                "journal {} by {} {:?}",
                entry.code, entry.actor, entry.counts
            ));
        }
    }
    Ok(())
}

async fn deliveries(
    services: &Services,
    subscription: &SubscriptionId,
    lines: &mut Vec<String>,
    known: &mut Vec<(String, String)>,
) -> Result<()> {
    let deliveries = services.control.deliveries(subscription);
    let mut deliveries = deliveries.list(None, LIMIT).await?.items;
    deliveries.reverse();
    for (index, delivery) in deliveries.iter().enumerate() {
        known.push((delivery.id.to_string(), format!("<delivery {index}>")));
        lines.push(format!(
            "delivery {index} {} {:?} {:?} status={} claimed={:?} removed={} failure={:?} counts={:?} content={}",
            delivery.format,
            delivery.table_name,
            delivery.profile,
            delivery.status,
            delivery.claimed_by,
            delivery.removed_at.is_some(),
            delivery.failure_code,
            delivery.counts,
            content(services, delivery).await?,
        ));
    }
    Ok(())
}

/// What is in a file, apart from what tells when it was made.
async fn content(services: &Services, delivery: &Delivery) -> Result<String> {
    let Some(key) = delivery
        .object_key
        .as_ref()
        .filter(|_| delivery.removed_at.is_none())
    else {
        return Ok("none".to_owned());
    };
    let Some(bytes) = object(services, key).await? else {
        return Ok("lost".to_owned());
    };
    if Some(digest(&bytes)) != delivery.sha256 {
        return Ok("not what its digest says".to_owned());
    }
    Ok(match delivery.format.as_str() {
        "csv" | "ords" => digest(&bytes),
        "xml" => {
            let text = String::from_utf8(bytes)?;
            let rest = text
                .split_once("</header>")
                .context("a file without a header")?
                .1;
            digest(rest.as_bytes())
        }
        _ => "whole".to_owned(),
    })
}

async fn object(services: &Services, key: &ObjectKey) -> Result<Option<Vec<u8>>> {
    if services.objects.head(key).await?.is_none() {
        return Ok(None);
    }
    let mut content = services.objects.get(key, None).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = content.try_next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}

fn digest(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

async fn imports(
    services: &Services,
    subscription: &SubscriptionId,
    lines: &mut Vec<String>,
    known: &mut Vec<(String, String)>,
) -> Result<()> {
    let imports = services.control.imports(subscription);
    let mut imports = imports.list(None, LIMIT).await?.items;
    imports.reverse();
    for (index, import) in imports.iter().enumerate() {
        known.push((import.id.to_string(), format!("<import {index}>")));
        known.push((import.object_key.to_string(), format!("<upload {index}>")));
        lines.push(format!(
            "import {index} {} status={} size={:?} counts={} failure={:?}",
            import.format, import.status, import.size, import.counts, import.failure_code,
        ));
    }
    Ok(())
}

async fn used(
    services: &Services,
    subscription: &SubscriptionId,
    lines: &mut Vec<String>,
) -> Result<()> {
    let month = month_of(services.clock.now());
    let used = services.control.usage(subscription, &month).await?;
    lines.push(format!("rows used of the plan: {}", used.rows));
    Ok(())
}

async fn objects(
    services: &Services,
    known: &[(String, String)],
    lines: &mut Vec<String>,
) -> Result<()> {
    for object in services.objects.list("", None, LIMIT).await? {
        let of = known
            .iter()
            .find(|(id, _)| object.key.as_str().contains(id.as_str()));
        let of = of.map_or(object.key.as_str(), |(_, label)| label.as_str());
        lines.push(format!("object of {of}"));
    }
    Ok(())
}

async fn queues(services: &Services, lines: &mut Vec<String>) -> Result<()> {
    for queue in QueueName::ALL {
        let page = ParkedPage {
            limit: LIMIT,
            ..ParkedPage::default()
        };
        for parked in services.queue.parked(queue, page).await? {
            lines.push(format!(
                "parked {} because {}",
                parked.envelope.kind, parked.reason
            ));
        }
    }
    Ok(())
}

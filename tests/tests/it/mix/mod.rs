//! Everything at once, from a seed: a business that lives, pulls, periods of the past, webhooks that come late, twice, in
//! disorder or never, a vendor that fails, and a worker that is killed. In the end the copy is the vendor's truth, documents
//! included, which records and movements mention and whose details are read on demand.

mod answered;
mod killed;
mod seeded;

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use serde_json::{Map, Value as Json};
use wynos::{
    SourceId, SubscriptionId,
    control::Actor,
    ports::{ParkedPage, QueueName},
    services::Services,
    yclients::pull::{self, Ordered},
};
use wynos_sandbox::Running;
use wynos_tests::stack::drained;

/// Everything that lists and periods bring; documents have no list of their own, and are compared by themselves.
const ALL: [&str; 16] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_service_categories",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods_categories",
    "yclients_storages",
    "yclients_goods",
    "yclients_accounts",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];
const DOCUMENTS: &str = "yclients_documents";
/// Movements, each of which names its document.
const MOVEMENTS: [&str; 2] = [
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];
/// The business is not older, and nobody books further ahead.
const BACK: TimeDelta = TimeDelta::days(90);
const AHEAD: TimeDelta = TimeDelta::days(60);
/// Until whole lists are read again.
const A_DAY: TimeDelta = TimeDelta::hours(25);
/// More than any mix makes of anything.
const MOST: usize = 200;

/// Orders all of a source's past.
async fn order_the_past(services: &Services, source: &SourceId) -> Result<()> {
    let today = services.clock.now().date_naive();
    let period = Ordered {
        from: today - BACK,
        to: today + AHEAD,
        tables: Vec::new(),
        actor: Actor::System,
    };
    pull::order(services, source, period).await?;
    Ok(())
}

/// Orders the details of the documents that are known by their ids alone.
async fn order_details(services: &Services, source: &SourceId) -> Result<()> {
    pull::order_details(services, source, None, Actor::System).await?;
    Ok(())
}

/// Days without faults, after which nothing that was missed is missing any more.
async fn calm_down(services: &Services, sources: &[SourceId]) -> Result<()> {
    drained(services).await?;
    for source in sources {
        order_the_past(services, source).await?;
    }
    // A list that is empty once, or a source that is leased to a worker that was killed, takes another day.
    for _ in 0..2 {
        services.clock.advance(A_DAY);
        drained(services).await?;
    }
    for source in sources {
        order_details(services, source).await?;
    }
    drained(services).await
}

/// Nothing waits, nothing was put aside, nobody works on anything.
async fn assert_nothing_is_left(services: &Services, subscription: &SubscriptionId) -> Result<()> {
    for queue in QueueName::ALL {
        let page = ParkedPage {
            limit: MOST,
            ..ParkedPage::default()
        };
        let parked = services.queue.parked(queue, page).await?;
        ensure!(parked.is_empty(), "put aside: {parked:#?}");
    }
    let runs = services.control.runs(subscription);
    let runs = runs.list(None, None, None, MOST).await?.items;
    let open: Vec<_> = runs
        .iter()
        .filter(|run| run.finished_at.is_none())
        .collect();
    ensure!(open.is_empty(), "under way: {open:#?}");
    Ok(())
}

/// Row by row and column by column.
async fn assert_copied(
    services: &Services,
    sandbox: &Running,
    source: &SourceId,
    company: i64,
) -> Result<()> {
    let copy = services
        .warehouses
        .open(source.subscription())
        .snapshot()
        .await?;
    let compared = sandbox.compare(&copy, source, company, &ALL).await?;
    ensure!(compared.rows > 100, "{} rows only", compared.rows);
    let shown: Vec<_> = compared.differences.iter().take(20).collect();
    let count = compared.differences.len();
    ensure!(count == 0, "{count} differences: {shown:#?}");
    let compared = sandbox
        .compare(&copy, source, company, &[DOCUMENTS])
        .await?;
    ensure!(compared.rows > 10, "{} documents only", compared.rows);
    let mentioned = mentioned(sandbox, company).await?;
    let not_to_be_known = |difference: &&String| {
        let words: Vec<_> = difference.split(' ').collect();
        let id = match words[..] {
            [DOCUMENTS, id, "is", "missing"] => id.parse::<i64>().ok(),
            _ => None,
        };
        id.is_some_and(|id| !mentioned.contains(&id))
    };
    let wrong: Vec<_> = compared
        .differences
        .iter()
        .filter(|difference| !not_to_be_known(difference))
        .collect();
    let shown: Vec<_> = wrong.iter().take(20).collect();
    let count = wrong.len();
    ensure!(count == 0, "{count} documents differ: {shown:#?}");
    Ok(())
}

/// Documents that something living speaks of: of any other nobody can know.
async fn mentioned(sandbox: &Running, company: i64) -> Result<BTreeSet<i64>> {
    let mut ids = BTreeSet::new();
    for table in MOVEMENTS {
        let rows = truth(sandbox, company, table).await?;
        ids.extend(rows.iter().filter_map(|row| row["document_id"].as_i64()));
    }
    let documents = truth(sandbox, company, DOCUMENTS).await?;
    let of_records = documents.iter().filter(|row| !row["record_id"].is_null());
    ids.extend(of_records.filter_map(|row| row["id"].as_i64()));
    ensure!(!ids.is_empty(), "nothing speaks of documents");
    Ok(ids)
}

async fn truth(sandbox: &Running, company: i64, table: &str) -> Result<Vec<Map<String, Json>>> {
    let url = format!(
        "{}/sandbox/truth/{table}?company={company}",
        sandbox.control_url
    );
    let text = reqwest::get(url).await?.text().await?;
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Map<String, Json>>(line).context("a line of the truth"));
    let rows: Vec<_> = rows.collect::<Result<_>>()?;
    Ok(rows
        .into_iter()
        .filter(|row| row["_deleted"] == false)
        .collect())
}

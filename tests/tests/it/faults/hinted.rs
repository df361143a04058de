use anyhow::{Context, Result, ensure};
use axum::http::StatusCode;
use chrono::TimeDelta;
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use wynos::{
    control::Actor,
    warehouse::{Filter, Operator, Scan, internal},
    yclients::{connect, hooks},
};
use wynos_tests::stack::{Database, Stack};

use super::{
    Harness,
    pull::{PORTIONS, known},
    salon::Salon,
};
use crate::hooks::post;

/// One is read by its id, one with its lines, one only by its list; and nothing but the vendor's not having it tells that a
/// movement is gone.
const TABLES: [&str; 3] = [
    "yclients_clients",
    "yclients_records",
    "yclients_goods_transactions",
];
/// The same with their lines.
const ALL: [&str; 6] = [
    "yclients_clients",
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_goods_transactions",
];
/// What happens, each telling of several entities.
const EVENTS: u64 = 6;
/// Until everything that changes was read again, whether anybody hinted at it or not.
const LATER: TimeDelta = TimeDelta::hours(3);

/// What happened at the vendor waits in the queue, each event twice and without a word of what anything is now.
async fn hint(stack: &Stack, salon: &Salon) -> Result<()> {
    let change = connect::Change {
        hints: Some(true),
        ..connect::Change::default()
    };
    let services = stack.services();
    connect::change(&services, &salon.source, &change, &Actor::System).await?;
    let old = salon.sent().await?.len();
    stack.clock.advance(TimeDelta::minutes(1));
    salon.sandbox.step(EVENTS, 0);
    let goods = salon.truth(TABLES[2]).await?;
    let living = goods.iter().find(|row| row["_deleted"] == false);
    let id = living.and_then(|row| row["id"].as_i64());
    let id = id.context("no movement")?;
    salon.sandbox.take_back_goods(salon.company, id);
    let path = hooks::path(&services.keys.webhook, &salon.source, 1);
    let sent = salon.sent().await?;
    let new = sent.get(old..).unwrap_or_default();
    ensure!(new.len() > 2, "{} events only", new.len());
    for event in new {
        let mut event = event.clone();
        event["data"] = Json::Array(Vec::new());
        let twice = json!([event, event]);
        let status = post(stack, &path, twice.to_string()).await?;
        ensure!(status == StatusCode::OK, "an event was not taken: {status}");
    }
    stack.clock.advance(TimeDelta::seconds(1));
    Ok(())
}

/// How many hints nobody has heeded.
async fn left(stack: &Stack) -> Result<usize> {
    let _looking = stack.faults.aside();
    let warehouse = stack.services().warehouses.open(&stack.shop);
    let snapshot = warehouse.snapshot().await?;
    let hints = Filter::compare("key", Operator::AtLeast, "webhook.hint/").and(Filter::compare(
        "key",
        Operator::Less,
        "webhook.hint0",
    ));
    let scan = Scan::of(internal::state()).columns(["key"]).filter(hints);
    let rows: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
    Ok(rows.iter().map(wynos::warehouse::Rows::len).sum())
}

/// What is hinted at is read again, whatever fails on the way, and forgotten with what came of it.
async fn heeded(database: Database) {
    let before = async |stack: &Stack| {
        let salon = known(stack, &TABLES).await?;
        hint(stack, &salon).await?;
        Ok(salon)
    };
    let scenario = async |stack: &Stack, salon: &Salon| {
        let _door = salon.behind_a_door(stack).await?;
        salon.settle(stack).await?;
        if stack.faults.hit().is_none() {
            // Nothing failed: it was read at the hint, and not because its time had come.
            salon.compare(stack, &ALL).await?;
        }
        stack.clock.advance(LATER);
        salon.settle(stack).await?;
        let left = left(stack).await?;
        ensure!(left == 0, "{left} hints are left");
        salon.compare(stack, &ALL).await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    let end = harness.prove_few(&PORTIONS).await;
    assert!(end.has("shop: row of yclients_goods_transactions deleted=true"));
    assert!(end.has("shop: journal webhook.ingested"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_are_heeded_on_sqlite() {
    heeded(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_are_heeded_on_postgres() {
    heeded(Database::Postgres).await;
}

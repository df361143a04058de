use std::io;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use wynos::{services::Services, yclients::hooks};
use wynos_tests::stack::{Database, Stack};

use super::{Harness, salon::Salon};
use crate::hooks::post_by;

/// Tables of which events tell all there is to know.
const TABLES: [&str; 2] = ["yclients_records", "yclients_finance_transactions"];
/// These and what comes with them.
const TOLD: [&str; 4] = [
    "yclients_records",
    "yclients_record_services",
    "yclients_record_labels",
    "yclients_finance_transactions",
];
/// Things that happen.
const EVENTS: u64 = 12;

/// A salon whose copy is whole, and what the vendor then tells of.
struct Talk {
    salon: Salon,
    requests: Vec<String>,
}

impl Talk {
    async fn begun(stack: &Stack) -> Result<Self> {
        let salon = Salon::connected(stack, &TABLES).await?;
        salon.settle(stack).await?;
        super::pull::read_all(stack, &salon).await?;
        let before = told(&salon, 0).await?.1;
        for _ in 0..EVENTS {
            stack.clock.advance(TimeDelta::seconds(2));
            salon.sandbox.step(1, 0);
        }
        stack.clock.advance(TimeDelta::seconds(2));
        let (events, _) = told(&salon, before).await?;
        ensure!(events.len() > 6, "{} events", events.len());
        let halves = events.chunks(events.len().div_ceil(2));
        let requests = halves.map(|half| json!(half).to_string()).collect();
        Ok(Self { salon, requests })
    }
}

/// What the vendor has told of since that number, in order, and the last number.
async fn told(salon: &Salon, after: u64) -> Result<(Vec<Json>, u64)> {
    let controls = &salon.sandbox.control_url;
    let url = format!("{controls}/sandbox/webhooks?after={after}&limit=10000");
    let answer: Json = reqwest::get(url).await?.json().await?;
    let sent = answer["webhooks"].as_array().context("no webhooks")?;
    let bodies = sent.iter().map(|sent| sent["body"].clone()).collect();
    Ok((bodies, answer["last"].as_u64().context("no number")?))
}

/// Events that the vendor posts until they are answered with 200, from the receiver to the rows.
async fn taken_in(database: Database) {
    let scenario = async |stack: &Stack, talk: &Talk| {
        let _door = talk.salon.behind_a_door(stack).await?;
        let path = hooks::path(&stack.services().keys.webhook, &talk.salon.source, 1);
        for request in &talk.requests {
            let post = async |services: Services| {
                let posted = post_by(&services, &path, request.clone()).await;
                let status = posted.map_err(io::Error::other)?;
                let refused = || io::Error::other(format!("answered with {status}"));
                status.is_success().then_some(()).ok_or_else(refused)
            };
            stack.insist("posting events", post).await?;
        }
        talk.salon.settle(stack).await?;
        talk.salon.compare(stack, &TOLD).await
    };
    let harness = Harness {
        database,
        before: Talk::begun,
        scenario,
    };
    // An event whose answer was lost is posted again, and counted again.
    let end = harness
        .prove_apart_from(&[
            "shop: journal webhook.ingested",
            "shop: journal load.",
            "shop: rows used",
        ])
        .await;
    assert!(end.has("shop: row of yclients_records"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_tells_of_is_taken_in_once_on_sqlite() {
    taken_in(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_tells_of_is_taken_in_once_on_postgres() {
    taken_in(Database::Postgres).await;
}

//! Events that were answered with 200 are there in the end, however the program ended in between.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::json;
use wynos::{
    SourceId, SubscriptionId, catalog,
    ports::Clock,
    services::Services,
    warehouse::{Scan, Value},
    yclients::hooks,
};
use wynos_tests::{
    program::{Backend, Installation},
    served::Served,
    stack::drained,
};

use super::assert_nothing_is_left;
use crate::{
    assembled::assembled,
    hooks::{COMPANY, client, connect_by},
};

/// How often the program is killed.
const KILLS: usize = 5;
/// Senders at once.
const SENDERS: usize = 4;
/// Clients that change again and again; every event tells of one of them and of one that is new.
const CHANGING: i64 = 7;
/// Ids of new clients begin above this.
const NEW: i64 = 1_000;

/// Posts until nobody answers any more or so many are answered; the numbers of those that were.
async fn post(url: &str, next: &AtomicI64, most: usize) -> Vec<i64> {
    let client = reqwest::Client::new();
    let taken = stream::repeat(())
        .map(|()| {
            let number = next.fetch_add(1, Ordering::SeqCst);
            let sent = client.post(url).body(events(number)).send();
            async move {
                sent.await
                    .ok()
                    .filter(|answer| answer.status() == 200)
                    .map(|_| number)
            }
        })
        .buffer_unordered(SENDERS)
        .take_while(|answered| std::future::ready(answered.is_some()))
        .take(most);
    taken.filter_map(std::future::ready).collect().await
}

/// A client that is new, and a change of one that others tell of too; the number is its name and its time.
fn events(number: i64) -> String {
    let name = json!({ "name": number.to_string() });
    let new = client(NEW + number, "create", Some(number), name.clone());
    let changed = client(number % CHANGING + 1, "update", Some(number), name);
    json!([new, changed]).to_string()
}

/// The names that are there, by the ids of the clients.
async fn names(services: &Services, subscription: &SubscriptionId) -> Result<BTreeMap<i64, i64>> {
    let table = catalog::table("yclients_clients").context("the table")?;
    let snapshot = services.warehouses.open(subscription).snapshot().await?;
    let scan = Scan::of(table).columns(["id", "name"]);
    let mut batches = snapshot.scan(scan).await?;
    let mut names = BTreeMap::new();
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            let name = match row.get(1).to_owned() {
                Value::Text(name) => name.parse()?,
                other => anyhow::bail!("{other:?} is no name"),
            };
            names.insert(row.get(0).as_integer().context("no id")?, name);
        }
    }
    Ok(names)
}

struct Bench {
    wynos: Installation,
    shop: SubscriptionId,
    source: SourceId,
}

impl Bench {
    async fn new(backend: Backend) -> Result<Self> {
        let wynos = Installation::new(backend).await?;
        let shop = wynos.subscription("Salon", "owner@example.com")?.parse()?;
        let services = assembled(&wynos.data_dir(), wynos.database(), Clock::System).await;
        let source = connect_by(&services, &shop, COMPANY).await?.id;
        services.control.close().await;
        Ok(Self {
            wynos,
            shop,
            source,
        })
    }
}

async fn answered(backend: Backend, seed: u64) -> Result<()> {
    let mut draw = StdRng::seed_from_u64(seed);
    let bench = Bench::new(backend).await?;
    let next = Arc::new(AtomicI64::new(1));
    let mut answered = Vec::new();
    let clock = Clock::fixed(Clock::System.now());
    let services = assembled(
        &bench.wynos.data_dir(),
        bench.wynos.database(),
        clock.clone(),
    )
    .await;
    let path = hooks::path(&services.keys.webhook, &bench.source, 1);
    services.control.close().await;
    let mut address = None;
    for _ in 0..KILLS {
        let server = Served::start(&bench.wynos, address, &[])?;
        address = Some(server.address);
        let url = format!("http://{}{path}", server.address);
        // It is killed while further events come in.
        let before = draw.random_range(5..150);
        answered.extend(post(&url, &next, before).await);
        let (posted, killed) = tokio::join!(post(&url, &next, usize::MAX), async {
            tokio::time::sleep(std::time::Duration::from_millis(draw.random_range(1..60))).await;
            server.kill()
        });
        killed?;
        answered.extend(posted);
    }
    ensure!(answered.len() > 50, "{} were answered only", answered.len());

    // What a killed worker had in hand comes again within a minute.
    clock.set(Clock::System.now() + TimeDelta::minutes(2));
    let services = assembled(&bench.wynos.data_dir(), bench.wynos.database(), clock).await;
    drained(&services).await?;
    let names = names(&services, &bench.shop).await?;
    let mut newest = BTreeMap::new();
    for number in &answered {
        let held = names.get(&(NEW + number));
        ensure!(held == Some(number), "event {number} is lost: {held:?}");
        let newest: &mut i64 = newest.entry(number % CHANGING + 1).or_default();
        *newest = (*newest).max(*number);
    }
    for (id, number) in newest {
        let held = names.get(&id).copied().unwrap_or_default();
        ensure!(held >= number, "client {id} is as of {held}, not {number}");
    }
    assert_nothing_is_left(&services, &bench.shop).await?;
    services.control.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_every_event_that_was_answered_outlives_the_killed_program_on_sqlite() {
    answered(Backend::Sqlite, 21).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_every_event_that_was_answered_outlives_the_killed_program_on_postgres() {
    answered(Backend::Postgres, 22).await.unwrap();
}

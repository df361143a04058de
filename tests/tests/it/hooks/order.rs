use anyhow::Result;
use chrono::{DateTime, Utc};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value as Json, json};
use wynos::{
    catalog,
    control::Source,
    warehouse::{Admit, Children, Load, Rule, Write},
    yclients::{
        decode::{Body, Branch, Context},
        streams,
    },
};
use wynos_tests::stack::Database;

use super::{BOTH, Bed, client, minute};

/// Orders that are tried on each database.
const CASES: u32 = 12;

/// What is compared: everything but when and by which load it came.
const COLUMNS: [&str; 9] = [
    "id",
    "name",
    "surname",
    "phone",
    "comment",
    "spent",
    "_extra",
    "_changed_at",
    "_deleted_at",
];

/// Versions of a few clients, each changed at a time of its own; the last of some is a delete.
fn versions() -> impl Strategy<Value = Vec<Json>> {
    let one = (
        1..4_i64,
        any::<bool>(),
        prop::option::of("[a-z]{1,4}"),
        0..100_i64,
    );
    prop::collection::vec(one, 1..10).prop_map(|versions| {
        let mut events = Vec::new();
        for (at, (id, delete, name, spent)) in versions.into_iter().enumerate() {
            let status = if delete { "delete" } else { "update" };
            let data = json!({ "name": name, "surname": "Ż", "phone": format!("+48{at}"), "comment": "",
                "spent": format!("{spent}.50"), "unheard_of": at });
            events.push(client(id, status, Some(i64::try_from(at).unwrap()), data));
        }
        events
    })
}

/// The same events in another order, some of them twice, in requests of several.
fn shuffled(events: Vec<Json>) -> impl Strategy<Value = (Vec<Json>, Vec<Vec<Json>>)> {
    let twice = [events.clone(), events.clone()].concat();
    let shuffled = prop::sample::subsequence(twice.clone(), events.len()..=twice.len())
        .prop_shuffle()
        .prop_map(move |mut some| {
            some.extend(
                events
                    .iter()
                    .filter(|event| !some.contains(event))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            (events.clone(), some)
        });
    (shuffled, 1..5_usize).prop_map(|((events, some), size)| {
        (events, some.chunks(size).map(<[Json]>::to_vec).collect())
    })
}

async fn end_of(bed: &Bed, requests: &[Vec<Json>]) -> Result<Vec<Vec<String>>> {
    for (number, request) in requests.iter().enumerate() {
        bed.stack.clock.advance(chrono::TimeDelta::milliseconds(10));
        bed.post(&json!(request)).await?;
        // Some are worked off at once, some together.
        if number % 3 == 0 {
            bed.work().await?;
        }
    }
    bed.work().await?;
    bed.rows("yclients_clients", &COLUMNS).await
}

async fn any_order(database: Database) -> Result<()> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = versions().prop_flat_map(shuffled);
    let bed = Bed::new(database).await?;
    let warehouse = bed.stack.services().warehouses.open(&bed.stack.shop);
    for case in 0..CASES {
        let (events, requests) = strategy
            .new_tree(&mut runner)
            .map_err(anyhow::Error::msg)?
            .current();
        let in_order: Vec<_> = events.iter().map(|event| vec![event.clone()]).collect();
        let expected = end_of(&bed, &in_order).await?;
        warehouse.erase().await?;
        let found = end_of(&bed, &requests).await?;
        warehouse.erase().await?;
        assert_eq!(found, expected, "case {case}: {requests:?}");
    }
    bed.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_02_events_in_any_order_and_number_end_in_the_same_rows_on_sqlite() -> Result<()>
{
    any_order(Database::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_02_events_in_any_order_and_number_end_in_the_same_rows_on_postgres() -> Result<()>
{
    any_order(Database::Postgres).await
}

/// What a pull does with a page that it began to ask for so many minutes after a fixed time.
async fn pull(bed: &Bed, began: i64, record: Json) -> Result<()> {
    pull_into(bed, "yclients_finance_transactions", minute(began), record).await
}

/// What a pull of a table does with a page that it began to ask for at that time.
pub async fn pull_into(bed: &Bed, table: &str, began: DateTime<Utc>, record: Json) -> Result<()> {
    page_into(bed, &bed.source, table, began, &[record]).await
}

/// The same, of a source whose services 1 and 201 are of the categories 10 and 20.
pub async fn page_into(
    bed: &Bed,
    source: &Source,
    table: &str,
    began: DateTime<Utc>,
    records: &[Json],
) -> Result<()> {
    let branch = Branch {
        source_id: source.id.clone(),
        company_id: source.company_id,
        time_zone: "Europe/Moscow".parse()?,
    };
    let categories = std::collections::HashMap::from([(1, 10), (201, 20)]);
    let context = Context {
        branch: &branch,
        observed_at: began,
        categories: Some(&categories),
    };
    let stream = streams::stream(table).unwrap();
    let mut writes = Vec::new();
    for decoded in stream.decode(&context, records, Body::Full) {
        let children = decoded.children.into_iter().map(|lines| Children {
            table: lines.table,
            columns: lines.columns,
            rows: lines.rows,
            counts: lines.counts,
        });
        writes.push(Write::Admit(Admit {
            table: decoded.table,
            source_id: source.id.to_string(),
            columns: decoded.columns,
            rows: decoded.rows,
            rule: Rule::Newest,
            undo: None,
            personal_data_event: None,
            children: children.collect(),
            filter: None,
        }));
    }
    let load = Load {
        origin: "pull",
        run: "test".to_owned(),
        observed_at: began,
        writes,
        quota: None,
    };
    bed.stack
        .services()
        .warehouses
        .open(&bed.stack.shop)
        .commit(load)
        .await?;
    Ok(())
}

/// A payment without a change time, as the vendor sent them in 2020: only observation orders it.
fn payment(amount: i64) -> Json {
    json!({ "id": 5, "amount": amount, "comment": "", "date": "2026-03-01T12:00:00+0300" })
}

async fn hook(bed: &Bed, at: i64, amount: i64) -> Result<()> {
    bed.stack.clock.set(minute(at));
    let event = json!({ "company_id": super::COMPANY, "resource": "finances_operation", "resource_id": 5,
        "status": "update", "data": payment(amount) });
    bed.post(&event).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_03_a_webhook_and_a_pull_of_the_same_row_never_fight() -> Result<()> {
    assert!(catalog::table("yclients_finance_transactions").is_some());
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let amount = async || {
            Ok::<_, anyhow::Error>(
                bed.rows("yclients_finance_transactions", &["amount"])
                    .await?
                    .concat(),
            )
        };
        // The page was asked for before the event came, and is written after it.
        hook(&bed, 10, 200).await?;
        bed.work().await?;
        pull(&bed, 9, payment(100)).await?;
        assert_eq!(amount().await?, ["Decimal(200.00)"]);
        // The page was asked for after it: it knows better.
        pull(&bed, 11, payment(300)).await?;
        assert_eq!(amount().await?, ["Decimal(300.00)"]);
        // An event that lay in the queue meanwhile is older than the page.
        hook(&bed, 12, 400).await?;
        hook(&bed, 14, 600).await?;
        pull(&bed, 13, payment(500)).await?;
        bed.work().await?;
        assert_eq!(amount().await?, ["Decimal(600.00)"]);
        hook(&bed, 15, 700).await?;
        pull(&bed, 16, payment(800)).await?;
        bed.work().await?;
        assert_eq!(amount().await?, ["Decimal(800.00)"]);
        // Both again, in the other order: nothing changes.
        pull(&bed, 13, payment(500)).await?;
        hook(&bed, 15, 700).await?;
        bed.work().await?;
        assert_eq!(amount().await?, ["Decimal(800.00)"]);
        bed.end().await?;
    }
    Ok(())
}

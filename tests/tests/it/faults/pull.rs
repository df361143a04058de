use anyhow::Result;
use chrono::TimeDelta;
use wynos::{
    control::{Actor, RunKind},
    services::Services,
    yclients::{
        pull::{self, Ordered, PullError},
        streams,
    },
};
use wynos_tests::stack::{Database, Stack, State};

use super::{Harness, salon::Salon};

/// A list that is read whole, one that is read by change, and one by day with its lines.
const TABLES: [&str; 3] = ["yclients_staff", "yclients_clients", "yclients_records"];
/// Tables with a past; what was deleted of the second has to be asked for.
const OF_THE_PAST: [&str; 2] = ["yclients_records", "yclients_finance_transactions"];
/// Of the past, with all that comes with it.
const ALL_OF_THE_PAST: [&str; 5] = [
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_finance_transactions",
];
/// Two parts of the past: a month ends between these days or before them.
const DAYS: TimeDelta = TimeDelta::days(100);

/// What a run that broke off had told, or could not tell any more, is told by another in other portions.
pub const PORTIONS: [&str; 2] = ["shop: journal load.", "shop: journal history."];

/// A first pull, and what follows where it was broken off.
async fn pulled(database: Database) -> State {
    let before = async |stack: &Stack| Salon::connected(stack, &TABLES).await;
    let scenario = async |stack: &Stack, salon: &Salon| {
        let _door = salon.behind_a_door(stack).await?;
        salon.settle(stack).await?;
        salon
            .compare(stack, &["yclients_staff", "yclients_clients"])
            .await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    let end = harness.prove_some(&PORTIONS).await;
    assert!(end.has("shop: row of yclients_records"));
    assert!(end.has("shop: row of yclients_record_services"));
    assert!(!end.has("shop: rows used of the plan: 0"));
    end
}

/// Orders the past of tables for the n-th time, unless it is ordered so often: who got no answer looks before asking again.
pub async fn order(
    services: &Services,
    stack: &Stack,
    salon: &Salon,
    tables: &[&str],
    times: usize,
) -> Result<(), PullError> {
    let runs = services.control.runs(&stack.shop);
    let ordered = runs.list(Some(&salon.source), Some(RunKind::History), None, times);
    if ordered.await?.items.len() >= times {
        return Ok(());
    }
    let today = stack.clock.now().date_naive();
    let period = Ordered {
        from: today - DAYS,
        to: today + TimeDelta::days(30),
        tables: tables.iter().map(ToString::to_string).collect(),
        actor: Actor::System,
    };
    pull::order(services, &salon.source, period).await?;
    Ok(())
}

/// Connects a company and reads these tables with all of their past, without faults.
pub async fn known(stack: &Stack, tables: &[&str]) -> Result<Salon> {
    let salon = Salon::connected(stack, tables).await?;
    salon.settle(stack).await?;
    let has_past = |table: &&&str| {
        let stream = streams::stream(table);
        stream.is_some_and(|stream| stream.window.is_some())
    };
    let past: Vec<&str> = tables.iter().filter(has_past).copied().collect();
    order(&stack.services(), stack, &salon, &past, 1).await?;
    salon.settle(stack).await?;
    salon.compare(stack, tables).await?;
    Ok(salon)
}

/// All of the past, ordered once.
async fn read_back(database: Database) -> State {
    let before = async |stack: &Stack| {
        let salon = Salon::connected(stack, &OF_THE_PAST).await?;
        salon.settle(stack).await?;
        Ok(salon)
    };
    let scenario = async |stack: &Stack, salon: &Salon| {
        let _door = salon.behind_a_door(stack).await?;
        let order =
            async |services: Services| order(&services, stack, salon, &OF_THE_PAST, 1).await;
        stack.insist("ordering the past", order).await?;
        salon.settle(stack).await?;
        salon.compare(stack, &ALL_OF_THE_PAST).await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    let end = harness.prove_some(&PORTIONS).await;
    assert!(end.has("shop: row of yclients_finance_transactions"));
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_read_once_on_sqlite() {
    pulled(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_read_once_on_postgres() {
    pulled(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_read_once_on_sqlite() {
    read_back(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_read_once_on_postgres() {
    read_back(Database::Postgres).await;
}

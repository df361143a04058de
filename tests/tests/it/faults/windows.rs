use anyhow::{Result, ensure};
use wynos::services::Services;
use wynos_tests::stack::{Database, Stack};

use super::{
    Harness,
    pull::{PORTIONS, known, order},
    salon::Salon,
};

/// Of the first nothing tells what was deleted but its absence from a period; of the second a list of its own tells too.
const TABLES: [&str; 2] = [
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];
/// So many movements of goods are taken back.
const TAKEN_BACK: usize = 3;
/// So much else happens, payments that are taken back among it.
const ELSE: u64 = 60;

/// Takes back what the copy has.
async fn take_back(stack: &Stack, salon: &Salon) -> Result<()> {
    let goods = salon.truth(TABLES[0]).await?;
    let living = goods.iter().filter(|row| row["_deleted"] == false);
    let ids: Vec<i64> = living.filter_map(|row| row["id"].as_i64()).collect();
    ensure!(ids.len() > TAKEN_BACK, "{} movements only", ids.len());
    stack.clock.advance(chrono::TimeDelta::minutes(1));
    for id in &ids[..TAKEN_BACK] {
        salon.sandbox.take_back_goods(salon.company, *id);
    }
    let paid = salon.truth(TABLES[1]).await?;
    salon.sandbox.step(ELSE, 0);
    let gone = salon.truth(TABLES[1]).await?;
    let gone = gone.iter().filter(|row| row["_deleted"] == true);
    let mut gone = gone.filter(|gone| paid.iter().any(|row| row["id"] == gone["id"]));
    ensure!(gone.next().is_some(), "no payment was taken back");
    stack.clock.advance(chrono::TimeDelta::seconds(1));
    Ok(())
}

/// What is missing from a period that was read to its end is gone, once, whatever fails on the way; nothing else is.
async fn missed(database: Database) {
    let before = async |stack: &Stack| {
        let salon = known(stack, &TABLES).await?;
        take_back(stack, &salon).await?;
        Ok(salon)
    };
    let scenario = async |stack: &Stack, salon: &Salon| {
        let _door = salon.behind_a_door(stack).await?;
        let again = async |services: Services| order(&services, stack, salon, &TABLES, 2).await;
        stack.insist("ordering the past again", again).await?;
        salon.settle(stack).await?;
        salon.compare(stack, &TABLES).await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    let end = harness.prove_few(&PORTIONS).await;
    let gone = |table: &str| end.count(&format!("shop: row of {table} deleted=true"));
    assert!(
        gone(TABLES[0]) >= TAKEN_BACK,
        "{} movements",
        gone(TABLES[0])
    );
    assert!(gone(TABLES[1]) > 0, "no payment");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_period_misses_is_gone_on_sqlite() {
    missed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_period_misses_is_gone_on_postgres() {
    missed(Database::Postgres).await;
}

use anyhow::{Context, Result};
use chrono::TimeDelta;
use wynos_tests::stack::{Database, Stack};

use super::{
    Harness,
    pull::{PORTIONS, known},
    salon::Salon,
};

/// What is read, and what comes with it.
const TABLES: [&str; 2] = ["yclients_services", "yclients_records"];
const LINES: &str = "yclients_record_services";
const ALL: [&str; 3] = [TABLES[0], TABLES[1], LINES];
/// Until the list of services is read again.
const LATER: TimeDelta = TimeDelta::days(1);

/// Moves a service that records name to another category.
async fn move_one(salon: &Salon) -> Result<()> {
    let lines = salon.truth(LINES).await?;
    let service = lines.iter().find_map(|row| row["service_id"].as_i64());
    let service = service.context("no record names a service")?;
    let services = salon.truth(TABLES[0]).await?;
    let own = services.iter().find(|row| row["id"] == service);
    let own = own.context("no such service")?["category_id"].clone();
    let other = services.iter().find(|row| row["category_id"] != own);
    let other = other.and_then(|row| row["category_id"].as_i64());
    let other = other.context("one category only")?;
    salon.sandbox.move_service(salon.company, service, other);
    Ok(())
}

/// A service moves, and whatever fails on the way, the records that name it follow.
async fn followed(database: Database) {
    let before = async |stack: &Stack| {
        let salon = known(stack, &TABLES).await?;
        move_one(&salon).await?;
        stack.clock.advance(LATER);
        Ok(salon)
    };
    let scenario = async |stack: &Stack, salon: &Salon| {
        let _door = salon.behind_a_door(stack).await?;
        salon.settle(stack).await?;
        salon.compare(stack, &ALL).await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    let end = harness.prove_few(&PORTIONS).await;
    assert!(end.has("shop: row of yclients_record_services"));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_follow_their_services_once_on_sqlite() {
    followed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_follow_their_services_once_on_postgres() {
    followed(Database::Postgres).await;
}

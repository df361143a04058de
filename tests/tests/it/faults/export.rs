use anyhow::{Context, Result, ensure};
use wynos::{
    control::{DeliveryId, FileFormat},
    delivery::{self, Claim, Order},
};
use wynos_tests::stack::{Database, Stack, State};

use super::Harness;

/// An order, however often it has to be placed.
async fn order(stack: &Stack, format: FileFormat, table: Option<&str>) -> Result<DeliveryId> {
    let order = Order {
        table: table.map(str::to_owned),
        purpose: Some("audit".to_owned()),
        idempotency_key: Some("order-1".to_owned()),
        ..Order::new(stack.shop.clone(), stack.actor(), format)
    };
    let placed = async |services| delivery::order(&services, order.clone()).await;
    Ok(stack.insist("ordering", placed).await?.id)
}

/// The link's token, as the mail has it.
async fn token(stack: &Stack, id: &DeliveryId) -> Result<String> {
    let find = async |services: wynos::services::Services| {
        let delivery = services.control.deliveries(&stack.shop).get(id).await?;
        let links = &services.keys.links;
        Ok::<_, wynos::control::ControlError>(links.again(id, delivery.link_key_version))
    };
    let token = stack.insist("opening the mail", find).await?;
    Ok(token.context("a link without a key")?.reveal().to_owned())
}

async fn claim(stack: &Stack, id: &DeliveryId) -> Result<()> {
    let token = token(stack, id).await?;
    let claim = async |services| delivery::claim(&services, &token, &stack.owner.id).await;
    let claimed = stack.insist("claiming", claim).await?;
    ensure!(
        matches!(claimed, Claim::Handed { .. }),
        "the claim came to {claimed:?}"
    );
    Ok(())
}

/// What a person does who orders a file and takes it; a day later its object is gone.
async fn swept(database: Database, format: FileFormat, table: Option<&str>) {
    let before = async |stack: &Stack| {
        let id = order(stack, format, table).await?;
        stack.drain().await?;
        Ok(id)
    };
    let scenario = async |stack: &Stack, id: &DeliveryId| {
        claim(stack, id).await?;
        stack.clock.advance(chrono::TimeDelta::hours(25));
        stack.drain().await
    };
    let end = Harness {
        database,
        before,
        scenario,
    }
    .prove()
    .await;
    assert_eq!(end.count("object of <delivery 0>"), 0);
    assert_eq!(end.count("shop: journal export.claimed"), 1);
}

async fn journey(database: Database, format: FileFormat, table: Option<&str>) -> State {
    let scenario = async |stack: &Stack, (): &()| {
        let id = order(stack, format, table).await?;
        stack.drain().await?;
        claim(stack, &id).await?;
        stack.drain().await
    };
    let before = async |_: &Stack| Ok(());
    let end = Harness {
        database,
        before,
        scenario,
    }
    .prove()
    .await;
    assert_eq!(end.count("shop: delivery"), 1);
    assert_eq!(end.count("mail"), 1);
    assert_eq!(end.count("object of <delivery 0>"), 1);
    assert_eq!(end.count("shop: journal export.claimed"), 1);
    assert!(end.has("shop: personal data"), "nobody was logged");
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_csv_file_arrives_once_on_sqlite() {
    journey(Database::Sqlite, FileFormat::Csv, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_csv_file_arrives_once_on_postgres() {
    journey(Database::Postgres, FileFormat::Csv, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_exchange_file_arrives_once_on_sqlite() {
    journey(Database::Sqlite, FileFormat::Xml, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_exchange_file_arrives_once_on_postgres() {
    journey(Database::Postgres, FileFormat::Xml, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_file_goes_a_day_later_on_sqlite() {
    swept(Database::Sqlite, FileFormat::Csv, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_file_goes_a_day_later_on_postgres() {
    swept(Database::Postgres, FileFormat::Csv, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_workbook_arrives_once_on_sqlite() {
    journey(Database::Sqlite, FileFormat::Xlsx, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_database_file_arrives_once_on_sqlite() {
    journey(Database::Sqlite, FileFormat::Sqlite, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_workbook_arrives_once_on_postgres() {
    journey(Database::Postgres, FileFormat::Xlsx, Some("customers")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordered_database_file_arrives_once_on_postgres() {
    journey(Database::Postgres, FileFormat::Sqlite, None).await;
}

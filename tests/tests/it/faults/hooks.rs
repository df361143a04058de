use anyhow::{Result, ensure};
use axum::http::StatusCode;
use serde_json::json;
use wynos::{control::Source, yclients::hooks};
use wynos_tests::stack::{Database, Stack, State};

use super::Harness;
use crate::hooks::{COMPANY, client, connect, post};

/// Events as the receiver makes them durable: changes, a delete, a record with its lines, one of another company, and one whose
/// body is of another client.
async fn receive(stack: &Stack, source: &Source) -> Result<()> {
    let path = hooks::path(&stack.services().keys.webhook, &source.id, 1);
    let mut foreign = client(9, "update", Some(1), json!({ "name": "B" }));
    foreign["company_id"] = json!(1);
    let mut contrary = client(1, "delete", Some(9), json!({ "name": "E" }));
    contrary["resource_id"] = json!(2);
    let record = json!({ "company_id": COMPANY, "resource": "record", "resource_id": 5, "status": "create", "data": {
        "id": 5, "date": "2026-03-01 12:00:00", "last_change_date": "2026-03-01T10:00:00+0300",
        "services": [{ "id": 1, "title": "Strzyżenie", "cost": 100 }, { "id": 2, "title": "Golenie", "cost": 50 }] } });
    let requests = [
        json!([
            client(1, "create", Some(1), json!({ "name": "A" })),
            client(1, "update", Some(3), json!({ "name": "C" })),
            client(1, "update", Some(2), json!({ "name": "B" })),
        ]),
        client(2, "delete", Some(1), json!({ "name": "D" })),
        record,
        foreign,
        contrary,
    ];
    for request in requests {
        let status = post(stack, &path, request.to_string()).await?;
        ensure!(status == StatusCode::OK, "an event was not taken: {status}");
    }
    Ok(())
}

async fn set_paused(stack: &Stack, source: &Source, paused: bool) -> Result<()> {
    let services = stack.services();
    let mut tx = services.control.begin().await?;
    let now = services.clock.now();
    tx.sources(&stack.shop)
        .set_paused(&source.id, paused, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

fn check(end: &State) {
    assert_eq!(end.count("shop: row of yclients_clients"), 2);
    assert_eq!(end.count("shop: row of yclients_records"), 1);
    assert_eq!(end.count("shop: row of yclients_record_services"), 2);
    assert!(end.has("shop: row of yclients_clients deleted=true"));
    assert!(end.has("shop: journal webhook.ingested"));
    assert!(end.has("shop: journal webhook.contradicted"));
}

/// What was durable before the 200 is in the warehouse once, whatever fails on the way.
async fn taken_in(database: Database) {
    let before = async |stack: &Stack| {
        let source = connect(stack, COMPANY).await?;
        receive(stack, &source).await
    };
    let scenario = async |stack: &Stack, (): &()| stack.drain().await;
    let harness = Harness {
        database,
        before,
        scenario,
    };
    check(&harness.prove().await);
}

/// What waited in the inbox goes in once, whatever fails on the way.
async fn let_in_later(database: Database) {
    let before = async |stack: &Stack| {
        let source = connect(stack, COMPANY).await?;
        set_paused(stack, &source, true).await?;
        receive(stack, &source).await?;
        stack.drain().await?;
        set_paused(stack, &source, false).await?;
        Ok(source)
    };
    let scenario = async |stack: &Stack, source: &Source| {
        let ask = async |services: wynos::services::Services| {
            hooks::request_drain(&services, &source.id).await
        };
        stack.insist("asking for the inbox", ask).await?;
        stack.drain().await
    };
    let harness = Harness {
        database,
        before,
        scenario,
    };
    check(&harness.prove().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_in_once_on_sqlite() {
    taken_in(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_in_once_on_postgres() {
    taken_in(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_events_go_in_once_on_sqlite() {
    let_in_later(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_events_go_in_once_on_postgres() {
    let_in_later(Database::Postgres).await;
}

use anyhow::Result;
use axum::http::StatusCode;
use serde_json::json;
use wynos_tests::stack::Database;

use super::{BOTH, Bed, client, connect, post};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_address_works_beside_the_old_one_until_that_is_revoked() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let services = bed.stack.services();
        let now = services.clock.now();
        let id = bed.source.id.clone();
        let named =
            |name: &str, id| client(id, "update", Some(1), json!({ "name": name })).to_string();
        post(&bed.stack, &bed.address(2), named("too early", 1)).await?;
        bed.work().await?;
        assert!(
            bed.rows("yclients_clients", &["id"]).await?.is_empty(),
            "not yet made"
        );

        let mut tx = services.control.begin().await?;
        tx.sources(&bed.stack.shop)
            .new_webhook_key(&id, now)
            .await?;
        tx.commit().await?;
        for version in [1, 2] {
            let status = post(
                &bed.stack,
                &bed.address(version),
                named("both", version.into()),
            )
            .await?;
            assert_eq!(status, StatusCode::OK);
        }
        bed.work().await?;
        assert_eq!(bed.rows("yclients_clients", &["id"]).await?.len(), 2);

        let mut tx = services.control.begin().await?;
        tx.sources(&bed.stack.shop)
            .revoke_webhook_keys(&id, now)
            .await?;
        tx.commit().await?;
        for version in [1, 2] {
            post(
                &bed.stack,
                &bed.address(version),
                named("after", i64::from(version) + 2),
            )
            .await?;
        }
        bed.work().await?;
        let rows = bed.rows("yclients_clients", &["id", "name"]).await?;
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert_eq!(rows[2][0], "Integer(4)", "by the newest address only");
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_another_company_or_of_no_source_become_no_rows() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let mut foreign = client(
            1,
            "update",
            Some(1),
            json!({ "name": "A", "passport_number": "4509" }),
        );
        foreign["company_id"] = json!(1);
        bed.take(&foreign).await?;
        let parked = bed.parked().await?;
        assert_eq!(parked.len(), 1);
        assert_eq!(parked[0][1], "Text(\"webhook.other_company\")");
        assert!(!parked[0][2].contains("4509"), "{parked:?}");
        bed.take(&foreign).await?;
        assert_eq!(bed.parked().await?.len(), 1, "kept once");

        let gone = connect(&bed.stack, 77).await?;
        let services = bed.stack.services();
        let mut tx = services.control.begin().await?;
        let now = services.clock.now();
        tx.sources(&bed.stack.shop)
            .remove(&gone.id, false, now)
            .await?;
        tx.commit().await?;
        let path = wynos::yclients::hooks::path(&services.keys.webhook, &gone.id, 1);
        let mut event = client(1, "update", Some(1), json!({ "name": "A" }));
        event["company_id"] = json!(77);
        assert_eq!(
            post(&bed.stack, &path, event.to_string()).await?,
            StatusCode::OK
        );
        bed.work().await?;
        assert!(bed.rows("yclients_clients", &["id"]).await?.is_empty());
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_message_does_not_keep_its_neighbours_out() -> Result<()> {
    use std::time::Duration;
    use wynos::{
        ports::{Envelope, QueueName},
        yclients::hooks,
    };

    let bed = Bed::new(Database::Sqlite).await?;
    let services = bed.stack.services();
    let poisoned = |kind: &str, body| Envelope {
        version: 1,
        kind: kind.to_owned(),
        subscription: bed.stack.shop.clone(),
        body,
    };
    let misdirected = json!({ "source": "othershop-a1b2c3d4", "key_version": 1, "received_at": "2026-03-01T00:00:00Z" });
    for envelope in [
        poisoned("webhook.event", json!({ "source": 3 })),
        poisoned("webhook.event", misdirected),
        poisoned("webhook.unheard", json!({})),
    ] {
        services
            .queue
            .send(QueueName::Ingest, envelope, Duration::ZERO, None)
            .await?;
    }
    bed.post(&client(1, "create", Some(1), json!({ "name": "A" })))
        .await?;
    let received = services
        .queue
        .receive(QueueName::Ingest, 10, Duration::from_secs(60))
        .await?;
    let outcomes = hooks::ingest(&services, received).await;
    assert_eq!(outcomes.len(), 4);
    assert_eq!(
        outcomes
            .iter()
            .filter(|(_, outcome)| outcome.is_ok())
            .count(),
        1
    );
    assert_eq!(bed.rows("yclients_clients", &["id"]).await?.len(), 1);
    bed.end().await
}

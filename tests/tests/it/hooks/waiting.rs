use anyhow::Result;
use serde_json::json;
use wynos::yclients::{connect, hooks};

use super::{BOTH, Bed, client};

async fn pause(bed: &Bed, paused: bool) -> Result<()> {
    let services = bed.stack.services();
    let mut tx = services.control.begin().await?;
    let now = services.clock.now();
    tx.sources(&bed.stack.shop)
        .set_paused(&bed.source.id, paused, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_paused_source_wait_and_go_in_later() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        bed.take(&client(1, "create", None, json!({ "name": "before" })))
            .await?;
        pause(&bed, true).await?;
        bed.take(&client(
            1,
            "update",
            None,
            json!({ "name": "first", "passport_number": "4509" }),
        ))
        .await?;
        bed.take(&client(1, "update", None, json!({ "name": "second" })))
            .await?;
        bed.take(&client(2, "delete", None, json!({}))).await?;
        let names = async || bed.rows("yclients_clients", &["name"]).await;
        assert_eq!(names().await?, [["Text(\"before\")"]]);
        assert_eq!(bed.waiting().await?, 3);

        // Asked while it is still paused, they go on waiting.
        hooks::drain(&bed.stack.services(), &bed.source.id).await?;
        assert_eq!(bed.waiting().await?, 3);
        let (services, actor) = (bed.stack.services(), bed.stack.actor());
        connect::resume(&services, &bed.source.id, &actor).await?;
        bed.work().await?;
        assert_eq!(bed.waiting().await?, 0);
        let rows = bed.rows("yclients_clients", &["id", "name"]).await?;
        assert_eq!(rows[0], ["Integer(1)", "Text(\"second\")"]);
        assert_eq!(rows.len(), 2);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_events_are_found_by_the_message_that_asks_again() -> Result<()> {
    let bed = Bed::new(wynos_tests::stack::Database::Sqlite).await?;
    pause(&bed, true).await?;
    bed.take(&client(1, "update", Some(1), json!({ "name": "A" })))
        .await?;
    pause(&bed, false).await?;
    bed.work().await?;
    assert_eq!(bed.waiting().await?, 1, "nobody asked yet");
    bed.stack.clock.advance(chrono::TimeDelta::minutes(16));
    bed.work().await?;
    assert_eq!(bed.waiting().await?, 0);
    assert_eq!(bed.rows("yclients_clients", &["id"]).await?.len(), 1);
    bed.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_plan_has_ended_and_go_in_when_it_runs_again() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let mut ended = bed.stack.services();
        let mut settings = ended.settings.as_ref().clone();
        settings.plans.trial.days = Some(0);
        settings.plans.standard.days = Some(0);
        ended.settings = std::sync::Arc::new(settings);
        bed.post(&client(1, "update", None, json!({ "name": "A" })))
            .await?;
        bed.work_by(&ended).await?;
        assert_eq!(bed.rows("yclients_clients", &["name"]).await?.len(), 0);
        assert_eq!(bed.waiting().await?, 1);
        hooks::drain(&bed.stack.services(), &bed.source.id).await?;
        assert_eq!(bed.waiting().await?, 0);
        assert_eq!(bed.rows("yclients_clients", &["name"]).await?.len(), 1);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_wait_while_the_storage_is_full_and_go_in_when_there_is_room() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        bed.take(&client(1, "create", None, json!({ "name": "before" })))
            .await?;
        let mut full = bed.stack.services();
        let mut settings = full.settings.as_ref().clone();
        settings.plans.trial.bytes = 1;
        settings.plans.standard.bytes = 1;
        full.settings = std::sync::Arc::new(settings);
        for name in ["first", "second"] {
            bed.post(&client(1, "update", None, json!({ "name": name })))
                .await?;
            bed.work_by(&full).await?;
        }
        assert_eq!(bed.waiting().await?, 2);
        let names = async || bed.rows("yclients_clients", &["name"]).await;
        assert_eq!(names().await?, [["Text(\"before\")"]]);
        hooks::drain(&full, &bed.source.id).await?;
        assert_eq!(bed.waiting().await?, 2);
        hooks::drain(&bed.stack.services(), &bed.source.id).await?;
        assert_eq!(bed.waiting().await?, 0);
        assert_eq!(names().await?, [["Text(\"second\")"]]);
        bed.end().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_more_than_the_room_left_wait_and_that_is_told() -> Result<()> {
    for database in BOTH {
        let bed = Bed::new(database).await?;
        let now = bed.stack.clock.now();
        let mut tx = bed.stack.services().control.begin().await?;
        tx.sources(&bed.stack.shop)
            .add_tables(&bed.source.id, &["yclients_clients"], Some(now), now)
            .await?;
        tx.commit().await?;
        bed.take(&client(1, "create", None, json!({ "name": "before" })))
            .await?;
        let mut few = bed.stack.services();
        let mut settings = few.settings.as_ref().clone();
        settings.plans.trial.rows = 2;
        settings.plans.standard.rows = 2;
        few.settings = std::sync::Arc::new(settings);
        for id in [2, 3] {
            bed.post(&client(id, "create", None, json!({ "name": "later" })))
                .await?;
        }
        bed.work_by(&few).await?;
        assert_eq!(bed.waiting().await?, 2);
        let used = wynos::storage::used(&few, &bed.stack.shop).await?;
        assert!(used.rows < used.rows_allowed);
        assert_eq!(used.stands_still, Some("plan.rows-used"));
        let journal = few.control.journal(&bed.stack.shop);
        let filter = wynos::journal::JournalFilter {
            code: Some("load.misfit".parse()?),
            ..Default::default()
        };
        let told = journal.list(&filter, None, 9).await?.items;
        let numbers = ["more", "left", "allowed"].map(|name| told[0].details[name].as_u64());
        assert_eq!(
            (told.len(), numbers),
            (1, [2, 1, 2].map(Some)),
            "not that all are used"
        );
        hooks::drain(&bed.stack.services(), &bed.source.id).await?;
        assert_eq!(bed.waiting().await?, 0);
        bed.end().await?;
    }
    Ok(())
}

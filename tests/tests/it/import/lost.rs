//! Messages that were lost, work that was given up, and what is removed when its time is over.

use std::time::Duration;

use chrono::TimeDelta;
use wynos::{
    SubscriptionId,
    control::{Actor, By, Failure, Import, ImportFormat, ImportStatus},
    import::{self, Announced, FileSource, ImportOrder},
    jobs,
    ports::QueueName,
    warehouse::{Rows, Scan, Value, Write, internal},
};

use super::{
    Bed, beds,
    files::{heavy_file, sample_file},
    order, xml,
};

/// Takes every message out of the queue of imports, as if they had never come there.
async fn lose(bed: &Bed) -> Vec<String> {
    let queue = &bed.services.queue;
    let mut lost = Vec::new();
    loop {
        let received = queue.receive(QueueName::Import, 10, Duration::from_secs(60));
        let received = received.await.unwrap();
        if received.is_empty() {
            return lost;
        }
        for message in received {
            lost.push(message.envelope.kind.clone());
            queue
                .ack(QueueName::Import, &message.receipt)
                .await
                .unwrap();
        }
    }
}

/// Does every message of the queue of imports.
async fn work(bed: &Bed) -> usize {
    let queue = &bed.services.queue;
    let mut done = 0;
    loop {
        let received = queue.receive(QueueName::Import, 1, Duration::from_secs(60));
        let Some(message) = received.await.unwrap().pop() else {
            return done;
        };
        let receipt = message.receipt.clone();
        jobs::run(&bed.services, QueueName::Import, message)
            .await
            .unwrap();
        queue.ack(QueueName::Import, &receipt).await.unwrap();
        done += 1;
    }
}

async fn status(bed: &Bed, import: &Import) -> ImportStatus {
    let imports = bed.services.control.imports(&import.subscription_id);
    imports.get(&import.id).await.unwrap().status
}

/// A day and more, after which the queue has forgotten that a message was ever sent.
fn a_day_later(bed: &Bed) {
    bed.services.clock.advance(TimeDelta::hours(25));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_message_was_lost_is_asked_for_again() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let path = bed.file("shop.xml", &sample_file(10));
        let import = bed.begun(&shop, xml(&path)).await;
        let (services, id) = (&bed.services, &import.id);
        import::uploaded(services, &shop, id, None).await.unwrap();
        for (kind, end) in [
            (import::VALIDATE, ImportStatus::Previewed),
            (import::APPLY, ImportStatus::Applied),
            (import::UNDO, ImportStatus::Undone),
        ] {
            match kind {
                import::APPLY => drop(import::start_apply(services, &shop, id).await.unwrap()),
                import::UNDO => drop(import::start_undo(services, &shop, id).await.unwrap()),
                _ => {}
            }
            // What waits or is worked on is not doubled.
            services.clock.advance(TimeDelta::minutes(5));
            jobs::housekeep(services).await.unwrap();
            assert_eq!(lose(&bed).await, [kind]);
            a_day_later(&bed);
            jobs::housekeep(services).await.unwrap();
            jobs::housekeep(services).await.unwrap();
            assert_eq!(work(&bed).await, 1, "{kind} is sent once more");
            assert_eq!(status(&bed, &import).await, end);
        }
        // Nobody is to do what the command line does by itself.
        let alone = bed.validated(&shop, xml(&path)).await;
        let now = services.clock.now();
        let mut tx = services.control.begin().await.unwrap();
        let mut imports = tx.imports(&shop);
        imports.applying(&alone.id, By::Work, now).await.unwrap();
        tx.commit().await.unwrap();
        a_day_later(&bed);
        jobs::housekeep(services).await.unwrap();
        assert_eq!(work(&bed).await, 0);
    }
}

/// An import that failed after some of its rows were written.
async fn failed_midway(bed: &Bed, shop: &SubscriptionId, name: &str) -> Import {
    let path = bed.file(name, &heavy_file());
    let import = bed.validated(shop, xml(&path)).await;
    let mut moment = Duration::from_millis(10);
    loop {
        let apply = import::apply(&bed.services, shop, &import.id);
        let broken = tokio::time::timeout(moment, apply).await.is_err();
        assert!(broken, "it came to its end before it was broken off");
        if bed.count(shop, internal::loads()).await > 0 {
            break;
        }
        moment = moment.mul_f64(1.2);
    }
    import::give_up(&bed.services, shop, &import.id)
        .await
        .unwrap();
    let imports = bed.services.control.imports(shop);
    let failed = imports.get(&import.id).await.unwrap();
    assert_eq!(failed.status, ImportStatus::Failed);
    assert_eq!(failed.failure_code.as_deref(), Some("import.broken-off"));
    assert!(failed.may_apply() && failed.may_undo(), "{failed:?}");
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_failed_midway_goes_on_or_back() {
    for bed in beds().await {
        let calm = bed.subscription().await;
        let path = bed.file("calm.xml", &heavy_file());
        bed.applied(&calm, xml(&path)).await;
        let shop = bed.subscription().await;
        let failed = failed_midway(&bed, &shop, "on.xml").await;
        import::start_apply(&bed.services, &shop, &failed.id)
            .await
            .unwrap();
        work(&bed).await;
        assert_eq!(status(&bed, &failed).await, ImportStatus::Applied);
        assert_eq!(bed.contents(&shop).await, bed.contents(&calm).await);

        let shop = bed.subscription().await;
        let failed = failed_midway(&bed, &shop, "back.xml").await;
        import::start_undo(&bed.services, &shop, &failed.id)
            .await
            .unwrap();
        work(&bed).await;
        assert_eq!(status(&bed, &failed).await, ImportStatus::Undone);
        assert!(bed.contents(&shop).await.is_empty());
    }
}

/// An import with an uploaded list, of which one row is good.
async fn uploaded(bed: &Bed, shop: &SubscriptionId) -> Import {
    let list = "id,type,person\nc1,PERSONAL,Jan\nc2,ALIEN,Zed\nc3,PERSONAL,Ewa\n";
    let path = bed.file("unused", b"");
    let mut order: ImportOrder = order(&path, ImportFormat::Csv);
    order.table = Some("customers".to_owned());
    order.file = FileSource::Upload(Announced::default());
    order.created_by = Actor::System;
    let import = bed.begun(shop, order).await;
    let content = futures::stream::iter([Ok(bytes::Bytes::from(list))]);
    let put = bed
        .services
        .objects
        .put(&import.object_key, Box::pin(content));
    put.await.unwrap();
    import::uploaded(&bed.services, shop, &import.id, None)
        .await
        .unwrap();
    work(bed).await;
    assert_eq!(status(bed, &import).await, ImportStatus::Previewed);
    import
}

/// A row that an import keeps aside.
fn parked(import: &wynos::control::ImportId, number: u32) -> Write {
    let mut rows = Rows::new(6);
    rows.push_values(&[
        format!("import:{import}:{number:06}").into(),
        "customers".into(),
        "local".into(),
        "import".into(),
        Value::Json("{}".to_owned()),
        Value::Null,
    ]);
    Write::Insert {
        table: internal::parked().clone(),
        rows,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_by_the_state_of_its_import_and_so_do_its_rows() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let services = &bed.services;
        let left = uploaded(&bed, &shop).await;
        let applied = uploaded(&bed, &shop).await;
        let there = async |import: &Import| {
            let head = services.objects.head(&import.object_key);
            head.await.unwrap().is_some()
        };
        import::start_apply(services, &shop, &applied.id)
            .await
            .unwrap();
        work(&bed).await;
        let rows = async || {
            let mut counts = Vec::new();
            for table in [import::problems(), internal::undo(), internal::parked()] {
                counts.push(bed.count(&shop, table).await);
            }
            counts
        };
        services.clock.advance(TimeDelta::hours(23));
        assert_eq!(import::sweep(services).await.unwrap(), (0, 0));
        services.clock.advance(TimeDelta::hours(2));
        assert_eq!(import::sweep(services).await.unwrap(), (1, 0));
        assert!(!there(&applied).await && there(&left).await);
        services.clock.advance(TimeDelta::days(14));
        assert_eq!(import::sweep(services).await.unwrap(), (1, 0));
        assert!(!there(&left).await);
        assert_eq!(status(&bed, &left).await, ImportStatus::Abandoned);
        let load = wynos::warehouse::Load {
            origin: "test",
            run: "test".to_owned(),
            observed_at: services.clock.now(),
            quota: None,
            writes: vec![parked(&applied.id, 1), parked(&left.id, 2)],
        };
        services.warehouses.open(&shop).commit(load).await.unwrap();
        assert!(
            rows().await.iter().all(|count| *count > 0),
            "{:?}",
            rows().await
        );
        services.clock.advance(TimeDelta::days(91));
        assert_eq!(import::sweep(services).await.unwrap(), (0, 2));
        assert_eq!(rows().await, [0, 0, 0]);
        assert_eq!(import::sweep(services).await.unwrap(), (0, 0));
        let late = import::start_undo(services, &shop, &applied.id).await;
        assert!(late.is_err(), "what undoing needs is gone");
        assert_eq!(bed.contents(&shop).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_chosen_while_another_is_compared_gets_its_own_preview() {
    for bed in beds().await {
        let shop = bed.subscription().await;
        let services = &bed.services;
        let import = uploaded(&bed, &shop).await;
        let imports = services.control.imports(&shop);
        let guess = imports.get(&import.id).await.unwrap().guess;
        let mut mapping: wynos::sheets::Mapping = serde_json::from_value(guess.unwrap()).unwrap();
        import::uploaded(services, &shop, &import.id, Some(&mapping))
            .await
            .unwrap();
        // A worker has begun with the first mapping …
        let begun = imports.get(&import.id).await.unwrap();
        mapping.columns[2].target = Some("company_name".to_owned());
        import::uploaded(services, &shop, &import.id, Some(&mapping))
            .await
            .unwrap();
        // … and ends after the second one was chosen.
        let mut tx = services.control.begin().await.unwrap();
        let stale = tx
            .imports(&shop)
            .previewed(
                &import.id,
                begun.asked,
                &serde_json::json!({}),
                services.clock.now(),
            )
            .await;
        assert!(stale.is_err());
        drop(tx);
        let applied = import::start_apply(services, &shop, &import.id).await;
        assert!(applied.is_err(), "nobody has seen its preview");
        work(&bed).await;
        import::start_apply(services, &shop, &import.id)
            .await
            .unwrap();
        work(&bed).await;
        let customers = wynos::catalog::table("customers").unwrap();
        let names = bed.scan(&shop, Scan::of(customers).columns(["company_name"]));
        assert_eq!(names.await, [[Value::from("Jan")], [Value::from("Ewa")]]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_leaves_alone_what_is_over() {
    let [bed, _] = beds().await;
    let shop = bed.subscription().await;
    let import = uploaded(&bed, &shop).await;
    import::give_up(&bed.services, &shop, &import.id)
        .await
        .unwrap();
    assert_eq!(status(&bed, &import).await, ImportStatus::Previewed);
    let failure = Failure {
        code: "import.internal".to_owned(),
        details: serde_json::json!({}),
    };
    let mut tx = bed.services.control.begin().await.unwrap();
    let now = bed.services.clock.now();
    assert!(
        tx.imports(&shop)
            .fail(&import.id, &failure, now)
            .await
            .is_err()
    );
}

use super::*;

#[test]
fn delays_grow_and_stay_bounded() {
    for attempt in 1..=MAX_ATTEMPTS {
        let delay = delay_before(attempt);
        assert!(
            delay >= Duration::from_secs(1 << (attempt - 1).min(7)),
            "{attempt}: {delay:?}"
        );
        assert!(delay <= Duration::from_secs(600), "{attempt}: {delay:?}");
    }
}

async fn opened(folder: &std::path::Path) -> crate::assemble::Opened {
    let place = crate::args::Place {
        data_dir: Some(folder.join("data")),
        database_url: None,
        public_url: None,
        mail: crate::args::Mail {
            smtp_url: None,
            mail_from: "wynos@localhost".to_owned(),
        },
        #[cfg(feature = "aws")]
        cloud: crate::aws::Cloud::default(),
        vendor: crate::args::VendorAccess::default(),
    };
    crate::assemble::open(&place).await.unwrap()
}

/// Takes a message until it was taken too often, and handles it then.
async fn take_too_often(services: &Services, queue: QueueName) {
    let receive = async |visibility| {
        let received = services.queue.receive(queue, 1, visibility);
        received.await.unwrap().remove(0)
    };
    for _ in 0..MAX_ATTEMPTS {
        receive(Duration::ZERO).await;
    }
    let message = receive(VISIBILITY).await;
    handle(services, queue, message, &CancellationToken::new()).await;
    let page = wynos::ports::ParkedPage {
        limit: 10,
        ..Default::default()
    };
    let parked = services.queue.parked(queue, page).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].reason, "begun 40 times without an end");
}

#[tokio::test]
async fn a_message_that_never_ends_is_put_aside_unread() {
    let folder = tempfile::tempdir().unwrap();
    let opened = opened(folder.path()).await;
    let subscription = wynos::SubscriptionId::random();
    jobs::request_relay(&opened.services, &subscription)
        .await
        .unwrap();
    take_too_often(&opened.services, QueueName::Relay).await;
}

#[tokio::test]
async fn a_build_that_is_put_aside_fails_its_delivery_and_is_mailed() {
    use wynos::{
        catalog::Locale,
        control::{Actor, DeliveryStatus, FileFormat, NewAccount, NewSubscription, Password, Plan},
        delivery::{self, Order},
    };
    let folder = tempfile::tempdir().unwrap();
    let opened = opened(folder.path()).await;
    let services = &opened.services;
    let business = NewSubscription {
        name: "Serwis".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let owner = NewAccount {
        email: "ola@example.pl".to_owned(),
        name: "Ola".to_owned(),
        locale: Locale::Pl,
        password: Password::hash("dobre haslo 1").await.unwrap(),
    };
    let now = services.clock.now();
    let first = services.control.create_first_owner(&business, &owner, now);
    let first = first.await.unwrap();
    let shop = first.subscription.id;
    let order = Order::new(
        shop.clone(),
        Actor::Account(first.account.id),
        FileFormat::Xml,
    );
    let id = delivery::order(services, order).await.unwrap().id;
    let mut tx = services.control.begin().await.unwrap();
    tx.deliveries(&shop).start(&id, now).await.unwrap();
    tx.commit().await.unwrap();
    take_too_often(services, QueueName::Export).await;
    let failed = services.control.deliveries(&shop).get(&id).await.unwrap();
    assert_eq!(failed.status, DeliveryStatus::Failed);
    assert_eq!(failed.failure_code.as_deref(), Some("export.broken-off"));
    let mails = services.queue.receive(QueueName::Mail, 10, VISIBILITY);
    assert_eq!(mails.await.unwrap().len(), 1);
}

/// Messages of every kind as version 1 wrote them. They stay as they are: they are in queues when a new program comes.
const KEPT: &str = include_str!("../../../../shared/src/jobs/kept/1.json");

#[tokio::test]
async fn messages_of_every_version_that_ever_was_are_read_and_newer_ones_come_again() {
    use jobs::JobError;
    use wynos::yclients::hooks::IngestError;
    let folder = tempfile::tempdir().unwrap();
    let services = opened(folder.path()).await.services;
    let kept: Vec<serde_json::Value> = serde_json::from_str(KEPT).unwrap();
    assert!(kept.len() >= 19);
    for entry in kept {
        let envelope: Envelope = serde_json::from_value(entry["message"].clone()).unwrap();
        let queue = entry["queue"].as_str().unwrap();
        let queue = QueueName::ALL.into_iter().find(|one| one.as_str() == queue);
        let queue = queue.unwrap();
        let run = async |envelope: &Envelope| {
            let received = Received {
                id: "kept".to_owned(),
                receipt: wynos::ports::Receipt("kept".to_owned()),
                attempt: 1,
                envelope: envelope.clone(),
            };
            Box::pin(jobs::run(&services, queue, received)).await
        };
        // There is nothing that it is about, which is found out after it was read.
        let unread = matches!(
            run(&envelope).await,
            Err(JobError::UnknownKind { .. }
                | JobError::UnknownVersion { .. }
                | JobError::NewerVersion { .. }
                | JobError::Malformed { .. }
                | JobError::Panicked { .. }
                | JobError::Ingest(IngestError::Unknown { .. } | IngestError::Malformed(_)))
        );
        assert!(!unread, "{entry}");
        let newer = Envelope {
            version: u16::MAX,
            ..envelope
        };
        let failure = run(&newer).await.unwrap_err();
        assert_eq!(failure.disposition(), Disposition::Retry, "{entry}");
    }
}

#[tokio::test]
async fn a_message_whose_run_stays_in_hand_is_dropped_in_the_end_and_never_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut services = opened(folder.path()).await.services;
    let clock = wynos::ports::Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    let file = folder.path().join("own.sqlite");
    let queue = wynos::embedded::SqliteQueue::open(&file, clock.clone()).unwrap();
    services.queue = std::sync::Arc::new(queue);
    let of_run = Envelope {
        version: 1,
        kind: "pull.history".to_owned(),
        subscription: wynos::SubscriptionId::random(),
        body: serde_json::json!({ "source": "nobodysshop-a1b2c3d4", "run": "aaaabbbbccccddddeeeeffffgg" }),
    };
    let sent = services
        .queue
        .send(QueueName::Pull, of_run.clone(), Duration::ZERO, None);
    sent.await.unwrap();
    let (runs, stop) = (Runs::default(), CancellationToken::new());
    let in_hand = runs.take(&of_run);
    assert!(matches!(in_hand, Found::Free(Some(_))), "{in_hand:?}");
    let mut attempts = 0;
    loop {
        let received = services.queue.receive(QueueName::Pull, 1, VISIBILITY);
        let Some(message) = received.await.unwrap().pop() else {
            break;
        };
        attempts = message.attempt;
        assert!(attempts <= MOST_WAITS);
        handle_alone(&services, QueueName::Pull, message, &runs, &stop).await;
        // Longer than any of them is put off.
        clock.advance(chrono::TimeDelta::minutes(11));
    }
    assert_eq!(attempts, MOST_WAITS, "not before");
    let page = wynos::ports::ParkedPage {
        limit: 10,
        ..Default::default()
    };
    let parked = services.queue.parked(QueueName::Pull, page).await.unwrap();
    assert_eq!(parked, []);
}

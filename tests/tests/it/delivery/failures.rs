use std::{path::Path, sync::Arc};

use wynos::{
    control::{DeliveryStatus, FileFormat, Role},
    delivery::{self, DeliveryError},
    exchange::ProfileName,
    jobs::{self, JobError},
    ports::{Disposition, Envelope, QueueName, Receipt, Received},
    services::Settings,
    warehouse::{Filter, internal},
};

use super::{Bed, beds};

/// The same system with other settings.
fn with(bed: &mut Bed, change: impl FnOnce(&mut Settings)) {
    let mut settings = (*bed.services.settings).clone();
    change(&mut settings);
    bed.services.settings = Arc::new(settings);
}

/// A failed build says why, in the delivery, the journal and a mail, and leaves nothing.
async fn assert_failed(bed: &Bed, format: FileFormat, table: Option<&str>, code: &str) {
    let delivery = bed.delivered(bed.order(format, table)).await;
    assert_eq!(delivery.status, DeliveryStatus::Failed, "{format}");
    assert_eq!(
        delivery.failure_code.as_deref(),
        Some(code),
        "{format}: {:?}",
        delivery.failure_details
    );
    assert!(bed.logged().await.is_empty(), "{format}");
    assert!(
        bed.rows(internal::personal_data_subjects(), &["event_id"])
            .await
            .is_empty(),
        "{format}"
    );
    assert!(bed.objects().await.is_empty(), "{format}");
    assert!(bed.journal().await.contains(&"export.failed".to_owned()));
    assert!(
        bed.mails()
            .contains(&format!("delivery-{}-failed.eml", delivery.id))
    );
    delivery::build(&bed.services, &bed.shop, &delivery.id)
        .await
        .unwrap();
    assert_eq!(bed.get(&delivery).await, delivery);
}

#[tokio::test]
async fn a_file_that_outgrows_its_space_fails_and_leaves_no_line() {
    for mut bed in beds().await {
        with(&mut bed, |settings| settings.work_limit = 20_000);
        assert_failed(
            &bed,
            FileFormat::Xlsx,
            Some("customers"),
            "export.too-large",
        )
        .await;
        assert_failed(&bed, FileFormat::Sqlite, None, "export.too-large").await;
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_written_fails_after_some_attempts() {
    for mut bed in beds().await {
        with(&mut bed, |settings| {
            settings.work_dir = Path::new("/dev/null/work").to_owned();
        });
        assert_failed(&bed, FileFormat::Sqlite, None, "export.internal").await;
        let attempts = i64::from(bed.services.settings.build_attempts);
        let page = bed
            .services
            .control
            .deliveries(&bed.shop)
            .list(None, 1)
            .await
            .unwrap();
        assert_eq!(page.items[0].attempt, attempts);
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_not_ordered() {
    let [bed, _] = beds().await;
    let mut unknown_column = bed.order(FileFormat::Csv, Some("customers"));
    unknown_column.columns = vec!["shoe_size".to_owned()];
    let mut unknown_filter = bed.order(FileFormat::Csv, Some("customers"));
    unknown_filter.filter = Filter::equal("customer_id.nothing", "x");
    let mut basic_passwords = bed.order(FileFormat::Xml, None);
    basic_passwords.profile = ProfileName::Basic;
    basic_passwords.include_passwords = true;
    let orders = [
        bed.order(FileFormat::Csv, None),
        bed.order(FileFormat::Csv, Some("_personal_data_events")),
        bed.order(FileFormat::Xml, Some("customers")),
        unknown_column,
        unknown_filter,
        basic_passwords,
    ];
    for order in orders {
        let error = delivery::order(&bed.services, order.clone())
            .await
            .unwrap_err();
        assert!(
            matches!(error, DeliveryError::Order { .. }),
            "{order:?}: {error:?}"
        );
    }
    let manager = bed.person("kierownik@example.pl", Role::Manager).await;
    let mut passwords = bed.order(FileFormat::Xml, None);
    passwords.include_passwords = true;
    passwords.ordered_by = wynos::control::Actor::Account(manager.id);
    let error = delivery::order(&bed.services, passwords).await.unwrap_err();
    assert!(matches!(error, DeliveryError::PasswordsForOwners));
    assert!(bed.journal().await.is_empty());
}

#[tokio::test]
async fn messages_that_nobody_understands_are_parked_with_the_reason() {
    let [bed, _] = beds().await;
    let message = |kind: &str, version: u16, body: serde_json::Value| Received {
        id: "1".to_owned(),
        receipt: Receipt("1".to_owned()),
        attempt: 1,
        envelope: Envelope {
            version,
            kind: kind.to_owned(),
            subscription: bed.shop.clone(),
            body,
        },
    };
    let body = serde_json::json!({ "delivery": "a" });
    let cases = [
        (
            message("export.bild", 1, body.clone()),
            "export.bild are not known in the queue export",
            Disposition::Park,
        ),
        (
            message("export.build", 9, body.clone()),
            "version 9 of messages of the kind export.build",
            // Whoever sent it is about to be here.
            Disposition::Retry,
        ),
        (
            message("export.build", 1, body),
            "body of a message of the kind export.build",
            Disposition::Park,
        ),
    ];
    for (message, reason, disposition) in cases {
        let error: JobError = jobs::run(&bed.services, QueueName::Export, message)
            .await
            .unwrap_err();
        assert_eq!(error.disposition(), disposition, "{reason}");
        assert!(error.reason().contains(reason), "{}", error.reason());
    }
}

use sha2::{Digest, Sha256};
use wynos::{
    catalog::Locale,
    control::{Actor, ApiTokenId, DeliveryStatus, FileFormat, Role},
    delivery::{self, Claim, Order, PageView},
    warehouse::Filter,
};

use super::{FORMATS, beds};

#[tokio::test]
async fn a_file_of_every_format_is_ordered_built_mailed_and_handed_over() {
    for bed in beds().await {
        for (format, table) in FORMATS {
            let delivery = bed.delivered(bed.order(format, table)).await;
            assert_eq!(
                delivery.status,
                DeliveryStatus::Ready,
                "{format}: {:?}",
                delivery.failure_details
            );
            let content = bed.content(&delivery).await;
            let sha256: String = Sha256::digest(&content)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!(
                delivery.sha256.as_deref(),
                Some(sha256.as_str()),
                "{format}"
            );
            assert_eq!(delivery.size, Some(content.len() as i64), "{format}");
            assert!(
                delivery.counts.values().sum::<i64>() >= 60,
                "{format}: {:?}",
                delivery.counts
            );

            let token = bed.token(&delivery);
            for _ in 0..3 {
                let view = delivery::view(&bed.services, &token, &bed.owner.id)
                    .await
                    .unwrap();
                let PageView::File(page) = view else {
                    panic!("{view:?}")
                };
                assert_eq!(page.status, DeliveryStatus::Ready);
                assert_eq!(
                    (page.size, page.sha256.as_str()),
                    (content.len() as u64, sha256.as_str())
                );
            }
            let claim = delivery::claim(&bed.services, &token, &bed.owner.id)
                .await
                .unwrap();
            let Claim::Handed { url, again: false } = claim else {
                panic!("{claim:?}")
            };
            assert!(
                url.as_str()
                    .contains(delivery.file_name.as_deref().unwrap()),
                "{url}"
            );
        }
        let mut codes = bed.journal().await;
        codes.sort();
        codes.dedup();
        assert_eq!(codes, ["export.built", "export.claimed", "export.ordered"]);
        assert_eq!(bed.journal().await.len(), 3 * FORMATS.len());
        assert_eq!(bed.mails().len(), FORMATS.len());
        assert_eq!(
            std::fs::read_dir(bed.folder.path().join("work"))
                .unwrap()
                .count(),
            0
        );
    }
}

#[tokio::test]
async fn an_order_under_one_key_is_taken_once() {
    for bed in beds().await {
        let mut order = bed.order(FileFormat::Csv, Some("repairs"));
        order.idempotency_key = Some("key-1".to_owned());
        let first = delivery::order(&bed.services, order.clone()).await.unwrap();
        let again = delivery::order(&bed.services, order.clone()).await.unwrap();
        assert_eq!(first.id, again.id);
        order.locale = Locale::En;
        assert!(delivery::order(&bed.services, order).await.is_err());
        bed.work().await;
        assert_eq!(bed.journal().await, ["export.built", "export.ordered"]);
    }
}

#[tokio::test]
async fn what_a_program_orders_is_mailed_to_an_owner_and_can_be_taken() {
    for bed in beds().await {
        bed.person("manager@shop.example", Role::Manager).await;
        let order = Order {
            table: Some("customers".to_owned()),
            ..Order::new(
                bed.shop.clone(),
                Actor::ApiToken(ApiTokenId::random()),
                FileFormat::Csv,
            )
        };
        let delivery = bed.delivered(order).await;
        assert_eq!(delivery.recipient_id.as_ref(), Some(&bed.owner.id));
        let claimed = delivery::claim(&bed.services, &bed.token(&delivery), &bed.owner.id).await;
        assert!(matches!(
            claimed.unwrap(),
            Claim::Handed { again: false, .. }
        ));
    }
}

#[tokio::test]
async fn a_list_has_the_rows_and_columns_that_were_ordered() {
    for bed in beds().await {
        let mut order = bed.order(FileFormat::Csv, Some("customers"));
        order.filter = Filter::equal("type", "BUSINESS");
        order.columns = vec!["id".to_owned(), "type".to_owned()];
        order.plain = true;
        let delivery = bed.delivered(order).await;
        let content = String::from_utf8(bed.content(&delivery).await).unwrap();
        let mut lines = content.lines();
        assert_eq!(lines.next(), Some("id,type"));
        let rows: Vec<&str> = lines.collect();
        assert!(
            !rows.is_empty() && rows.iter().all(|row| row.ends_with(",BUSINESS")),
            "{content}"
        );
        assert_eq!(delivery.counts["customers"], rows.len() as i64);
    }
}

#[tokio::test]
async fn a_message_that_comes_again_builds_nothing() {
    for bed in beds().await {
        let built = bed
            .delivered(bed.order(FileFormat::Csv, Some("customers")))
            .await;
        let logged = bed.logged().await;
        delivery::build(&bed.services, &bed.shop, &built.id)
            .await
            .unwrap();
        // The mail is read and put away; it does not come a second time.
        let mail = format!("{}.eml", delivery::mail_id(&built.id));
        std::fs::remove_file(bed.folder.path().join("outbox").join(mail)).unwrap();
        delivery::send_mail(&bed.services, &bed.shop, &built.id)
            .await
            .unwrap();
        bed.work().await;
        assert_eq!(bed.get(&built).await, built);
        assert_eq!(
            (
                bed.logged().await,
                bed.objects().await.len(),
                bed.mails().len()
            ),
            (logged, 1, 0)
        );
    }
}

#[tokio::test]
async fn orders_without_a_message_are_found_and_the_expected_time_is_told() {
    for bed in beds().await {
        let expectation = delivery::expected(&bed.services, &bed.shop, FileFormat::Csv)
            .await
            .unwrap();
        assert_eq!(expectation.expected, None);
        let order = bed.order(FileFormat::Csv, Some("customers"));
        let ordered = delivery::order(&bed.services, order).await.unwrap();
        // The message is lost.
        let lost = bed.services.queue.receive(
            wynos::ports::QueueName::Export,
            1,
            std::time::Duration::from_secs(1),
        );
        let receipt = lost.await.unwrap().pop().unwrap().receipt;
        bed.services
            .queue
            .ack(wynos::ports::QueueName::Export, &receipt)
            .await
            .unwrap();
        assert_eq!(
            delivery::resend_stuck(&bed.services.dispatcher())
                .await
                .unwrap(),
            0
        );
        // The queue remembers the key of the lost message for a day.
        bed.advance(chrono::TimeDelta::hours(25));
        assert_eq!(
            delivery::resend_stuck(&bed.services.dispatcher())
                .await
                .unwrap(),
            1
        );
        bed.work().await;
        assert_eq!(bed.get(&ordered).await.status, DeliveryStatus::Ready);
        let expectation = delivery::expected(&bed.services, &bed.shop, FileFormat::Csv)
            .await
            .unwrap();
        assert_eq!(expectation.expected, Some(chrono::TimeDelta::hours(25)));
    }
}

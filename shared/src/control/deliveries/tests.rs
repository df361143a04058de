use chrono::TimeDelta;

use super::{DeliveryStatus, Failure, LINK_LIFE, Ordered, Started, claim_tests::claim};
use crate::control::{
    ControlError, DeliveryId, FileFormat, Page,
    testing::{beds, ready_file},
};

#[tokio::test]
async fn an_order_is_taken_once_under_its_key() {
    for bed in beds().await {
        let mut new = bed.new_delivery(&bed.owner);
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.deliveries(&bed.subscription.id);
        let Ordered::New(first) = writer
            .order(&new, Some("k1"), &bed.links, bed.now())
            .await
            .unwrap()
        else {
            panic!("not new")
        };
        let again = writer
            .order(&new, Some("k1"), &bed.links, bed.now())
            .await
            .unwrap();
        assert_eq!(again, Ordered::Repeated(first.clone()));
        new.format = FileFormat::Csv;
        let other = writer.order(&new, Some("k1"), &bed.links, bed.now()).await;
        assert!(matches!(other, Err(ControlError::IdempotencyMismatch)));
        assert!(matches!(
            writer
                .order(&new, None, &bed.links, bed.now())
                .await
                .unwrap(),
            Ordered::New(_)
        ));
        assert!(matches!(
            writer
                .order(&new, None, &bed.links, bed.now())
                .await
                .unwrap(),
            Ordered::New(_)
        ));
        assert!(matches!(
            writer.order(&new, Some(""), &bed.links, bed.now()).await,
            Err(ControlError::Invalid { .. })
        ));
        tx.commit().await.unwrap();
        let token = bed.links.again(&first.id, first.link_key_version).unwrap();
        assert_eq!(token.hash(), first.token_hash);
        bed.close().await;
    }
}

#[tokio::test]
async fn building_again_changes_nothing_once_it_is_ready() {
    for bed in beds().await {
        let ordered = bed.order(&bed.owner).await;
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.deliveries(&bed.subscription.id);
        for attempt in 1..=2 {
            let Started::Build(building) = writer.start(&ordered.id, bed.now()).await.unwrap()
            else {
                panic!("over")
            };
            assert_eq!(
                (building.attempt, building.status),
                (attempt, DeliveryStatus::Building)
            );
        }
        bed.clock.advance(TimeDelta::seconds(40));
        let file = ready_file("exports/x.2.xml");
        let ready = writer
            .ready(&ordered.id, &file, LINK_LIFE, bed.now())
            .await
            .unwrap();
        bed.clock.advance(TimeDelta::seconds(40));
        assert_eq!(
            writer
                .ready(&ordered.id, &file, LINK_LIFE, bed.now())
                .await
                .unwrap(),
            ready
        );
        assert!(matches!(
            writer.start(&ordered.id, bed.now()).await.unwrap(),
            Started::Over(_)
        ));
        let late = writer
            .ready(
                &ordered.id,
                &ready_file("exports/x.1.xml"),
                LINK_LIFE,
                bed.now(),
            )
            .await;
        assert!(matches!(late, Err(ControlError::Transition { .. })));
        let failure = Failure {
            code: "disk_full".into(),
            details: serde_json::json!({}),
        };
        assert!(matches!(
            writer.fail(&ordered.id, &failure).await,
            Err(ControlError::Transition { .. })
        ));
        tx.commit().await.unwrap();
        let times = bed
            .control
            .deliveries(&bed.subscription.id)
            .build_times(FileFormat::Xml, 5)
            .await
            .unwrap();
        assert_eq!(times, [TimeDelta::seconds(40)]);
        assert_eq!(ready.counts["customers"], 7);
        bed.close().await;
    }
}

#[tokio::test]
async fn a_failed_delivery_says_why_and_stays_failed() {
    for bed in beds().await {
        let ordered = bed.order(&bed.owner).await;
        let failure = Failure {
            code: "disk_full".into(),
            details: serde_json::json!({ "needed": 5 }),
        };
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.deliveries(&bed.subscription.id);
        let failed = writer.fail(&ordered.id, &failure).await.unwrap();
        assert_eq!(writer.fail(&ordered.id, &failure).await.unwrap(), failed);
        assert_eq!(failed.failure_details, Some(failure.details));
        let ready = writer
            .ready(
                &ordered.id,
                &ready_file("exports/x.1.xml"),
                LINK_LIFE,
                bed.now(),
            )
            .await;
        assert!(matches!(ready, Err(ControlError::Transition { .. })));
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn objects_go_a_day_after_the_claim_or_at_expiry() {
    for bed in beds().await {
        let (claimed, unclaimed) = (bed.ready(&bed.owner).await, bed.ready(&bed.owner).await);
        bed.clock.advance(TimeDelta::hours(1));
        claim(&bed, &claimed, &bed.owner.id).await;
        let due = async |expected: &[&DeliveryId]| {
            let due = bed
                .control
                .housekeeping()
                .due_for_removal(bed.now(), 10)
                .await
                .unwrap();
            assert_eq!(
                due.iter().map(|row| &row.delivery).collect::<Vec<_>>(),
                expected
            );
        };
        bed.clock
            .advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
        due(&[]).await;
        let mut tx = bed.control.begin().await.unwrap();
        assert!(
            !tx.deliveries(&bed.subscription.id)
                .removed(&claimed.id, bed.now())
                .await
                .unwrap(),
            "not due"
        );
        bed.clock.advance(TimeDelta::microseconds(1));
        assert!(
            tx.deliveries(&bed.subscription.id)
                .removed(&claimed.id, bed.now())
                .await
                .unwrap()
        );
        assert!(
            !tx.deliveries(&bed.subscription.id)
                .removed(&claimed.id, bed.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        due(&[]).await;
        bed.clock.advance(TimeDelta::hours(47));
        due(&[&unclaimed.id]).await;
        let mut tx = bed.control.begin().await.unwrap();
        assert!(
            tx.deliveries(&bed.subscription.id)
                .removed(&unclaimed.id, bed.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        let status = async |id| {
            bed.control
                .deliveries(&bed.subscription.id)
                .get(id)
                .await
                .unwrap()
                .status
        };
        assert_eq!(status(&claimed.id).await, DeliveryStatus::Claimed);
        assert_eq!(status(&unclaimed.id).await, DeliveryStatus::Expired);
        bed.close().await;
    }
}

#[tokio::test]
async fn lists_page_without_gaps_and_within_the_subscription() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let mut expected = Vec::new();
        // Two at the same moment, where the id decides, and times of every length when written as text.
        bed.clock.set("2026-03-01T11:00:00Z".parse().unwrap());
        for microseconds in [0, 0, 1, 999, 999_000, 1, 0] {
            bed.clock.advance(TimeDelta::microseconds(microseconds));
            expected.push(bed.order(&bed.owner).await);
        }
        expected.sort_by(|one, two| (two.ordered_at, &two.id).cmp(&(one.ordered_at, &one.id)));
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let Page { items, next } = bed
                .control
                .deliveries(&bed.subscription.id)
                .list(cursor.as_ref(), 3)
                .await
                .unwrap();
            assert!(items.len() <= 3);
            seen.extend(items);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, expected);
        let elsewhere = bed.control.deliveries(&other.id);
        assert_eq!(elsewhere.list(None, 10).await.unwrap().items, []);
        assert!(matches!(
            elsewhere.get(&expected[0].id).await,
            Err(ControlError::NotFound { .. })
        ));
        let mut tx = bed.control.begin().await.unwrap();
        let started = tx
            .deliveries(&other.id)
            .start(&expected[0].id, bed.now())
            .await;
        assert!(matches!(started, Err(ControlError::NotFound { .. })));
        drop(tx);
        bed.close().await;
    }
}

use chrono::TimeDelta;

use super::{CLAIM_RETRY, ClaimOutcome, DeliveryStatus, LINK_LIFE};
use crate::control::{
    Delivery, Role,
    testing::{Bed, beds},
};

pub(super) async fn claim(
    bed: &Bed,
    delivery: &Delivery,
    account: &crate::control::AccountId,
) -> ClaimOutcome {
    let mut tx = bed.control.begin().await.unwrap();
    let outcome = tx
        .claim(&delivery.token_hash, account, bed.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_simultaneous_claims_exactly_one_succeeds() {
    for bed in beds().await {
        let people = [
            bed.owner.clone(),
            bed.person("m@example.pl", Some(Role::Owner)).await,
        ];
        let delivery = bed.ready(&people[0]).await;
        let mut claims = tokio::task::JoinSet::new();
        for number in 0..200 {
            let (control, hash, now) =
                (bed.control.clone(), delivery.token_hash.clone(), bed.now());
            let account = people[number % 2].id.clone();
            claims.spawn(async move {
                let mut tx = control.begin().await.unwrap();
                let outcome = tx.claim(&hash, &account, now).await.unwrap();
                tx.commit().await.unwrap();
                outcome
            });
        }
        let outcomes = claims.join_all().await;
        let count = |wanted: fn(&ClaimOutcome) -> bool| {
            outcomes.iter().filter(|outcome| wanted(outcome)).count()
        };
        assert_eq!(
            count(|outcome| matches!(outcome, ClaimOutcome::Claimed(_))),
            1
        );
        assert_eq!(
            count(|outcome| matches!(outcome, ClaimOutcome::Retry(_))),
            99
        );
        assert_eq!(
            count(|outcome| matches!(outcome, ClaimOutcome::AlreadyClaimed)),
            100
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn the_link_is_for_the_recipient_and_the_owners() {
    for bed in beds().await {
        let manager = bed.person("m@example.pl", Some(Role::Manager)).await;
        let colleague = bed.person("k@example.pl", Some(Role::Manager)).await;
        let stranger = bed.person("s@example.pl", None).await;
        let delivery = bed.ready(&manager).await;
        for other in [&colleague, &stranger] {
            assert_eq!(
                claim(&bed, &delivery, &other.id).await,
                ClaimOutcome::Forbidden
            );
            assert!(
                !bed.control
                    .links()
                    .find(&delivery.token_hash, &other.id)
                    .await
                    .unwrap()
                    .unwrap()
                    .1
            );
        }
        let (found, permitted) = bed
            .control
            .links()
            .find(&delivery.token_hash, &manager.id)
            .await
            .unwrap()
            .unwrap();
        assert!(permitted && found == delivery, "looking changes nothing");
        assert!(matches!(
            claim(&bed, &delivery, &bed.owner.id).await,
            ClaimOutcome::Claimed(_)
        ));
        assert_eq!(
            claim(&bed, &delivery, &manager.id).await,
            ClaimOutcome::AlreadyClaimed
        );

        let second = bed.ready(&manager).await;
        let mut tx = bed.control.begin().await.unwrap();
        assert!(
            tx.remove_member(&bed.subscription.id, &manager.id)
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        assert_eq!(
            claim(&bed, &second, &manager.id).await,
            ClaimOutcome::Forbidden,
            "who left claims nothing"
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn the_same_person_can_retry_for_ten_minutes() {
    for bed in beds().await {
        let delivery = bed.ready(&bed.owner).await;
        let ClaimOutcome::Claimed(claimed) = claim(&bed, &delivery, &bed.owner.id).await else {
            panic!("not claimed")
        };
        assert_eq!(claimed.claimed_by.as_ref(), Some(&bed.owner.id));
        assert_eq!(claimed.claim_until, Some(bed.now() + CLAIM_RETRY));
        bed.clock.advance(CLAIM_RETRY - TimeDelta::seconds(1));
        assert!(matches!(
            claim(&bed, &delivery, &bed.owner.id).await,
            ClaimOutcome::Retry(_)
        ));
        bed.clock.advance(TimeDelta::seconds(1));
        assert_eq!(
            claim(&bed, &delivery, &bed.owner.id).await,
            ClaimOutcome::AlreadyClaimed
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn a_link_expires_and_a_wrong_one_opens_nothing() {
    for bed in beds().await {
        let delivery = bed.ready(&bed.owner).await;
        let waiting = bed.order(&bed.owner).await;
        assert_eq!(
            claim(&bed, &waiting, &bed.owner.id).await,
            ClaimOutcome::NotFound,
            "not built yet"
        );
        let mut wrong = delivery.clone();
        wrong.token_hash = crate::control::TokenHash::of("other");
        assert_eq!(
            claim(&bed, &wrong, &bed.owner.id).await,
            ClaimOutcome::NotFound
        );
        bed.clock.advance(LINK_LIFE);
        assert_eq!(delivery.status_at(bed.now()), DeliveryStatus::Expired);
        assert_eq!(
            claim(&bed, &delivery, &bed.owner.id).await,
            ClaimOutcome::Expired
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn a_claim_that_is_not_committed_is_none() {
    for bed in beds().await {
        let delivery = bed.ready(&bed.owner).await;
        let mut tx = bed.control.begin().await.unwrap();
        assert!(matches!(
            tx.claim(&delivery.token_hash, &bed.owner.id, bed.now())
                .await
                .unwrap(),
            ClaimOutcome::Claimed(_)
        ));
        tx.rollback().await.unwrap();
        assert!(matches!(
            claim(&bed, &delivery, &bed.owner.id).await,
            ClaimOutcome::Claimed(_)
        ));
        bed.close().await;
    }
}

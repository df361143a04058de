use chrono::TimeDelta;
use futures::future::join_all;
use wynos::{
    control::{DeliveryStatus, FileFormat, Role},
    delivery::{self, Claim, PageView},
};

use super::{Bed, beds};

async fn ready(bed: &Bed) -> (wynos::control::Delivery, String) {
    let delivery = bed
        .delivered(bed.order(FileFormat::Csv, Some("customers")))
        .await;
    let token = bed.token(&delivery);
    (delivery, token)
}

/// Of any number of simultaneous claims one succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invariant_06_one_link_one_claim() {
    for bed in beds().await {
        let (_, token) = ready(&bed).await;
        let second = bed.person("druga@example.pl", Role::Owner).await;
        let claims = (0..200).map(|number| {
            let (services, token) = (bed.services.clone(), token.clone());
            let account = if number % 2 == 0 {
                bed.owner.id.clone()
            } else {
                second.id.clone()
            };
            tokio::spawn(async move { delivery::claim(&services, &token, &account).await.unwrap() })
        });
        let outcomes: Vec<Claim> = join_all(claims)
            .await
            .into_iter()
            .map(|claim| claim.unwrap())
            .collect();
        let firsts = outcomes
            .iter()
            .filter(|claim| matches!(claim, Claim::Handed { again: false, .. }));
        assert_eq!(firsts.count(), 1);
        // The other person got nothing; the same one could start again.
        let refused = outcomes
            .iter()
            .filter(|claim| **claim == Claim::AlreadyClaimed)
            .count();
        assert_eq!(refused, 100);
        let claimed = bed
            .journal()
            .await
            .iter()
            .filter(|code| *code == "export.claimed")
            .count();
        assert_eq!(claimed, 1);
    }
}

#[tokio::test]
async fn only_the_orderer_and_owners_see_and_take_it() {
    for bed in beds().await {
        let manager = bed.person("kierownik@example.pl", Role::Manager).await;
        let (_, token) = ready(&bed).await;
        let view = delivery::view(&bed.services, &token, &manager.id)
            .await
            .unwrap();
        assert_eq!(view, PageView::Forbidden);
        let claim = delivery::claim(&bed.services, &token, &manager.id)
            .await
            .unwrap();
        assert_eq!(claim, Claim::Forbidden);
        let nothing = delivery::claim(&bed.services, "no-such-token", &bed.owner.id)
            .await
            .unwrap();
        assert_eq!(nothing, Claim::NotFound);
        let claim = delivery::claim(&bed.services, &token, &bed.owner.id)
            .await
            .unwrap();
        assert!(
            matches!(claim, Claim::Handed { again: false, .. }),
            "{claim:?}"
        );
    }
}

#[tokio::test]
async fn the_same_person_can_start_again_for_ten_minutes_and_the_object_goes_after_a_day() {
    for bed in beds().await {
        let (delivery, token) = ready(&bed).await;
        let claim = async || {
            delivery::claim(&bed.services, &token, &bed.owner.id)
                .await
                .unwrap()
        };
        assert!(matches!(claim().await, Claim::Handed { again: false, .. }));
        bed.advance(TimeDelta::minutes(9));
        assert!(matches!(claim().await, Claim::Handed { again: true, .. }));
        bed.advance(TimeDelta::minutes(2));
        assert_eq!(claim().await, Claim::AlreadyClaimed);
        assert_eq!(delivery::sweep(&bed.services).await.unwrap().due, 0);
        bed.advance(TimeDelta::hours(24));
        assert_eq!(delivery::sweep(&bed.services).await.unwrap().due, 1);
        assert_eq!(bed.objects().await, Vec::<String>::new());
        assert!(bed.get(&delivery).await.removed_at.is_some());
        let codes = bed.journal().await;
        assert_eq!(codes[1..3], ["export.claimed", "export.claimed-again"]);
    }
}

#[tokio::test]
async fn a_link_that_was_not_claimed_in_time_is_dead() {
    for bed in beds().await {
        let (delivery, token) = ready(&bed).await;
        bed.advance(TimeDelta::hours(72));
        let claim = delivery::claim(&bed.services, &token, &bed.owner.id)
            .await
            .unwrap();
        assert_eq!(claim, Claim::Expired);
        assert_eq!(delivery::sweep(&bed.services).await.unwrap().due, 1);
        assert_eq!(bed.get(&delivery).await.status, DeliveryStatus::Expired);
        assert_eq!(delivery::sweep(&bed.services).await.unwrap().due, 0);
    }
}

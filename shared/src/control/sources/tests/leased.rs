use chrono::TimeDelta;

use super::connected;
use crate::{
    SourceId,
    control::testing::{Bed, beds},
};

pub(super) async fn lease(bed: &Bed, id: &SourceId, holder: &str) -> bool {
    let mut tx = bed.control.begin().await.unwrap();
    let until = bed.now() + TimeDelta::minutes(2);
    let taken = tx.lease_source(id, holder, until, bed.now()).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn one_run_at_a_time_has_a_source_and_an_expired_lease_is_anybodys() {
    for bed in beds().await {
        let source = connected(&bed, 1).await;
        let id = &source.id;
        assert!(lease(&bed, id, "a").await && lease(&bed, id, "a").await);
        assert!(!lease(&bed, id, "b").await);
        bed.clock.advance(TimeDelta::minutes(1));
        let mut tx = bed.control.begin().await.unwrap();
        let until = bed.now() + TimeDelta::minutes(2);
        assert!(!tx.renew_lease(id, "b", until, bed.now()).await.unwrap());
        assert!(tx.renew_lease(id, "a", until, bed.now()).await.unwrap());
        tx.commit().await.unwrap();
        bed.clock.advance(TimeDelta::seconds(119));
        assert!(!lease(&bed, id, "b").await, "it was renewed");
        bed.clock.advance(TimeDelta::seconds(1));
        let mut tx = bed.control.begin().await.unwrap();
        let until = bed.now() + TimeDelta::minutes(2);
        assert!(
            !tx.renew_lease(id, "a", until, bed.now()).await.unwrap(),
            "too late"
        );
        tx.rollback().await.unwrap();
        assert!(lease(&bed, id, "b").await);
        let mut tx = bed.control.begin().await.unwrap();
        tx.release_source(id, "a").await.unwrap();
        tx.commit().await.unwrap();
        assert!(!lease(&bed, id, "c").await, "it was not a's to give back");
        let mut tx = bed.control.begin().await.unwrap();
        tx.release_source(id, "b").await.unwrap();
        tx.sources(id.subscription())
            .remove(id, true, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(!lease(&bed, id, "c").await, "it is removed");
        let mut tx = bed.control.begin().await.unwrap();
        let until = bed.now() + TimeDelta::minutes(2);
        assert!(
            tx.lease_removed_source(id, "c", until, bed.now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_lease() {
    for bed in beds().await {
        let source = connected(&bed, 1).await;
        let holders: Vec<String> = (0..8).map(|number| format!("run{number}")).collect();
        let tries = holders.iter().map(|holder| lease(&bed, &source.id, holder));
        let taken = futures::future::join_all(tries).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
        bed.close().await;
    }
}

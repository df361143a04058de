use std::collections::BTreeMap;

use futures::future::join_all;
use wynos::{
    control::Actor,
    journal::{self, Category, NewEntry, RelayError, Severity},
    warehouse::{Filter, Write, internal},
};

use super::{Bed, beds};

fn entry(bed: &Bed, number: usize) -> Write {
    let entry = NewEntry {
        at: bed.services.clock.now(),
        category: Category::Import,
        severity: Severity::Info,
        source_id: None,
        actor: Actor::System,
        code: "import.applied".to_owned(),
        counts: BTreeMap::from([("customers".to_owned(), 3)]),
        details: serde_json::json!({ "file": "x.xml" }),
        dedupe_key: format!("import.applied:{number}"),
    };
    journal::emit(&entry).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn relays_that_race_tell_everything_once() {
    for bed in beds().await {
        bed.commit((0..150).map(|number| entry(&bed, number)).collect())
            .await;
        let relays = (0..6).map(|_| {
            let (services, shop) = (bed.services.clone(), bed.shop.clone());
            tokio::spawn(async move { journal::relay(&services, &shop).await })
        });
        for relay in join_all(relays).await {
            relay.unwrap().unwrap();
        }
        assert_eq!(bed.journal().await.len(), 150);
        assert!(
            bed.services
                .warehouses
                .open(&bed.shop)
                .outbox(0, 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(journal::relay_all(&bed.services).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_is_not_understood_waits_and_holds_up_only_what_follows() {
    for bed in beds().await {
        let strange = Write::Emit {
            kind: "from.the-future",
            payload: serde_json::json!({}),
        };
        bed.commit(vec![entry(&bed, 1), strange, entry(&bed, 2)])
            .await;
        for _ in 0..2 {
            let error = journal::relay(&bed.services, &bed.shop).await.unwrap_err();
            assert!(matches!(error, RelayError::UnknownKind { .. }), "{error:?}");
        }
        assert_eq!(bed.journal().await.len(), 1);
        let left = bed
            .services
            .warehouses
            .open(&bed.shop)
            .outbox(0, 10)
            .await
            .unwrap();
        assert_eq!(left.len(), 2);
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_set_aside_and_holds_up_nothing() {
    for bed in beds().await {
        let broken = Write::Emit {
            kind: "journal",
            payload: serde_json::json!({ "at": "never" }),
        };
        bed.commit(vec![entry(&bed, 1), broken, entry(&bed, 2)])
            .await;
        assert_eq!(journal::relay(&bed.services, &bed.shop).await.unwrap(), 3);
        assert_eq!(bed.journal().await.len(), 2);
        let warehouse = bed.services.warehouses.open(&bed.shop);
        let snapshot = warehouse.snapshot().await.unwrap();
        let parked = snapshot.count(internal::parked(), &Filter::All).await;
        assert_eq!(parked.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_warehouse_that_was_made_anew_tells_under_the_old_numbers() {
    for bed in beds().await {
        bed.commit(vec![entry(&bed, 1)]).await;
        journal::relay(&bed.services, &bed.shop).await.unwrap();
        let warehouse = bed.services.warehouses.open(&bed.shop);
        warehouse.erase().await.unwrap();
        bed.commit(vec![entry(&bed, 2)]).await;
        assert_eq!(warehouse.outbox(0, 10).await.unwrap()[0].id, 1);
        journal::relay(&bed.services, &bed.shop).await.unwrap();
        assert_eq!(bed.journal().await.len(), 2);
    }
}

use chrono::TimeDelta;

use super::{Place, connected, place};
use crate::{
    catalog,
    control::{Actor, testing::beds},
    warehouse::{Admit, Filter, Load, Rows, Rule, Value as Cell, Write},
    yclients::connect::{Cleared, ConnectError, clear, pause, remove},
};

/// Rows of two tables in the warehouse.
async fn fill(place: &Place, source: &str) {
    let table = catalog::table("yclients_labels").unwrap();
    let mut rows = Rows::new(2);
    for id in 0..5 {
        rows.push_values(&[Cell::from(id), Cell::from("Etykieta")]);
    }
    let admit = Admit {
        table: table.clone(),
        source_id: source.to_owned(),
        columns: vec!["id".into(), "title".into()],
        rows,
        rule: Rule::Newest,
        undo: None,
        personal_data_event: None,
        children: Vec::new(),
        filter: None,
    };
    let load = Load {
        origin: "pull",
        run: "r".into(),
        observed_at: place.bed.now(),
        writes: vec![Write::Admit(admit)],
        quota: None,
    };
    let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
    warehouse.commit(load).await.unwrap();
}

async fn count(place: &Place, source: &str) -> u64 {
    let warehouse = place.services.warehouses.open(&place.bed.subscription.id);
    let snapshot = warehouse.snapshot().await.unwrap();
    let table = catalog::table("yclients_labels").unwrap();
    let filter = Filter::equal(catalog::system::SOURCE_ID, source);
    snapshot.count(table, &filter).await.unwrap()
}

#[tokio::test]
async fn a_removed_source_keeps_its_rows_or_loses_them_and_only_its_own() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        let source = connected(&place).await;
        let id = &source.id;
        for name in [id.as_str(), "local"] {
            fill(&place, name).await;
        }
        remove(services, id, false, &by).await.unwrap();
        assert_eq!(clear(services, id).await.unwrap(), Cleared::Done);
        assert_eq!(count(&place, id.as_str()).await, 5, "they were to be kept");
        let credentials = place.bed.control.credentials(&source.subscription_id);
        assert_eq!(
            credentials.list().await.unwrap(),
            [],
            "the token is forgotten"
        );
        // Rows that were kept can still be asked to go; a load that is on its way is waited for.
        remove(services, id, true, &by).await.unwrap();
        let mut tx = place.bed.control.begin().await.unwrap();
        let until = place.bed.now() + TimeDelta::minutes(1);
        tx.lease_removed_source(id, "run", until, place.bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(clear(services, id).await.unwrap(), Cleared::Waiting);
        assert_eq!(count(&place, id.as_str()).await, 5);
        place.bed.clock.advance(TimeDelta::minutes(1));
        assert_eq!(clear(services, id).await.unwrap(), Cleared::ForNow);
        assert_eq!(
            (
                count(&place, id.as_str()).await,
                count(&place, "local").await
            ),
            (0, 5)
        );
        fill(&place, id.as_str()).await;
        place.bed.clock.advance(TimeDelta::minutes(5));
        crate::jobs::housekeep(services).await.unwrap();
        assert_eq!(
            count(&place, id.as_str()).await,
            0,
            "what came late went too"
        );
        assert_eq!(clear(services, id).await.unwrap(), Cleared::Done);
        let to_clear = place
            .bed
            .control
            .housekeeping()
            .sources_to_clear(5)
            .await
            .unwrap();
        assert_eq!(to_clear, []);
        assert!(matches!(
            pause(services, id, &by).await,
            Err(ConnectError::Control(_))
        ));
        place.bed.close().await;
    }
}

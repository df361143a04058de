use chrono::TimeDelta;

use serde_json::json;

use super::{Place, codes, connected, place};
use crate::{
    catalog,
    control::{
        Actor, ControlError, Source, SourceState,
        testing::{Bed, beds},
    },
    warehouse::{Admit, Filter, Load, Rows, Rule, Value as Cell, Write},
    yclients::{
        connect::{Cleared, ConnectError, clear, erase_kept, pause, remove, set_table},
        pull,
    },
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

/// A connected company with rows of its own, beside those of the shop itself.
async fn filled(bed: Bed) -> (Place, Source) {
    let place = place(bed).await;
    let source = connected(&place).await;
    for name in [source.id.as_str(), "local"] {
        fill(&place, name).await;
    }
    (place, source)
}

#[tokio::test]
async fn a_removed_source_keeps_its_rows_or_loses_them_and_only_its_own() {
    for bed in beds().await {
        let (place, source) = filled(bed).await;
        let (services, by, id) = (&place.services, Actor::CommandLine, &source.id);
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

#[tokio::test]
async fn rows_that_were_kept_go_when_somebody_says_so_later() {
    for bed in beds().await {
        let (place, source) = filled(bed).await;
        let (services, by, id) = (&place.services, Actor::CommandLine, &source.id);
        assert!(matches!(
            erase_kept(services, id, &by).await,
            Err(ConnectError::Control(ControlError::NotFound { .. }))
        ));
        remove(services, id, false, &by).await.unwrap();
        place.bed.clock.advance(TimeDelta::days(30));
        crate::jobs::housekeep(services).await.unwrap();
        assert_eq!(count(&place, id.as_str()).await, 5, "they were to be kept");
        for _ in 0..2 {
            erase_kept(services, id, &by).await.unwrap();
            place.bed.clock.advance(TimeDelta::minutes(1));
        }
        crate::jobs::housekeep(services).await.unwrap();
        assert_eq!(
            (
                count(&place, id.as_str()).await,
                count(&place, "local").await
            ),
            (0, 5)
        );
        assert_eq!(clear(services, id).await.unwrap(), Cleared::Done);
        let sources = place.bed.control.sources(&source.subscription_id);
        assert_eq!(sources.removed().await.unwrap(), []);
        let told = codes(&place).await;
        let told = told.iter().filter(|code| *code == "source.rows-given-up");
        assert_eq!(told.count(), 1, "again, it changes nothing");
        let another = connected(&place).await;
        assert_ne!(another.id, source.id, "nothing is left to go on with");
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_company_whose_rows_were_kept_goes_on_under_its_id_as_often_as_it_is_connected() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        let source = connected(&place).await;
        let id = &source.id;
        let filter = json!({ "column": "staff_id", "is": "equal", "value": 1 });
        let off = set_table(services, id, "yclients_staff", Some(false), None, &by);
        off.await.unwrap();
        let records = "yclients_records";
        let filtered = set_table(services, id, records, None, Some(Some(&filter)), &by);
        filtered.await.unwrap();
        let jobs = async || {
            let jobs = place.bed.control.planned_jobs(&source.subscription_id);
            jobs.list(None, 50).await.unwrap().items.len()
        };
        for times in 1..=2_i64 {
            fill(&place, id.as_str()).await;
            remove(services, id, false, &by).await.unwrap();
            assert_eq!(jobs().await, 0, "they went with the source");
            place.bed.clock.advance(TimeDelta::days(30));
            let again = connected(&place).await;
            assert_eq!((&again.id, again.state), (id, SourceState::Active));
            assert_eq!((again.removed_at, again.remove_rows), (None, false));
            assert_eq!(again.webhook_oldest, 1 + times, "addresses of before");
            assert_eq!(again.webhook_version, 1 + times);
            assert_eq!(jobs().await, 2, "its comparisons");
            assert_eq!(count(&place, id.as_str()).await, 5);
            let sources = place.bed.control.sources(&source.subscription_id);
            for table in sources.tables(id).await.unwrap() {
                let name = table.table_name.as_str();
                assert_eq!(table.enabled, name != "yclients_staff");
                assert_eq!(table.filter.is_some(), name == records);
                let due = pull::is_read(name).then(|| place.bed.now());
                assert_eq!((table.next_at, table.last_at), (due, None), "{name}");
            }
        }
        let told = codes(&place).await;
        let times = |wanted: &str| told.iter().filter(|code| *code == wanted).count();
        assert_eq!(
            ["source.added", "source.removed", "source.taken-up"].map(times),
            [1, 2, 2],
            "{told:?}"
        );
        place.bed.close().await;
    }
}

mod kept;
mod leased;
mod stopped;

use chrono::TimeDelta;
use serde_json::json;

use super::{NewSource, Source, SourceSettings, SourceState, TableResult};
use crate::control::{
    Actor, ControlError, CredentialId, VendorName,
    credentials::tests::{cipher, new_credential},
    testing::{Bed, beds},
};

pub(crate) fn new_source(credential: &CredentialId, company_id: i64) -> NewSource {
    NewSource {
        credential_id: credential.clone(),
        name: " Salon na Brackiej ".into(),
        vendor: VendorName::Yclients,
        base_url: None,
        company_id,
        title: "Салон".into(),
        time_zone: "Europe/Moscow".into(),
        created_by: Actor::System,
    }
}

/// A connected company with a credential of its own.
pub(crate) async fn connected(bed: &Bed, company_id: i64) -> Source {
    let mut tx = bed.control.begin().await.unwrap();
    let credential = tx
        .credentials(&bed.subscription.id)
        .create(&new_credential("token"), &cipher(), bed.now())
        .await
        .unwrap();
    let mut writer = tx.sources(&bed.subscription.id);
    let source = writer
        .create(&new_source(&credential.id, company_id), bed.now())
        .await
        .unwrap();
    writer
        .add_tables(
            &source.id,
            &["yclients_records", "yclients_staff"],
            Some(bed.now()),
            bed.now(),
        )
        .await
        .unwrap();
    tx.commit().await.unwrap();
    source
}

/// A connected company whose source has a known id: the subscription's, and `source01`.
pub(crate) async fn connected_first(bed: &Bed) {
    let subscription = &bed.subscription.id;
    let id = format!("{subscription}-source01").parse().unwrap();
    let mut tx = bed.control.begin().await.unwrap();
    let credential = tx
        .credentials(subscription)
        .create(&new_credential("token"), &cipher(), bed.now())
        .await
        .unwrap();
    let new = new_source(&credential.id, 1);
    let mut writer = tx.sources(subscription);
    writer.create_as(&id, &new, bed.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_company_is_one_source_of_a_subscription() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let source = connected(&bed, 7).await;
        assert_eq!(source.name, "Salon na Brackiej");
        assert_eq!(bed.control.source(&source.id).await.unwrap(), source);
        let other = bed.other_subscription().await;
        let mut tx = bed.control.begin().await.unwrap();
        let again = new_source(&source.credential_id, 7);
        assert!(matches!(
            tx.sources(id).create(&again, bed.now()).await,
            Err(ControlError::Taken { .. })
        ));
        let foreign = tx.sources(&other.id).create(&again, bed.now()).await;
        assert!(
            matches!(foreign, Err(ControlError::NotFound { .. })),
            "another's credential"
        );
        let removed = tx
            .sources(id)
            .remove(&source.id, true, bed.now())
            .await
            .unwrap();
        assert_eq!(removed.state, SourceState::Removed);
        let back = tx.sources(id).create(&again, bed.now()).await.unwrap();
        tx.commit().await.unwrap();
        let ids = |list: Vec<Source>| list.into_iter().map(|source| source.id).collect::<Vec<_>>();
        let sources = bed.control.sources(id);
        assert_eq!(ids(sources.list().await.unwrap()), [back.id]);
        assert_eq!(bed.control.sources(&other.id).list().await.unwrap(), []);
        let foreign = bed.control.sources(&other.id).get(&source.id).await;
        assert!(matches!(foreign, Err(ControlError::NotFound { .. })));
        let to_clear = bed
            .control
            .housekeeping()
            .sources_to_clear(9)
            .await
            .unwrap();
        assert_eq!(to_clear, std::slice::from_ref(&source.id));
        let mut tx = bed.control.begin().await.unwrap();
        tx.sources(id).cleared(&source.id, bed.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            bed.control
                .housekeeping()
                .sources_to_clear(9)
                .await
                .unwrap(),
            []
        );
        bed.close().await;
    }
}

#[tokio::test]
async fn settings_change_alone_and_a_paused_source_goes_on() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let source = connected(&bed, 1).await;
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(id);
        let settings = SourceSettings {
            hints: Some(true),
            base_url: Some(Some("http://127.0.0.1:1/api/v1".into())),
            ..SourceSettings::default()
        };
        let changed = writer
            .change(&source.id, &settings, bed.now())
            .await
            .unwrap();
        assert!(changed.hints && changed.base_url.is_some() && changed.name == source.name);
        let settings = SourceSettings {
            name: Some("Nowa".into()),
            base_url: Some(None),
            ..SourceSettings::default()
        };
        let changed = writer
            .change(&source.id, &settings, bed.now())
            .await
            .unwrap();
        assert!(changed.hints && changed.base_url.is_none() && changed.name == "Nowa");
        for bad in [
            SourceSettings {
                name: Some(" ".into()),
                ..SourceSettings::default()
            },
            SourceSettings {
                time_zone: Some("Nowhere".into()),
                ..SourceSettings::default()
            },
        ] {
            let refused = writer.change(&source.id, &bad, bed.now()).await;
            assert!(matches!(refused, Err(ControlError::Invalid { .. })));
        }
        for (paused, state) in [(true, SourceState::Paused), (false, SourceState::Active)] {
            for _ in 0..2 {
                let now = writer
                    .set_paused(&source.id, paused, bed.now())
                    .await
                    .unwrap();
                assert_eq!(now.state, state);
            }
        }
        let keyed = writer.new_webhook_key(&source.id, bed.now()).await.unwrap();
        assert_eq!((keyed.webhook_version, keyed.webhook_oldest), (2, 1));
        let revoked = writer
            .revoke_webhook_keys(&source.id, bed.now())
            .await
            .unwrap();
        assert_eq!((revoked.webhook_version, revoked.webhook_oldest), (2, 2));
        tx.commit().await.unwrap();
        bed.close().await;
    }
}

#[tokio::test]
async fn tables_are_due_turned_off_filtered_and_told_of() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let source = connected(&bed, 1).await;
        let due = async || {
            bed.control
                .housekeeping()
                .sources_due(bed.now(), 9)
                .await
                .unwrap()
        };
        assert_eq!(due().await, std::slice::from_ref(&source.id));
        assert!(leased::lease(&bed, &source.id, "a").await);
        assert_eq!(due().await, [], "somebody works on it");
        let mut tx = bed.control.begin().await.unwrap();
        tx.release_source(&source.id, "a").await.unwrap();
        let mut writer = tx.sources(id);
        let later = bed.now() + TimeDelta::hours(1);
        let result = TableResult {
            outcome: "done".into(),
            last_at: Some(bed.now()),
            last_rows: Some(12),
            next_at: Some(later),
            forbidden_since: None,
        };
        writer
            .table_result(&source.id, "yclients_records", &result, Some(bed.now()))
            .await
            .unwrap();
        let forbidden = TableResult {
            outcome: "vendor.forbidden".into(),
            last_at: None,
            last_rows: None,
            forbidden_since: Some(bed.now()),
            ..result
        };
        writer
            .table_result(&source.id, "yclients_records", &forbidden, Some(later))
            .await
            .unwrap();
        writer
            .enable_table(&source.id, "yclients_staff", false, bed.now())
            .await
            .unwrap();
        let filter = json!({ "category_id": [5] });
        writer
            .set_filter(&source.id, "yclients_records", Some(&filter), bed.now())
            .await
            .unwrap();
        let unknown = writer
            .enable_table(&source.id, "customers", true, bed.now())
            .await;
        assert!(matches!(unknown, Err(ControlError::NotFound { .. })));
        writer
            .add_tables(&source.id, &["yclients_staff"], None, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(due().await, []);
        let tables = bed.control.sources(id).tables(&source.id).await.unwrap();
        let [records, staff] = tables.as_slice() else {
            panic!("two tables")
        };
        assert_eq!(
            (records.last_at, records.last_rows, records.next_at),
            (Some(bed.now()), Some(12), Some(later))
        );
        assert_eq!(records.forbidden_since, Some(bed.now()));
        assert_eq!(records.filter, Some(filter));
        assert!(!staff.enabled && records.enabled);
        assert_eq!(bed.control.sources(id).all_tables().await.unwrap(), tables);
        let (soon, sooner) = (
            later - TimeDelta::minutes(30),
            later - TimeDelta::minutes(40),
        );
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(id);
        for (table, at) in [
            ("yclients_records", sooner),
            ("yclients_records", soon),
            ("yclients_staff", sooner),
        ] {
            writer.due_by(&source.id, table, at).await.unwrap();
        }
        tx.commit().await.unwrap();
        let tables = bed.control.sources(id).tables(&source.id).await.unwrap();
        assert_eq!(tables[0].next_at, Some(sooner), "the sooner of them");
        assert_ne!(tables[1].next_at, Some(sooner), "it is off");
        bed.clock.set(later);
        assert_eq!(due().await, std::slice::from_ref(&source.id));
        let mut tx = bed.control.begin().await.unwrap();
        tx.sources(id)
            .set_paused(&source.id, true, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(due().await, [], "a paused source is not due");
        bed.close().await;
    }
}

#[tokio::test]
async fn a_table_that_is_made_due_while_it_is_read_stays_due() {
    for bed in beds().await {
        let source = connected(&bed, 1).await;
        let (id, table) = (&bed.subscription.id, "yclients_records");
        let begun = bed.now();
        let (changed, next) = (begun + TimeDelta::minutes(1), begun + TimeDelta::hours(1));
        let read = |next_at| TableResult {
            outcome: "done".into(),
            last_at: Some(begun),
            last_rows: Some(12),
            next_at: Some(next_at),
            forbidden_since: None,
        };
        // Taken up at the first time, made due at the second, and ended with the third.
        for (taken_up, due, ends, kept) in [
            (begun, begun, next, next),
            (begun, changed, next, changed),
            (changed, changed, next, next),
            // What is read because somebody asks need not be due.
            (next, next, begun, begun),
            (next, changed, next, changed),
            (begun, next, changed, changed),
        ] {
            let mut tx = bed.control.begin().await.unwrap();
            let mut writer = tx.sources(id);
            writer
                .set_due(&source.id, &[table], Some(due))
                .await
                .unwrap();
            writer
                .table_result(&source.id, table, &read(ends), Some(taken_up))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let tables = bed.control.sources(id).tables(&source.id).await.unwrap();
            let records = &tables[0];
            let expected = (Some(kept), Some(begun), Some("done"));
            assert_eq!(
                (records.next_at, records.last_at, records.outcome.as_deref()),
                expected
            );
        }
        // Nobody knew when it was due.
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(id);
        writer
            .set_due(&source.id, &[table], Some(changed))
            .await
            .unwrap();
        writer
            .table_result(&source.id, table, &read(next), None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let tables = bed.control.sources(id).tables(&source.id).await.unwrap();
        assert_eq!(tables[0].next_at, Some(changed));
        bed.close().await;
    }
}

#[tokio::test]
async fn what_is_used_again_is_due_at_once_and_noted_once_an_hour() {
    for bed in beds().await {
        let (source, other) = (connected(&bed, 7).await, connected(&bed, 8).await);
        let id = &bed.subscription.id;
        let now = bed.now() + TimeDelta::days(40);
        let (idle, next) = (now - TimeDelta::days(7), now + TimeDelta::days(5));
        let idle_since = async |at| {
            bed.control
                .sources(id)
                .idle(Some(&source.id), at)
                .await
                .unwrap()
        };
        assert!(idle_since(now - TimeDelta::hours(1)).await);
        let mut tx = bed.control.begin().await.unwrap();
        let read = TableResult {
            outcome: "done".into(),
            last_at: Some(bed.now()),
            last_rows: Some(1),
            next_at: Some(next),
            forbidden_since: None,
        };
        let denied = TableResult {
            outcome: "vendor.forbidden".into(),
            ..read.clone()
        };
        for source in [&source, &other] {
            let mut writer = tx.sources(id);
            for (table, result) in [("yclients_records", &read), ("yclients_staff", &denied)] {
                writer
                    .table_result(&source.id, table, result, Some(bed.now()))
                    .await
                    .unwrap();
            }
        }
        tx.sources(id)
            .used(Some(&source.id), idle, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(!idle_since(now - TimeDelta::hours(1)).await);
        for (source, records, used) in [(&source, now, now), (&other, next, bed.now())] {
            let tables = bed.control.sources(id).tables(&source.id).await.unwrap();
            let due: Vec<_> = tables.iter().map(|table| table.next_at).collect();
            assert_eq!(due, [Some(records), Some(next)]);
            let kept = bed.control.source(&source.id).await.unwrap();
            assert_eq!(kept.last_used_at, Some(used));
        }
        bed.close().await;
    }
}

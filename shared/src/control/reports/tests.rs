use serde_json::json;

use super::{NewReport, ReportKind};
use crate::control::{Actor, ControlError, testing::beds};

#[tokio::test]
async fn a_table_belongs_to_one_report_of_a_subscription() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let new = NewReport {
            source_id: format!("{}-source01", bed.subscription.id),
            kind: ReportKind::Services,
            name: "Услуги".into(),
            definition: json!({ "fields": [] }),
            known_paths: json!({}),
            tables: vec![("b".into(), json!({ "x": 1 })), ("a".into(), json!({}))],
        };
        let mut tx = bed.control.begin().await.unwrap();
        let report = tx
            .reports(&bed.subscription.id)
            .create(&new, &Actor::System, bed.now())
            .await
            .unwrap();
        let theirs = tx
            .reports(&other.id)
            .create(&new, &Actor::System, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = bed.control.begin().await.unwrap();
        let second = tx
            .reports(&bed.subscription.id)
            .create(&new, &Actor::System, bed.now())
            .await;
        assert!(matches!(second, Err(ControlError::Taken { .. })));
        tx.rollback().await.unwrap();
        let reports = bed.control.reports(&bed.subscription.id);
        let names: Vec<_> = reports
            .tables_of(&report.id)
            .await
            .unwrap()
            .into_iter()
            .map(|table| table.name)
            .collect();
        assert_eq!(names, ["b", "a"]);
        assert!(reports.get(&theirs.id).await.is_err(), "another's report");
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.reports(&bed.subscription.id);
        writer
            .note_structure(&report.id, "b", &json!({ "x": 2 }))
            .await
            .unwrap();
        writer
            .note_paths(&report.id, &json!({ "id": {} }), &["tip".into()], bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            reports.table("b").await.unwrap().unwrap().structure,
            json!({ "x": 2 })
        );
        let listed = reports.list(None, 10).await.unwrap().items;
        assert_eq!(
            (listed.len(), listed[0].offered_paths.as_slice()),
            (1, ["tip".to_owned()].as_slice())
        );
        let mut tx = bed.control.begin().await.unwrap();
        tx.reports(&bed.subscription.id)
            .remove(&report.id, false, bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(reports.get(&report.id).await.is_err());
        assert_eq!(
            reports.table_names().await.unwrap().len(),
            2,
            "its rows are there, so the names stay taken"
        );
        bed.close().await;
    }
}

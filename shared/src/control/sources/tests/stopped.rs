use chrono::TimeDelta;

use super::connected;
use crate::control::testing::beds;

const WHY: &str = "vendor.company-closed";

#[tokio::test]
async fn tables_stand_still_for_a_reason_that_is_news_once_and_go_on_from_it() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let (source, other) = (connected(&bed, 1).await, connected(&bed, 2).await);
        let (now, until) = (bed.now(), bed.now() + TimeDelta::hours(24));
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(id);
        writer
            .add_tables(&source.id, &["yclients_documents"], None, now)
            .await
            .unwrap();
        writer
            .enable_table(&source.id, "yclients_staff", false, now)
            .await
            .unwrap();
        assert!(writer.stop_tables(&source.id, WHY, now).await.unwrap());
        assert!(!writer.stop_tables(&source.id, WHY, until).await.unwrap());
        tx.commit().await.unwrap();
        let said = async |id: &crate::SourceId| -> Vec<_> {
            let sources = bed.control.sources(id.subscription());
            let tables = sources.tables(id).await.unwrap();
            let said = tables.into_iter();
            said.map(|table| (table.outcome, table.next_at)).collect()
        };
        let why = Some(WHY.to_owned());
        let expected = [
            (why.clone(), None),
            (why.clone(), Some(until)),
            (None, Some(now)),
        ];
        assert_eq!(said(&source.id).await, expected);
        let due = (None, Some(now));
        assert_eq!(said(&other.id).await, [due.clone(), due.clone()]);
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(id);
        assert!(writer.restart_tables(&source.id, WHY, now).await.unwrap());
        assert!(!writer.restart_tables(&source.id, WHY, until).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(said(&source.id).await, [(None, None), due.clone(), due]);
        bed.close().await;
    }
}

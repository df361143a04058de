//! What a sample costs.

use super::{super::SAMPLE_DOCUMENTS, *};

#[tokio::test]
async fn a_sample_of_documents_is_small_and_json_rows_need_none() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    let ids: Vec<i64> = (1..=60).collect();
    has(&desk.shop, ReportKind::Documents, &ids);
    let services = &desk.plant.services;
    let subscription = &desk.source.subscription_id;
    desk.shop.lock().unwrap().calls_left = Some(0);
    let json = desk.order(ReportKind::Documents, Target::Json);
    let made = add(services, subscription, json.clone(), None, &BY).await;
    made.unwrap();
    // A page of each list, and the documents.
    let most = u32::try_from(SAMPLE_DOCUMENTS).unwrap() + 3;
    desk.shop.lock().unwrap().calls_left = Some(most);
    let shown = preview(services, subscription, &json).await.unwrap();
    assert!(shown.records > 0 && shown.records <= SAMPLE_DOCUMENTS);
    // What was looked at is not read again to make the report.
    desk.shop.lock().unwrap().calls_left = Some(0);
    let mut table = json;
    table.definition.target = Target::Table {
        name: "my_documents".to_owned(),
    };
    let refused = add(services, subscription, table.clone(), None, &BY).await;
    assert!(matches!(refused, Err(ReportError::NotApproved)));
    let made = add(services, subscription, table, Some(&shown), &BY).await;
    made.unwrap();
}

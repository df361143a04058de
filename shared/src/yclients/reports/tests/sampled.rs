//! What a sample costs.

use futures::FutureExt;

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

#[tokio::test]
async fn a_sample_is_looked_for_in_wider_periods_until_it_is_full() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    let services = &desk.plant.services;
    let subscription = &desk.source.subscription_id;
    let path = format!("/records/{COMPANY}");
    let sold =
        json!({ "goods_transactions": [{ "id": 7, "title": "soap", "cost": 5, "colour": "red" }] });
    desk.shop.lock().unwrap().lists.insert(
        path.clone(),
        vec![
            record(1, "2026-02-27", json!({ "goods_transactions": [] })),
            record(2, "2026-02-10", json!({})),
            record(3, "2025-07-01", sold),
        ],
    );
    let mut order = desk.order(ReportKind::Consumables, Target::Json);
    let field = |text: &str| text.parse::<Path>().unwrap();
    order.definition.fields = vec![field("goods_transactions[].colour")];
    let shown = preview(services, subscription, &order).await.unwrap();
    assert_eq!(shown.records, 3, "each once");
    let asked = std::mem::take(&mut desk.shop.lock().unwrap().asked);
    let asked = asked
        .iter()
        .filter_map(|path| path.split_once("start_date="));
    let from: Vec<&str> = asked.filter_map(|(_, rest)| rest.get(..10)).collect();
    let mut periods = from.clone();
    periods.dedup();
    assert_eq!(periods.len(), 3, "{from:?}");
    assert!(from.len() <= 6, "a page or two of each: {from:?}");
    // As many as a sample has come with the first of them.
    let many = (1..=300).map(|id| record(id, "2026-02-27", json!({})));
    desk.shop.lock().unwrap().lists.insert(path, many.collect());
    order.definition.fields = Vec::new();
    let shown = preview(services, subscription, &order).await.unwrap();
    assert_eq!(shown.records, 200);
    assert_eq!(desk.shop.lock().unwrap().asked.len(), 1);
    desk.close().await;
}

#[tokio::test]
async fn a_sample_is_what_was_found_while_somebody_waits() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    let services = &desk.plant.services;
    let subscription = &desk.source.subscription_id;
    let order = desk.order(ReportKind::Consumables, Target::Json);
    let week = "2026-02-22";
    // The first page holds nothing that the kind takes but one visit, and more pages and periods would follow.
    let none = json!({ "consumables": [] });
    let mut visits = vec![record(1, "2026-02-27", json!({}))];
    visits.extend((2..=500).map(|id| record(id, "2026-02-27", none.clone())));
    visits.push(record(501, "2026-02-10", json!({})));
    let path = format!("/records/{COMPANY}");
    desk.shop.lock().unwrap().lists.insert(path, visits);
    let clock = services.clock.clone();
    let slow = async move { clock.advance(TimeDelta::seconds(20)) }.boxed();
    desk.shop.lock().unwrap().meanwhile = Some((week.to_owned(), slow));
    let shown = preview(services, subscription, &order).await.unwrap();
    let asked = std::mem::take(&mut desk.shop.lock().unwrap().asked);
    assert_eq!((shown.records, asked.len()), (1, 1), "{asked:?}");
    // Nobody waited long for these.
    let shown = preview(services, subscription, &order).await.unwrap();
    assert_eq!(shown.records, 2);
    desk.close().await;
}

#[tokio::test]
async fn fields_that_a_sample_lacks_can_be_chosen_where_the_kind_has_them() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    let services = &desk.plant.services;
    let subscription = &desk.source.subscription_id;
    let set = |more: Json| {
        let path = format!("/records/{COMPANY}");
        let visits = vec![record(1, "2026-02-27", more)];
        desk.shop.lock().unwrap().lists.insert(path, visits);
    };
    set(json!({}));
    let with = |fields: &[&str]| {
        let name = "mine".to_owned();
        let mut order = desk.order(ReportKind::Consumables, Target::Table { name });
        let fields = fields.iter().map(|field| field.parse().unwrap());
        order.definition.fields = fields.collect();
        order
    };
    let field = |text: &str| text.parse::<Path>().unwrap();
    // The catalog has columns for these.
    let order = with(&[
        "id",
        "goods_transactions[].title",
        "prepaid",
        "client.phone",
    ]);
    let shown = preview(services, subscription, &order).await.unwrap();
    let columns: Vec<&str> = shown.tables[0]
        .columns
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(_, ty)| ty.as_str())
        .collect();
    assert_eq!(columns, ["text", "json", "integer", "boolean"]);
    let prepaid = shown.fields().find(|(path, _)| **path == field("prepaid"));
    assert_eq!(prepaid.unwrap().1.to_string(), "boolean");
    let unknown = with(&["id", "tip"]);
    let refused = preview(services, subscription, &unknown).await;
    assert!(matches!(refused, Err(ReportError::UnknownField { .. })));
    // A run of another report met this one.
    let (_, job) = desk
        .add(desk.order(ReportKind::Consumables, Target::Json))
        .await;
    set(json!({ "tip": "5.250" }));
    desk.done(&job).await;
    set(json!({}));
    let shown = preview(services, subscription, &unknown).await.unwrap();
    let tip = shown.tables[0]
        .columns
        .iter()
        .find(|(name, _)| name == "tip");
    assert_eq!(tip.unwrap().1, "decimal(3)");
    // A description may name what the kind has, too.
    let yaml = "tables:\n  - name: sold\n    rows: goods_transactions[]\n    columns:\n      \
                - { name: id, path: id, type: integer, key: true }\n      - { name: title, path: title, type: text }\n";
    let target = Target::Description { yaml: yaml.into() };
    let order = desk.order(ReportKind::Consumables, target);
    let shown = preview(services, subscription, &order).await.unwrap();
    assert_eq!(shown.tables[0].total, 0);
    desk.close().await;
}

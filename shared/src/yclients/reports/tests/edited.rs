//! Reports that are changed.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    super::{ReportEdit, ReportError, Target, edit},
    bed::*,
};
use crate::{
    catalog,
    control::ReportKind,
    planner::{self, PlannerError},
    warehouse::{Filter, Value},
};

#[tokio::test]
async fn a_report_gets_another_name_other_fields_and_another_schedule() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Services;
        has(&desk.shop, kind, &[1, 2]);
        let (report, job) = desk.add(desk.order(kind, Target::Json)).await;
        let new = |fields: &[&str]| ReportEdit {
            name: "Another".to_owned(),
            fields: Some(fields.iter().map(|field| field.parse().unwrap()).collect()),
            description: None,
            period: "last 3 days".parse().unwrap(),
            schedule: Some("daily at 05:00".parse().unwrap()),
        };
        let unknown = edit(services, shop, &report.id, new(&["titel"]), &BY).await;
        assert!(matches!(unknown, Err(ReportError::UnknownField { .. })));
        let changed = edit(services, shop, &report.id, new(&["title"]), &BY).await;
        let (changed, own) = changed.unwrap();
        assert_eq!((changed.name.as_str(), &own.id), ("Another", &job.id));
        assert_eq!(own.settings["period"], "last 3 days");
        desk.done(&own).await;
        let all = Arc::clone(catalog::table("yclients_reports").unwrap());
        let contents = desk.rows(&all, &["content"], Filter::All).await;
        let text = format!("{contents:?}");
        assert!(
            text.contains("title") && !text.contains("\\\"id\\\""),
            "{text}"
        );
        // Its job goes with it alone.
        let refused = planner::remove(services, shop, &own.id, &BY).await;
        assert!(matches!(refused, Err(PlannerError::OfReport)));
        let yaml =
            "tables:\n  - name: t\n    columns:\n      - { name: id, path: id, type: integer }\n";
        let target = Target::Description { yaml: yaml.into() };
        let (described, _) = desk.add(desk.order(kind, target)).await;
        let settled = edit(services, shop, &described.id, new(&["id"]), &BY).await;
        assert!(matches!(settled, Err(ReportError::Settled)));
        desk.close().await;
    }
}

#[tokio::test]
async fn a_table_gains_columns_for_fields_that_are_offered() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let path = format!("/company/{COMPANY}/services");
        let set = |record: Json| {
            let mut shop = desk.shop.lock().unwrap();
            shop.lists.insert(path.clone(), vec![record]);
        };
        set(json!({ "id": 1, "title": "a" }));
        let target = Target::Table {
            name: "mine".into(),
        };
        let (report, job) = desk.add(desk.order(ReportKind::Services, target)).await;
        desk.done(&job).await;
        set(json!({ "id": 1, "title": "a", "weight": "5.25", "title_": "b" }));
        desk.done(&job).await;
        let reports = services.control.reports(shop);
        let offered = async || reports.get(&report.id).await.unwrap().offered_paths;
        assert_eq!(offered().await, ["title_", "weight"]);
        let new = |fields: &[&str]| ReportEdit {
            name: "Mine".to_owned(),
            fields: Some(fields.iter().map(|field| field.parse().unwrap()).collect()),
            description: None,
            period: "last 3 days".parse().unwrap(),
            schedule: None,
        };
        let unknown = edit(services, shop, &report.id, new(&["wieght"]), &BY).await;
        assert!(matches!(unknown, Err(ReportError::UnknownField { .. })));
        for fields in [&[][..], &["weight", "title"], &["weight", "title_"]] {
            edit(services, shop, &report.id, new(fields), &BY)
                .await
                .unwrap();
        }
        assert!(offered().await.is_empty());
        desk.done(&job).await;
        let table = desk.table("mine").await;
        assert_eq!(table.columns.len(), 7, "{:?}", table.columns);
        let columns = ["id", "title", "weight", "title_2"];
        let rows = desk.rows(&table, &columns, Filter::All).await;
        let weight = Value::Decimal("5.25".parse().unwrap());
        assert_eq!(rows, [[1.into(), "a".into(), weight, "b".into()]]);
        assert_eq!(desk.journal("report.fields").await.len(), 1, "told once");
        desk.close().await;
    }
}

#[tokio::test]
async fn tables_of_a_description_gain_columns_and_change_in_nothing_else() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let path = format!("/company/{COMPANY}/services");
        let set = |record: Json| {
            let mut shop = desk.shop.lock().unwrap();
            shop.lists.insert(path.clone(), vec![record]);
        };
        set(json!({ "id": 1, "title": "a", "weight": 5 }));
        let yaml = |columns: &str| {
            let id = "{ name: id, path: id, type: integer, key: true }";
            format!("tables:\n  - name: t\n    columns:\n      - {id}\n{columns}")
        };
        let title = "      - { name: title, path: title, type: text }\n";
        let weight = "      - { name: weight, path: weight, type: integer }\n";
        let target = Target::Description { yaml: yaml(title) };
        let (report, job) = desk.add(desk.order(ReportKind::Services, target)).await;
        desk.done(&job).await;
        let again = async |yaml: String| {
            let new = ReportEdit {
                name: "T".to_owned(),
                fields: None,
                description: Some(yaml),
                period: "last 3 days".parse().unwrap(),
                schedule: None,
            };
            edit(services, shop, &report.id, new, &BY).await
        };
        let other = weight.replace("name: weight", "name: title");
        let key = weight.replace("integer }", "integer, key: true }");
        for wrong in [
            yaml(weight),
            yaml(&(other + weight)),
            yaml(&(title.to_owned() + &key)),
        ] {
            let refused = again(wrong.clone()).await;
            assert!(
                matches!(refused, Err(ReportError::Settled)),
                "{wrong}: {refused:?}"
            );
        }
        let unknown = weight.replace("path: weight", "path: wieght");
        let faulty = again(yaml(&(title.to_owned() + &unknown))).await;
        assert!(matches!(faulty, Err(ReportError::Description(_))));
        again(yaml(&(weight.to_owned() + title))).await.unwrap();
        desk.done(&job).await;
        let table = desk.table("t").await;
        let rows = desk
            .rows(&table, &["id", "title", "weight"], Filter::All)
            .await;
        assert_eq!(rows, [[1.into(), "a".into(), 5.into()]]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_description_gains_columns_although_one_of_it_never_fitted() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let path = format!("/company/{COMPANY}/services");
        let set = |record: Json| {
            let mut shop = desk.shop.lock().unwrap();
            shop.lists.insert(path.clone(), vec![record]);
        };
        // Nothing is known of the elements: what the description says of them stands.
        set(json!({ "id": 1, "title": "a", "goods": [] }));
        let amount = "      - { name: amount, path: amount, type: integer }\n";
        let head = "tables:\n  - name: t\n    rows: goods[]\n    columns:\n";
        let yaml = |columns: &str| format!("{head}{amount}{columns}");
        let target = Target::Description { yaml: yaml("") };
        let (report, job) = desk.add(desk.order(ReportKind::Services, target)).await;
        desk.done(&job).await;
        set(json!({ "id": 1, "title": "a", "goods": [{ "amount": "a few" }] }));
        desk.done(&job).await;
        let again = async |yaml: String| {
            let new = ReportEdit {
                name: "T".to_owned(),
                fields: None,
                description: Some(yaml),
                period: "last 3 days".parse().unwrap(),
                schedule: None,
            };
            edit(services, shop, &report.id, new, &BY).await
        };
        let other = "      - { name: number, path: amount, type: integer }\n";
        let faulty = again(yaml(other)).await;
        assert!(matches!(faulty, Err(ReportError::Description(_))));
        let title = "      - { name: title, path: $.title, type: text }\n";
        again(yaml(title)).await.unwrap();
        desk.done(&job).await;
        let table = desk.table("t").await;
        let columns = ["amount", "amount__text", "title"];
        let rows = desk.rows(&table, &columns, Filter::All).await;
        assert_eq!(rows, [[Value::Null, "a few".into(), "a".into()]]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_table_gains_columns_for_fields_that_are_known_without_its_own_records() {
    let desk = desk(crate::control::testing::sqlite_bed().await).await;
    let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
    let set = |more: Json| {
        let path = format!("/records/{COMPANY}");
        let visits = vec![record(1, "2026-02-27", more)];
        desk.shop.lock().unwrap().lists.insert(path, visits);
    };
    set(json!({}));
    let name = "mine".to_owned();
    let order = desk.order(ReportKind::Consumables, Target::Table { name });
    let (report, _) = desk.add(order).await;
    let gain = async |field: &str| {
        let new = ReportEdit {
            name: "Mine".to_owned(),
            fields: Some(vec![field.parse().unwrap()]),
            description: None,
            period: "last 3 days".parse().unwrap(),
            schedule: None,
        };
        edit(services, shop, &report.id, new, &BY).await
    };
    // The catalog has a column for this one.
    gain("client.phone").await.unwrap();
    let refused = gain("tip").await;
    assert!(matches!(refused, Err(ReportError::UnknownField { .. })));
    // A run of another report meets the other.
    let order = desk.order(ReportKind::Consumables, Target::Json);
    let (_, job) = desk.add(order).await;
    set(json!({ "tip": "5.250" }));
    desk.done(&job).await;
    gain("tip").await.unwrap();
    let shape = desk.shape("mine").await;
    let ty = |name: &str| {
        let column = shape.columns.iter().find(|column| column.name == name);
        column.map(|column| column.ty.to_string())
    };
    assert_eq!(ty("client_phone").as_deref(), Some("text"));
    assert_eq!(ty("tip").as_deref(), Some("decimal(3)"));
    desk.close().await;
}

mod bed;
mod broken_off;
mod edited;
mod erased;
mod given_up;
mod large;
mod left;
mod lower;
mod reshaped;
mod same_key;
mod sampled;
mod swept;
mod targets;

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::{
    Path, RemovedRows, ReportError, ReportOrder, Target, add, clear_removed, preview, remove,
};
use crate::{
    catalog,
    control::{JobRunState, ReportKind},
    planner::Period,
    warehouse::{Filter, Value},
};
use bed::*;
use targets::*;

#[tokio::test]
async fn every_kind_in_every_form_becomes_what_the_vendor_has() {
    for desk in desks().await {
        for kind in ReportKind::ALL.iter().copied() {
            for target in targets(kind) {
                desk.shop.lock().unwrap().calls_left = None;
                has(&desk.shop, kind, &[1, 2, 3]);
                let (report, job) = desk.add(desk.order(kind, target.clone())).await;
                desk.done(&job).await;
                let place = format!("{kind} {target:?}");
                assert_eq!(desk.records(&report, &target).await, [1, 2, 3], "{place}");
                // One is gone, one is new; again changes nothing.
                has(&desk.shop, kind, &[2, 3, 4]);
                for _ in 0..2 {
                    desk.done(&job).await;
                    assert_eq!(desk.records(&report, &target).await, [2, 3, 4], "{place}");
                }
                // A vendor that fails in the middle leaves what was there.
                has(&desk.shop, kind, &[5]);
                desk.shop.lock().unwrap().calls_left =
                    Some(u32::from(kind == ReportKind::Documents) * 3);
                let failed = desk.run(&job, None).await;
                assert_eq!(failed.state, JobRunState::Failed, "{place}");
                assert_eq!(failed.failure_code.as_deref(), Some("vendor.forbidden"));
                assert_eq!(desk.records(&report, &target).await, [2, 3, 4], "{place}");
            }
        }
        let lines = desk.table("my_lines").await;
        let columns = ["my_consumables_id", "line", "amount"];
        let rows = desk.rows(&lines, &columns, Filter::All).await;
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[0],
            [
                Value::Integer(2),
                Value::Integer(1),
                Value::Decimal((-1).into())
            ]
        );
        let all = Arc::clone(catalog::table("yclients_reports").unwrap());
        let contents = desk.rows(&all, &["content"], Filter::All).await;
        assert!(
            !format!("{contents:?}").contains("passport"),
            "passport data is never kept"
        );
        desk.close().await;
    }
}

#[tokio::test]
async fn a_period_is_replaced_with_its_children_and_no_other_days() {
    for desk in desks().await {
        let kind = ReportKind::Consumables;
        let two = json!({ "consumables": [{ "amount": 1 }, { "amount": 2 }] });
        let path = format!("/records/{COMPANY}");
        let set = |records: Vec<Json>| {
            desk.shop
                .lock()
                .unwrap()
                .lists
                .insert(path.clone(), records)
        };
        set(vec![
            record(1, "2026-02-10", two.clone()),
            record(2, "2026-02-27", two.clone()),
            record(3, "2026-02-28", two.clone()),
        ]);
        let [_, _, target] = targets(kind);
        let (report, job) = desk.add(desk.order(kind, target.clone())).await;
        let day = |text: &str| text.parse().unwrap();
        let month = Period {
            from: day("2026-02-01"),
            to: day("2026-02-28"),
        };
        assert_eq!(desk.run(&job, Some(month)).await.row_count, 9);
        // What is older than the period is gone at the vendor too, and one record moves out of it with one line less.
        let one = json!({ "consumables": [{ "amount": 7 }] });
        set(vec![
            record(2, "2026-02-28", one.clone()),
            record(3, "2026-02-28", two.clone()),
        ]);
        let period = Period {
            from: day("2026-02-28"),
            to: day("2026-02-28"),
        };
        assert_eq!(desk.run(&job, Some(period)).await.state, JobRunState::Done);
        assert_eq!(desk.records(&report, &target).await, [1, 2, 3]);
        let lines = desk.table("my_lines").await;
        let rows = desk
            .rows(
                &lines,
                &["my_consumables_id", "line", "amount"],
                Filter::All,
            )
            .await;
        let line = |id: i64, line: i64, amount: i64| {
            vec![
                Value::Integer(id),
                Value::Integer(line),
                Value::Decimal(amount.into()),
            ]
        };
        assert_eq!(
            rows,
            [
                line(1, 1, 1),
                line(1, 2, 2),
                line(2, 1, 7),
                line(3, 1, 1),
                line(3, 2, 2)
            ]
        );
        desk.close().await;
    }
}

#[tokio::test]
async fn changed_types_get_variants_new_fields_are_offered_and_vanished_ones_read_null() {
    for desk in desks().await {
        let kind = ReportKind::Services;
        let path = format!("/company/{COMPANY}/services");
        let set = |records: Vec<Json>| {
            desk.shop
                .lock()
                .unwrap()
                .lists
                .insert(path.clone(), records)
        };
        set(vec![json!({ "id": 1, "price": 100, "title": "a" })]);
        let target = Target::Table {
            name: "services_of_mine".into(),
        };
        let (report, job) = desk.add(desk.order(kind, target)).await;
        desk.done(&job).await;
        set(vec![
            json!({ "id": 1, "price": "free", "weight": 5 }),
            json!({ "id": 2, "price": 7, "title": "b" }),
        ]);
        desk.done(&job).await;
        desk.done(&job).await;
        let table = desk.table("services_of_mine").await;
        let rows = desk
            .rows(
                &table,
                &["id", "price", "price__text", "title"],
                Filter::All,
            )
            .await;
        let text = |text: &str| Value::Text(text.into());
        assert_eq!(
            rows,
            [
                vec![Value::Integer(1), Value::Null, text("free"), Value::Null],
                vec![Value::Integer(2), Value::Integer(7), Value::Null, text("b")],
            ]
        );
        let variants = desk.journal("report.variant").await;
        assert_eq!(variants.len(), 1);
        assert_eq!(variants[0]["variant"], "price__text");
        assert_eq!(desk.journal("report.fields").await.len(), 1, "told once");
        let reports = desk.plant.services.control.reports(&report.subscription_id);
        assert_eq!(
            reports.get(&report.id).await.unwrap().offered_paths,
            ["weight"]
        );
        desk.close().await;
    }
}

#[tokio::test]
async fn reports_that_cannot_be_made_are_refused_and_nothing_is_kept() {
    for desk in desks().await {
        let (services, subscription) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Services;
        let table = |name: &str| Target::Table { name: name.into() };
        let refused =
            async |order: ReportOrder| preview(services, subscription, &order).await.unwrap_err();
        assert!(matches!(
            refused(desk.order(kind, table("x"))).await,
            ReportError::NoSample
        ));
        has(&desk.shop, kind, &[1, 2]);
        assert!(matches!(
            refused(desk.order(kind, table("customers"))).await,
            ReportError::TableName(_)
        ));
        assert!(matches!(
            refused(desk.order(kind, table("x; DROP TABLE y"))).await,
            ReportError::TableName(_)
        ));
        let mut order = desk.order(kind, Target::Json);
        order.definition.fields = vec!["titel".parse::<Path>().unwrap()];
        assert_eq!(
            refused(order).await.to_string(),
            "no record has a field titel; did you mean title?"
        );
        let yaml = "tables:\n  - name: t\n    columns:\n      - { name: id, path: ident, type: integer }\n";
        let error = refused(desk.order(kind, Target::Description { yaml: yaml.into() })).await;
        assert!(error.to_string().starts_with("line 4, column "), "{error}");
        let order = desk.order(kind, table("mine"));
        let unapproved = add(services, subscription, order.clone(), None, &BY).await;
        assert!(matches!(unapproved, Err(ReportError::NotApproved)));
        let (report, job) = desk.add(order.clone()).await;
        assert!(
            matches!(refused(order).await, ReportError::TableName(_)),
            "another report has it"
        );
        let mut late = desk.order(kind, Target::Json);
        late.period = "since 2030-01-01".parse().unwrap();
        assert!(matches!(
            add(services, subscription, late, None, &BY).await,
            Err(ReportError::Planner(_))
        ));
        assert_eq!(
            services
                .control
                .reports(subscription)
                .list(None, 10)
                .await
                .unwrap()
                .items
                .len(),
            1
        );
        desk.done(&job).await;
        remove(services, subscription, &report.id, RemovedRows::Kept, &BY)
            .await
            .unwrap();
        assert!(
            services
                .control
                .planned_jobs(subscription)
                .get(&job.id)
                .await
                .is_err()
        );
        let kept = desk.table("mine").await;
        assert_eq!(
            desk.rows(&kept, &["_record"], Filter::All).await.len(),
            2,
            "its rows stay"
        );
        desk.close().await;
    }
}

#[tokio::test]
async fn rows_of_a_removed_report_go_when_that_is_wished_and_names_are_free_again() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Consumables;
        has(&desk.shop, kind, &[1, 2]);
        let (other, kept) = desk.add(desk.order(kind, Target::Json)).await;
        desk.done(&kept).await;
        for target in targets(kind) {
            let (report, job) = desk.add(desk.order(kind, target.clone())).await;
            desk.done(&job).await;
            services.clock.advance(TimeDelta::seconds(1));
            let gone = RemovedRows::Deleted;
            remove(services, shop, &report.id, gone, &BY).await.unwrap();
            let tables = services.control.reports(shop).table_names().await.unwrap();
            assert!(tables.is_empty(), "{target:?}: {tables:?}");
            let mine = desk.records(&other, &Target::Json).await;
            assert_eq!(mine, [1, 2], "another report's rows stay");
        }
        assert_eq!(desk.journal("report.cleared").await.len(), 3);
        // A table of the same name may have columns of quite other types.
        let path = format!("/company/{COMPANY}/services");
        let mine = || Target::Table {
            name: "mine".into(),
        };
        for (cost, held) in [
            (json!(5), Value::Integer(5)),
            (json!("free"), Value::Text("free".into())),
        ] {
            let record = json!({ "id": 1, "cost": cost });
            desk.shop
                .lock()
                .unwrap()
                .lists
                .insert(path.clone(), vec![record]);
            let (report, job) = desk.add(desk.order(ReportKind::Services, mine())).await;
            desk.done(&job).await;
            let table = desk.table("mine").await;
            let rows = desk.rows(&table, &["cost"], Filter::All).await;
            assert_eq!(rows, [vec![held]]);
            let gone = RemovedRows::Deleted;
            remove(services, shop, &report.id, gone, &BY).await.unwrap();
        }
        desk.close().await;
    }
}

#[tokio::test]
async fn a_report_that_is_removed_while_it_runs_leaves_nothing_behind_some_minutes_later() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Services;
        has(&desk.shop, kind, &[1, 2]);
        let target = Target::Table {
            name: "mine".into(),
        };
        let (report, job) = desk.add(desk.order(kind, target)).await;
        desk.done(&job).await;
        crate::planner::run_now(services, shop, &job.id, None, &BY)
            .await
            .unwrap();
        let gone = RemovedRows::Deleted;
        remove(services, shop, &report.id, gone, &BY).await.unwrap();
        clear_removed(services).await.unwrap();
        let names = async || services.control.reports(shop).table_names().await.unwrap();
        assert_eq!(names().await.len(), 1, "a run may still be writing");
        services.clock.advance(TimeDelta::minutes(6));
        for _ in 0..2 {
            clear_removed(services).await.unwrap();
            assert!(names().await.is_empty());
        }
        assert_eq!(desk.journal("report.cleared").await.len(), 1, "told once");
        desk.close().await;
    }
}

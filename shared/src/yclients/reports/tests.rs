use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use futures::TryStreamExt;
use serde_json::{Value as Json, json};

use super::{Definition, Path, ReportError, ReportOrder, Target, add, preview, remove};
use crate::{
    catalog::{self, Table},
    control::{
        Actor, JobRunState, PlannedJob, Report, ReportKind, Source,
        sources_testing::connected,
        testing::{Bed, beds},
    },
    journal::JournalFilter,
    planner::{
        self, Period,
        tests::{Plant, plant},
    },
    warehouse::{Filter, Scan, Value},
    yclients::client::{Access, VendorSettings, tests::quick_settings},
};

const BY: Actor = Actor::CommandLine;
const COMPANY: i64 = 7;

/// What the vendor has, by path, and after how many more calls it fails.
#[derive(Default)]
struct Shop {
    lists: BTreeMap<String, Vec<Json>>,
    calls_left: Option<u32>,
}

type Shared = Arc<Mutex<Shop>>;

async fn vendor() -> (Shared, VendorSettings) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let shop = Shared::default();
    let router = Router::new().fallback(answer).with_state(Arc::clone(&shop));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let access = Access {
        base_url,
        partner_token: Some("partner".into()),
    };
    (shop, quick_settings(access))
}

/// Answers lists page by page, those with days for the days that are asked for, and single things by their id.
async fn answer(
    State(shop): State<Shared>,
    uri: Uri,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response {
    let mut shop = shop.lock().unwrap();
    if let Some(left) = &mut shop.calls_left {
        if *left == 0 {
            return (
                StatusCode::FORBIDDEN,
                json!({ "success": false, "meta": { "message": "Недостаточно прав" } }).to_string(),
            )
                .into_response();
        }
        *left -= 1;
    }
    let path = uri.path().trim_start_matches("/api/v1").to_owned();
    let enveloped = |data: Json| {
        json!({ "success": true, "data": data, "meta": [] })
            .to_string()
            .into_response()
    };
    if let Some(id) = path.strip_prefix(&format!("/storage_operations/documents/{COMPANY}/")) {
        let documents = shop.lists.get("documents").cloned().unwrap_or_default();
        return match documents
            .into_iter()
            .find(|document| document["id"].to_string() == id)
        {
            Some(document) => enveloped(document),
            None => (StatusCode::NOT_FOUND, "{}").into_response(),
        };
    }
    let number = |name: &str| asked.get(name).and_then(|text| text.parse::<usize>().ok());
    let day = |record: &Json| {
        let text = record["date"]
            .as_str()
            .or(record["create_date"].as_str())
            .unwrap_or_default();
        text.get(..10).unwrap_or_default().to_owned()
    };
    let (from, to) = (asked.get("start_date"), asked.get("end_date"));
    let all = shop.lists.get(&path).cloned().unwrap_or_default();
    let wanted = all.into_iter().filter(|record| {
        from.is_none_or(|from| *from <= day(record)) && to.is_none_or(|to| day(record) <= *to)
    });
    // Small pages, whatever was asked for, are what the end by an empty page is for; lists that end by a short one get theirs.
    let size = number("count").unwrap_or(usize::MAX).min(200);
    let page = number("page").unwrap_or(1);
    let start = if size == usize::MAX {
        0
    } else {
        (page - 1) * size
    };
    enveloped(Json::Array(wanted.skip(start).take(size).collect()))
}

fn record(id: i64, day: &str, more: Json) -> Json {
    let mut record = json!({
        "id": id, "date": format!("{day} 12:00:00"), "deleted": false, "client": { "id": 5, "name": "Ола" },
        "employee": { "passport": "1" },
        "consumables": [{ "id": id * 10, "good_id": 3, "amount": "-1.000000000", "document_id": 900 + id }],
    });
    record
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    record
}

fn movement(id: i64, day: &str, amount: Json) -> Json {
    json!({ "id": id, "date": format!("{day}T12:00:00+0300"), "create_date": format!("{day}T12:00:00+0300"), "amount": amount })
}

fn thing(id: i64, title: &str) -> Json {
    json!({ "id": id, "title": title, "amount": 1 })
}

/// The path of a kind's own list, and three records of it.
fn records_of(kind: ReportKind, ids: &[i64]) -> (String, Vec<Json>) {
    let days = ["2026-02-26", "2026-02-27", "2026-02-28"];
    let dated = ids.iter().zip(days.iter().cycle());
    match kind {
        ReportKind::Consumables => (
            format!("/records/{COMPANY}"),
            dated.map(|(id, day)| record(*id, day, json!({}))).collect(),
        ),
        ReportKind::GoodsTransactions => (
            format!("/storages/transactions/{COMPANY}"),
            dated.map(|(id, day)| movement(*id, day, json!("1.500000"))).collect(),
        ),
        ReportKind::FinanceTransactions => (
            format!("/transactions/{COMPANY}"),
            dated.map(|(id, day)| movement(*id, day, json!(100))).collect(),
        ),
        ReportKind::Documents => (
            "documents".to_owned(),
            dated.map(|(id, day)| json!({ "id": id, "create_date": format!("{day} 10:00:00"), "amount": 1 })).collect(),
        ),
        ReportKind::RecordCategories => (
            format!("/labels/{COMPANY}/2"),
            ids.iter().map(|id| thing(*id, "VIP")).collect(),
        ),
        ReportKind::Services => (
            format!("/company/{COMPANY}/services"),
            ids.iter().map(|id| thing(*id, "Стрижка")).collect(),
        ),
    }
}

fn has(shop: &Shared, kind: ReportKind, ids: &[i64]) {
    let mut shop = shop.lock().unwrap();
    let (path, records) = records_of(kind, ids);
    if kind == ReportKind::Documents {
        // Their ids come with movements of goods.
        let movements = ids.iter().map(|id| {
            let mut movement = movement(id + 1_000, "2026-02-27", json!(1));
            movement["document_id"] = (*id).into();
            movement
        });
        shop.lists.insert(
            format!("/storages/transactions/{COMPANY}"),
            movements.collect(),
        );
    }
    shop.lists.insert(path, records);
}

struct Desk {
    plant: Plant,
    source: Source,
    shop: Shared,
}

async fn desks() -> Vec<Desk> {
    let mut desks = Vec::new();
    for bed in beds().await {
        desks.push(desk(bed).await);
    }
    desks
}

async fn desk(bed: Bed) -> Desk {
    let (shop, settings) = vendor().await;
    let source = connected(&bed, COMPANY).await;
    Desk {
        plant: plant(bed, settings),
        source,
        shop,
    }
}

impl Desk {
    fn order(&self, kind: ReportKind, target: Target) -> ReportOrder {
        ReportOrder {
            name: format!("Отчёт {kind}"),
            source: self.source.id.clone(),
            kind,
            definition: Definition {
                fields: Vec::new(),
                target,
            },
            period: "last 7 days".parse().unwrap(),
            schedule: Some("daily at 03:00".parse().unwrap()),
        }
    }

    async fn add(&self, order: ReportOrder) -> (Report, PlannedJob) {
        let subscription = &self.source.subscription_id;
        let shown = preview(&self.plant.services, subscription, &order)
            .await
            .unwrap();
        let approved = shown.tables[0].shape.clone();
        add(
            &self.plant.services,
            subscription,
            order,
            approved.as_ref(),
            &BY,
        )
        .await
        .unwrap()
    }

    /// Runs the job to its end; how it ended.
    async fn run(&self, job: &PlannedJob, period: Option<Period>) -> crate::control::JobRun {
        self.plant.bed.clock.advance(TimeDelta::minutes(1));
        let services = &self.plant.services;
        let subscription = &job.subscription_id;
        let run = planner::run_now(services, subscription, &job.id, period, &BY)
            .await
            .unwrap();
        loop {
            self.plant.bed.clock.advance(TimeDelta::seconds(1));
            let _ = planner::run(services, subscription, &run.id).await;
            let run = services
                .control
                .planned_jobs(subscription)
                .get_run(&run.id)
                .await
                .unwrap();
            if run.finished_at.is_some() {
                return run;
            }
        }
    }

    async fn done(&self, job: &PlannedJob) -> i64 {
        let run = self.run(job, None).await;
        assert_eq!(
            run.state,
            JobRunState::Done,
            "{:?} {:?}",
            run.failure_code,
            run.failure_details
        );
        run.row_count
    }

    /// The values of some columns of a table, row by row, in order.
    async fn rows(&self, table: &Arc<Table>, columns: &[&str], filter: Filter) -> Vec<Vec<Value>> {
        let warehouse = self
            .plant
            .services
            .warehouses
            .open(&self.source.subscription_id);
        let snapshot = warehouse.snapshot().await.unwrap();
        let scan = Scan::of(table)
            .columns(columns.iter().copied())
            .filter(filter);
        let mut stream = snapshot.scan(scan).await.unwrap();
        let mut rows = Vec::new();
        while let Some(batch) = stream.try_next().await.unwrap() {
            rows.extend(batch.iter().map(|row| {
                row.values()
                    .map(|value| value.to_owned())
                    .collect::<Vec<_>>()
            }));
        }
        rows
    }

    async fn table(&self, name: &str) -> Arc<Table> {
        let reports = self
            .plant
            .services
            .control
            .reports(&self.source.subscription_id);
        let kept = reports.table(name).await.unwrap().unwrap();
        let shape: super::TableShape = serde_json::from_value(kept.structure).unwrap();
        Arc::new(shape.table())
    }

    /// The records that a report's main table has rows of.
    async fn records(&self, report: &Report, target: &Target) -> Vec<i64> {
        let (table, column, filter) = match target {
            Target::Json => {
                let table = Arc::clone(catalog::table("yclients_reports").unwrap());
                (table, "key", Filter::equal("report", report.id.as_str()))
            }
            Target::Table { name } => (self.table(name).await, "_record", Filter::All),
            Target::Description { .. } => (
                self.table(&described(report.kind)).await,
                "_record",
                Filter::All,
            ),
        };
        let rows = self.rows(&table, &[column], filter).await;
        let mut ids: Vec<i64> = rows
            .iter()
            .map(|row| row[0].as_ref().as_str().unwrap().parse().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    }

    async fn journal(&self, code: &str) -> Vec<Json> {
        let journal = self
            .plant
            .services
            .control
            .journal(&self.source.subscription_id);
        let entries = journal
            .list(&JournalFilter::default(), None, 200)
            .await
            .unwrap()
            .items;
        entries
            .into_iter()
            .filter(|entry| entry.code == code)
            .map(|entry| entry.details)
            .collect()
    }

    async fn close(self) {
        let warehouse = self
            .plant
            .services
            .warehouses
            .open(&self.source.subscription_id);
        warehouse.erase().await.unwrap();
        self.plant.close().await;
    }
}

fn described(kind: ReportKind) -> String {
    format!("my_{kind}")
}

fn targets(kind: ReportKind) -> [Target; 3] {
    let child = match kind {
        ReportKind::Consumables => {
            "  - name: my_lines\n    parent: my_consumables\n    rows: consumables[]\n    columns:\n      \
             - { name: line, path: $line, type: integer, key: true }\n      - { name: amount, path: amount, type: decimal(6) }\n"
        }
        _ => "",
    };
    [
        Target::Json,
        Target::Table {
            name: format!("fixed_{kind}"),
        },
        Target::Description {
            yaml: format!(
                "tables:\n  - name: {}\n    columns:\n      - {{ name: id, path: id, type: integer, key: true }}\n{child}",
                described(kind)
            ),
        },
    ]
}

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
        remove(services, subscription, &report.id, &BY)
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

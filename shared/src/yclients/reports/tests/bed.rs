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
use futures::{TryStreamExt, future::BoxFuture};
use serde_json::{Value as Json, json};

use super::{
    super::{Definition, ReportOrder, TableShape, Target, add, preview},
    targets::described,
};
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
        tests::bed::{Plant, plant},
    },
    warehouse::{Filter, Scan, Value},
    yclients::client::{Access, VendorSettings, tests::quick_settings},
};

pub(super) const BY: Actor = Actor::CommandLine;
pub(super) const COMPANY: i64 = 7;

/// What the vendor has, by path, and after how many more calls it fails.
#[derive(Default)]
pub(super) struct Shop {
    pub(super) lists: BTreeMap<String, Vec<Json>>,
    pub(super) calls_left: Option<u32>,
    /// What was asked for, in turn.
    pub(super) asked: Vec<String>,
    /// What happens, once, when this document is asked for.
    pub(super) at_document: Option<(i64, BoxFuture<'static, ()>)>,
    pub(super) throttles: bool,
    /// What happens, once, when days from this one on are asked for.
    pub(super) meanwhile: Option<(String, BoxFuture<'static, ()>)>,
}

pub(super) type Shared = Arc<Mutex<Shop>>;

pub(super) async fn vendor() -> (Shared, VendorSettings) {
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
pub(super) async fn answer(
    State(shop): State<Shared>,
    uri: Uri,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response {
    let path = uri.path().trim_start_matches("/api/v1").to_owned();
    let documents = format!("/storage_operations/documents/{COMPANY}/");
    let document = path.strip_prefix(&documents).map(|id| id.parse::<i64>());
    let document = document.and_then(Result::ok);
    let meanwhile = {
        let mut shop = shop.lock().unwrap();
        let from = asked.get("start_date");
        let day = shop.meanwhile.as_ref().map(|(day, _)| day);
        let id = shop.at_document.as_ref().map(|(id, _)| *id);
        if from.is_some() && from == day {
            shop.meanwhile.take().map(|(_, work)| work)
        } else if document.is_some() && document == id {
            shop.at_document.take().map(|(_, work)| work)
        } else {
            None
        }
    };
    if let Some(work) = meanwhile {
        work.await;
    }
    let mut shop = shop.lock().unwrap();
    shop.asked.push(uri.to_string());
    if shop.throttles {
        return (StatusCode::TOO_MANY_REQUESTS, "{}").into_response();
    }
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
    let enveloped = |data: Json| {
        json!({ "success": true, "data": data, "meta": [] })
            .to_string()
            .into_response()
    };
    if let Some(id) = document {
        let documents = shop.lists.get("documents").cloned().unwrap_or_default();
        return match documents
            .into_iter()
            .find(|document| document["id"].as_i64() == Some(id))
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

pub(super) fn record(id: i64, day: &str, more: Json) -> Json {
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

pub(super) fn movement(id: i64, day: &str, amount: Json) -> Json {
    json!({ "id": id, "date": format!("{day}T12:00:00+0300"), "create_date": format!("{day}T12:00:00+0300"), "amount": amount })
}

pub(super) fn thing(id: i64, title: &str) -> Json {
    json!({ "id": id, "title": title, "amount": 1 })
}

/// The path of a kind's own list, and three records of it.
pub(super) fn records_of(kind: ReportKind, ids: &[i64]) -> (String, Vec<Json>) {
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

pub(super) fn has(shop: &Shared, kind: ReportKind, ids: &[i64]) {
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

pub(super) struct Desk {
    pub(super) plant: Plant,
    pub(super) source: Source,
    pub(super) shop: Shared,
}

pub(super) async fn desks() -> Vec<Desk> {
    let mut desks = Vec::new();
    for bed in beds().await {
        desks.push(desk(bed).await);
    }
    desks
}

pub(super) async fn desk(bed: Bed) -> Desk {
    let (shop, settings) = vendor().await;
    let source = connected(&bed, COMPANY).await;
    Desk {
        plant: plant(bed, settings),
        source,
        shop,
    }
}

impl Desk {
    pub(super) fn order(&self, kind: ReportKind, target: Target) -> ReportOrder {
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

    pub(super) async fn add(&self, order: ReportOrder) -> (Report, PlannedJob) {
        let subscription = &self.source.subscription_id;
        let shown = preview(&self.plant.services, subscription, &order)
            .await
            .unwrap();
        add(&self.plant.services, subscription, order, Some(&shown), &BY)
            .await
            .unwrap()
    }

    /// Runs the job to its end; how it ended.
    pub(super) async fn run(
        &self,
        job: &PlannedJob,
        period: Option<Period>,
    ) -> crate::control::JobRun {
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

    pub(super) async fn done(&self, job: &PlannedJob) -> i64 {
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
    pub(super) async fn rows(
        &self,
        table: &Arc<Table>,
        columns: &[&str],
        filter: Filter,
    ) -> Vec<Vec<Value>> {
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

    pub(super) async fn table(&self, name: &str) -> Arc<Table> {
        Arc::new(self.shape(name).await.table())
    }

    pub(super) async fn shape(&self, name: &str) -> TableShape {
        let reports = self
            .plant
            .services
            .control
            .reports(&self.source.subscription_id);
        let kept = reports.table(name).await.unwrap().unwrap();
        serde_json::from_value(kept.structure).unwrap()
    }

    /// The records that a report's main table has rows of.
    pub(super) async fn records(&self, report: &Report, target: &Target) -> Vec<i64> {
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

    pub(super) async fn journal(&self, code: &str) -> Vec<Json> {
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

    pub(super) async fn close(self) {
        let warehouse = self
            .plant
            .services
            .warehouses
            .open(&self.source.subscription_id);
        warehouse.erase().await.unwrap();
        self.plant.close().await;
    }
}

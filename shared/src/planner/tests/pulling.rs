//! Base pulls, from the run that is asked for to the rows that it brings.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Query, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::{
    super::{
        BasePullSettings, Gap, JobSettings, NewJob, Period, RUN, ReconciliationSettings, add, run,
        run_now, tick,
    },
    bed::*,
};
use crate::{
    catalog::{TableGroup, tables_of},
    control::{
        JobKind, JobRun, JobRunState, PlannedJob, RunState, Source, sources_testing::connected,
        testing::beds,
    },
    ports::{Clock, QueueName},
    yclients::client::{Access, tests::quick_settings},
};

pub(super) const STAFF: &str = "/company/7/staff";
const SERVICES: &str = "/company/7/services";
const MOVEMENTS: &str = "/storages/transactions/7";

/// What the vendor has, by path, and what it refuses.
#[derive(Default)]
struct Shop {
    lists: BTreeMap<String, Vec<Json>>,
    refused: BTreeSet<String>,
    asked: Vec<String>,
    /// Every answer takes so long, by this clock.
    slow: Option<(Clock, TimeDelta)>,
}

type Shared = Arc<Mutex<Shop>>;

async fn answer(
    State(shop): State<Shared>,
    uri: Uri,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Response {
    let mut shop = shop.lock().unwrap();
    let path = uri.path().trim_start_matches("/api/v1").to_owned();
    shop.asked.push(path.clone());
    if let Some((clock, takes)) = &shop.slow {
        clock.advance(*takes);
    }
    if shop.refused.iter().any(|refused| path.ends_with(refused)) {
        return (StatusCode::FORBIDDEN, "{}").into_response();
    }
    let day = |record: &Json| record["create_date"].as_str().unwrap_or("")[..10].to_owned();
    let is_first = asked.get("page").is_none_or(|page| page == "1");
    let all = shop.lists.get(&path).cloned().unwrap_or_default();
    let rows = all.into_iter().filter(|record| {
        let (from, to) = (asked.get("start_date"), asked.get("end_date"));
        is_first
            && from.is_none_or(|from| *from <= day(record))
            && to.is_none_or(|to| day(record) <= *to)
    });
    json!({ "success": true, "data": rows.collect::<Vec<_>>(), "meta": [] })
        .to_string()
        .into_response()
}

fn movement(id: i64, day: &str) -> Json {
    json!({ "id": id, "create_date": format!("{day} 12:00:00"), "amount": 1, "document_id": 1 })
}

pub(super) fn staff(ids: &[i64]) -> Vec<Json> {
    let row = |id: &i64| json!({ "id": id, "name": "Ola" });
    ids.iter().map(row).collect()
}

fn services(ids: &[i64]) -> Vec<Json> {
    let row = |id: &i64| json!({ "id": id, "title": "Cut" });
    ids.iter().map(row).collect()
}

pub(super) struct Salon {
    pub(super) plant: Plant,
    source: Source,
    shop: Shared,
}

/// Salons that have these tables turned on.
pub(super) async fn salons(tables: &[&str]) -> Vec<Salon> {
    let mut salons = Vec::new();
    for bed in beds().await {
        let shop = Shared::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shop));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let access = Access {
            base_url,
            partner_token: Some("partner".into()),
        };
        let source = connected(&bed, 7).await;
        let names = tables_of(TableGroup::Yclients).filter(|table| table.parent.is_none());
        let names: Vec<&str> = names.map(|table| table.name.as_ref()).collect();
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.sources(&source.subscription_id);
        writer
            .add_tables(&source.id, &names, Some(bed.now()), bed.now())
            .await
            .unwrap();
        for name in names.iter().filter(|name| !tables.contains(name)) {
            let off = writer.enable_table(&source.id, name, false, bed.now());
            off.await.unwrap();
        }
        tx.commit().await.unwrap();
        salons.push(Salon {
            plant: plant(bed, quick_settings(access)),
            source,
            shop,
        });
    }
    salons
}

impl Salon {
    async fn job(&self, settings: JobSettings) -> PlannedJob {
        let new = NewJob {
            source: Some(self.source.id.to_string()),
            settings,
            ..self.plant.new_job("every 15 minutes")
        };
        let (services, subscription) = (&self.plant.services, &self.source.subscription_id);
        add(services, subscription, new, &BY).await.unwrap()
    }

    pub(super) async fn pulls(&self) -> PlannedJob {
        self.job(JobSettings::BasePull(BasePullSettings::default()))
            .await
    }

    pub(super) fn has(&self, path: &str, rows: Vec<Json>) {
        self.shop
            .lock()
            .unwrap()
            .lists
            .insert(path.to_owned(), rows);
    }

    pub(super) fn refuses(&self, paths: &[&str]) {
        self.shop.lock().unwrap().refused = paths.iter().map(|&path| path.to_owned()).collect();
    }

    fn takes(&self, minutes: i64) {
        let slow = (self.plant.bed.clock.clone(), TimeDelta::minutes(minutes));
        self.shop.lock().unwrap().slow = Some(slow);
    }

    /// How often a path was asked for since the last time.
    fn asked(&self, path: &str) -> usize {
        let asked = std::mem::take(&mut self.shop.lock().unwrap().asked);
        asked.iter().filter(|asked| *asked == path).count()
    }

    /// Runs a job to its end, message by message; the run, and how many messages it took.
    pub(super) async fn run(&self, job: &PlannedJob, period: Option<Period>) -> (JobRun, usize) {
        let (services, subscription) = (&self.plant.services, &job.subscription_id);
        self.plant.bed.clock.advance(TimeDelta::minutes(1));
        let asked = run_now(services, subscription, &job.id, period, &BY).await;
        let id = asked.unwrap().id;
        for messages in 1..10 {
            let queue = match job.kind {
                JobKind::Reconciliation => QueueName::Reconcile,
                _ => QueueName::Pull,
            };
            let come = self.plant.messages(queue, RUN).await;
            assert_eq!(come, std::slice::from_ref(&id), "nothing else is queued");
            run(services, subscription, &id).await.unwrap();
            let jobs = services.control.planned_jobs(subscription);
            let run = jobs.get_run(&id).await.unwrap();
            if run.finished_at.is_some() {
                return (run, messages);
            }
        }
        panic!("it does not end");
    }
}

#[tokio::test]
async fn a_pull_without_a_choice_reads_all_that_is_on_whenever_it_was_read_last() {
    for salon in salons(&["yclients_staff", "yclients_services"]).await {
        let job = salon.pulls().await;
        salon.has(STAFF, staff(&[1]));
        assert_eq!(salon.run(&job, None).await.0.row_count, 1);
        // Neither table is due for hours; what is new is read all the same.
        salon.has(STAFF, staff(&[1, 2]));
        salon.has(SERVICES, services(&[5]));
        let (run, messages) = salon.run(&job, None).await;
        assert_eq!((run.state, run.row_count), (JobRunState::Done, 2));
        assert_eq!(messages, 1);
        // Time runs short after the first table: the next message goes on with the second, and both count.
        salon.has(STAFF, staff(&[1, 2, 3, 4]));
        salon.has(SERVICES, services(&[5, 6, 7, 8]));
        salon.takes(9);
        salon.asked("");
        let (run, messages) = salon.run(&job, None).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        assert_eq!(messages, 2);
        assert_eq!(salon.asked(STAFF), 1, "what is read is not read again");
        assert_eq!(
            run.counts,
            BTreeMap::from([
                ("yclients_staff".into(), 2),
                ("yclients_services".into(), 3)
            ]),
            "{run:?}"
        );
        salon.plant.close().await;
    }
}

#[tokio::test]
async fn a_pull_that_could_not_read_every_table_says_so_and_one_that_read_none_fails() {
    for salon in salons(&["yclients_staff", "yclients_services"]).await {
        let job = salon.pulls().await;
        salon.refuses(&["services", "services/7"]);
        // Whether anything changed in what could be read makes no difference.
        for rows in [1, 0] {
            salon.has(STAFF, staff(&[1]));
            let (run, _) = salon.run(&job, None).await;
            assert_eq!((run.state, run.row_count), (JobRunState::Done, rows));
            assert_eq!(run.counts.get("failed_tables"), Some(&1));
        }
        assert_eq!(salon.plant.journal("job.partial").await, 2);
        assert_eq!(salon.plant.job(&job).await.failures, 0);
        salon.refuses(&["services", "services/7", "staff", "staff/7"]);
        let (run, _) = salon.run(&job, None).await;
        assert_eq!(run.state, JobRunState::Failed);
        assert_eq!(run.failure_code.as_deref(), Some("job.pull"));
        assert_eq!(salon.plant.job(&job).await.failures, 1);
        salon.plant.close().await;
    }
}

#[tokio::test]
async fn a_comparison_that_could_not_check_every_day_says_so() {
    let tables = [
        "yclients_goods_transactions",
        "yclients_finance_transactions",
    ];
    for salon in salons(&tables).await {
        let compares = JobSettings::Reconciliation(ReconciliationSettings {
            period: "last 7 days".parse().unwrap(),
            tables: Vec::new(),
        });
        let job = salon.job(compares).await;
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-10"),
            to: day("2026-02-12"),
        };
        salon.has(MOVEMENTS, vec![movement(1, "2026-02-11")]);
        let (run, _) = salon.run(&job, Some(period)).await;
        assert!(Gap::all_in(&run.counts).is_empty(), "{run:?}");
        assert_eq!((run.counts["checked"], run.counts["missing"]), (3, 1));
        // One list is read, the other is not: no day is wholly checked.
        salon.refuses(&[MOVEMENTS]);
        let (run, _) = salon.run(&job, Some(period)).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        assert_eq!(Gap::all_in(&run.counts), [(Gap::Days, 3)], "{run:?}");
        assert_eq!(run.counts["checked"], 0);
        let told = ["job.done", "job.not-checked"].map(|code| salon.plant.journal(code));
        assert_eq!(futures::future::join_all(told).await, [1, 1]);
        salon.plant.close().await;
    }
}

#[tokio::test]
async fn a_comparison_that_has_nothing_to_compare_does_not_look_like_one_that_agrees() {
    for salon in salons(&["yclients_staff"]).await {
        let compares = JobSettings::Reconciliation(ReconciliationSettings {
            period: "last 7 days".parse().unwrap(),
            tables: Vec::new(),
        });
        let job = salon.job(compares).await;
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-10"),
            to: day("2026-02-12"),
        };
        let (run, _) = salon.run(&job, Some(period)).await;
        assert_eq!((run.state, run.row_count), (JobRunState::Done, 0));
        assert_eq!(Gap::all_in(&run.counts), [(Gap::NothingCompared, 3)]);
        let (services, shop) = (&salon.plant.services, &job.subscription_id);
        crate::journal::relay(services, shop).await.unwrap();
        let told = [
            "job.done",
            "job.nothing-compared",
            "reconciliation.done",
            "reconciliation.nothing-compared",
        ];
        let told = told.map(|code| salon.plant.journal(code));
        assert_eq!(futures::future::join_all(told).await, [0, 1, 0, 1]);
        // The comparison itself says so too, whoever looks at it.
        let id = run.id.as_str().parse().unwrap();
        let runs = salon.plant.services.control.runs(&job.subscription_id);
        let compared = runs.get(&id).await.unwrap();
        assert_eq!(compared.state, RunState::Partial);
        let why = "reconciliation.nothing-compared";
        assert_eq!(compared.failure_code.as_deref(), Some(why));
        salon.plant.close().await;
    }
}

#[tokio::test]
async fn a_pull_of_a_period_ends_with_the_period_and_as_it_did() {
    for salon in salons(&["yclients_goods_transactions"]).await {
        let job = salon.pulls().await;
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-10"),
            to: day("2026-02-20"),
        };
        let rows = ["2026-02-09", "2026-02-10", "2026-02-20", "2026-02-21"];
        let rows = rows.iter().zip(1..).map(|(day, id)| movement(id, day));
        salon.has(MOVEMENTS, rows.collect());
        salon.takes(9);
        let (run, messages) = salon.run(&job, Some(period)).await;
        assert_eq!(
            (run.state, run.row_count),
            (JobRunState::Done, 2),
            "{run:?}"
        );
        assert!(messages > 1);
        assert!(run.finished_at.unwrap() - run.started_at.unwrap() >= TimeDelta::minutes(9));
        let id = run.id.as_str().parse().unwrap();
        let runs = salon.plant.services.control.runs(&job.subscription_id);
        assert_eq!(runs.get(&id).await.unwrap().state, RunState::Done);
        salon.refuses(&[MOVEMENTS]);
        let (run, _) = salon.run(&job, Some(period)).await;
        assert_eq!(run.failure_code.as_deref(), Some("job.pull"), "{run:?}");
        salon.plant.close().await;
    }
}

#[tokio::test]
async fn while_loading_stands_still_a_job_says_that_nothing_was_done_and_keeps_its_time() {
    for salon in salons(&["yclients_staff"]).await {
        let compares = JobSettings::Reconciliation(ReconciliationSettings {
            period: "last 7 days".parse().unwrap(),
            tables: Vec::new(),
        });
        let job = salon.job(compares).await;
        let (services, subscription) = (&salon.plant.services, &job.subscription_id);
        let mut tx = services.control.begin().await.unwrap();
        let now = salon.plant.bed.now();
        tx.sources(subscription)
            .set_paused(&salon.source.id, true, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for _ in 0..3 {
            salon
                .plant
                .bed
                .clock
                .set(salon.plant.job(&job).await.next_at.unwrap());
            tick(&services.dispatcher()).await.unwrap();
            let id = salon
                .plant
                .messages(QueueName::Reconcile, RUN)
                .await
                .remove(0);
            run(services, subscription, &id).await.unwrap();
            let next = salon.plant.job(&job).await.next_at.unwrap();
            assert_eq!(next - salon.plant.bed.now(), TimeDelta::minutes(15));
        }
        let last = salon.plant.runs(&job).await.remove(0);
        assert_eq!(
            (last.state, last.failure_code.as_deref()),
            (JobRunState::Failed, Some("pull.not-active"))
        );
        assert_eq!(salon.plant.job(&job).await.failures, 0);
        assert_eq!(salon.plant.journal("job.not-run").await, 3);
        assert_eq!(salon.plant.journal("job.done").await, 0);
        salon.plant.close().await;
    }
}

//! Parts that are not read to their end in one message: work is to end, time is up, or the vendor's allowance is used up.

use chrono::TimeDelta;
use futures::FutureExt;
use serde_json::{Value as Json, json};

use super::{super::Target, bed::*};
use crate::{
    control::{JobRun, JobRunState, PlannedJob, ReportKind},
    planner::{self, Period},
    services::Services,
    stop::Stop,
};

fn february() -> Period {
    Period {
        from: "2026-02-01".parse().unwrap(),
        to: "2026-02-28".parse().unwrap(),
    }
}

async fn begun(desk: &Desk, job: &PlannedJob) -> JobRun {
    begun_over(desk, job, Some(february())).await
}

async fn begun_over(desk: &Desk, job: &PlannedJob, period: Option<Period>) -> JobRun {
    let services = &desk.plant.services;
    services.clock.advance(TimeDelta::minutes(1));
    let shop = &job.subscription_id;
    let run = planner::run_now(services, shop, &job.id, period, &BY).await;
    desk.shop.lock().unwrap().asked.clear();
    run.unwrap()
}

/// One message of a run; the run after it.
async fn message(services: &Services, run: &JobRun) -> JobRun {
    let shop = &run.subscription_id;
    let _ = planner::run(services, shop, &run.id).await;
    let jobs = services.control.planned_jobs(shop);
    jobs.get_run(&run.id).await.unwrap()
}

/// The same services, whose work is told to end by itself.
fn stoppable(services: &Services) -> Services {
    Services {
        stop: Stop::default(),
        ..services.clone()
    }
}

/// The documents that were asked for since the last time.
fn documents(desk: &Desk) -> Vec<String> {
    let asked = std::mem::take(&mut desk.shop.lock().unwrap().asked);
    let ids = asked.iter().filter(|path| path.contains("/documents/"));
    ids.filter_map(|path| Some(path.trim_end_matches('?').rsplit_once('/')?.1.to_owned()))
        .collect()
}

/// The last days that lists were asked for since the last time, one after the other.
fn last_days(desk: &Desk) -> Vec<String> {
    let asked = std::mem::take(&mut desk.shop.lock().unwrap().asked);
    let mut days: Vec<String> = asked
        .iter()
        .filter_map(|path| Some(path.split_once("end_date=")?.1.get(..10)?.to_owned()))
        .collect();
    days.dedup();
    days
}

#[tokio::test]
async fn documents_that_were_read_are_not_read_again_where_a_part_is_left() {
    for desk in desks().await {
        let kind = ReportKind::Documents;
        has(&desk.shop, kind, &[1, 2, 3, 4, 5]);
        let (report, job) = desk.add(desk.order(kind, Target::Json)).await;
        let run = begun(&desk, &job).await;
        let services = &desk.plant.services;
        // Time is up while the second one is read.
        let clock = services.clock.clone();
        let late = async move { clock.advance(TimeDelta::minutes(9)) }.boxed();
        desk.shop.lock().unwrap().at_document = Some((2, late));
        let left = message(services, &run).await;
        assert!(left.finished_at.is_none(), "{left:?}");
        assert_eq!(documents(&desk), ["1", "2"]);
        // Work is to end while the third one is read.
        let stopped = stoppable(services);
        let stop = stopped.stop.clone();
        desk.shop.lock().unwrap().at_document = Some((3, async move { stop.ask() }.boxed()));
        let left = message(&stopped, &run).await;
        assert!(left.finished_at.is_none(), "{left:?}");
        assert_eq!(documents(&desk), ["3"]);
        assert_eq!(desk.records(&report, &Target::Json).await, [0_i64; 0]);
        let done = message(services, &run).await;
        assert_eq!(done.state, JobRunState::Done, "{done:?}");
        assert_eq!(documents(&desk), ["4", "5"]);
        let held = desk.records(&report, &Target::Json).await;
        assert_eq!(held, [1, 2, 3, 4, 5]);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_list_that_is_left_is_read_again_in_smaller_parts_and_has_what_the_vendor_has() {
    for desk in desks().await {
        let has_movements = |ids: std::ops::RangeInclusive<i64>| {
            let path = format!("/storages/transactions/{COMPANY}");
            let all: Vec<Json> = ids.map(|id| movement(id, "2026-02-10", json!(1))).collect();
            desk.shop.lock().unwrap().lists.insert(path, all);
        };
        // More than one page.
        has_movements(1..=250);
        let order = desk.order(ReportKind::GoodsTransactions, Target::Json);
        let (report, job) = desk.add(order).await;
        let run = begun(&desk, &job).await;
        let services = &desk.plant.services;
        let first_day = || february().from.to_string();
        let stopped = stoppable(services);
        let stop = stopped.stop.clone();
        let asks = async move { stop.ask() }.boxed();
        desk.shop.lock().unwrap().meanwhile = Some((first_day(), asks));
        let left = message(&stopped, &run).await;
        assert!(left.finished_at.is_none(), "{left:?}");
        assert_eq!(desk.shop.lock().unwrap().asked.len(), 1, "no other page");
        assert_eq!(last_days(&desk), ["2026-02-28"]);
        // That says nothing of how long a part takes; time that is up does.
        let clock = services.clock.clone();
        let late = async move { clock.advance(TimeDelta::minutes(9)) }.boxed();
        desk.shop.lock().unwrap().meanwhile = Some((first_day(), late));
        let left = message(services, &run).await;
        assert!(left.finished_at.is_none(), "{left:?}");
        assert_eq!(last_days(&desk), ["2026-02-28"]);
        // What was staged of it and is gone meanwhile does not come.
        has_movements(2..=250);
        let done = message(services, &run).await;
        assert_eq!(done.state, JobRunState::Done, "{done:?}");
        assert_eq!(last_days(&desk), ["2026-02-14", "2026-02-28"]);
        assert_eq!(done.row_count, 249);
        let held = desk.records(&report, &Target::Json).await;
        assert_eq!(held, (2..=250).collect::<Vec<i64>>());
        desk.close().await;
    }
}

#[tokio::test]
async fn a_vendor_whose_allowance_is_used_up_is_waited_for_a_day() {
    for desk in desks().await {
        let kind = ReportKind::Services;
        has(&desk.shop, kind, &[1, 2]);
        let (report, job) = desk.add(desk.order(kind, Target::Json)).await;
        let services = &desk.plant.services;
        let throttles = |throttles| desk.shop.lock().unwrap().throttles = throttles;
        throttles(true);
        let run = begun_over(&desk, &job, None).await;
        // More often than what fails is tried.
        for _ in 0..9 {
            services.clock.advance(TimeDelta::minutes(1));
            let waits = message(services, &run).await;
            assert!(waits.finished_at.is_none(), "{waits:?}");
        }
        throttles(false);
        services.clock.advance(TimeDelta::minutes(1));
        let done = message(services, &run).await;
        assert_eq!(done.state, JobRunState::Done, "{done:?}");
        assert_eq!(desk.records(&report, &Target::Json).await, [1, 2]);
        throttles(true);
        let mut run = begun_over(&desk, &job, None).await;
        run = message(services, &run).await;
        services.clock.advance(TimeDelta::hours(25));
        for _ in 0..9 {
            services.clock.advance(TimeDelta::minutes(1));
            run = message(services, &run).await;
        }
        assert_eq!(run.state, JobRunState::Failed, "{run:?}");
        assert_eq!(run.failure_code.as_deref(), Some("vendor.throttled"));
        assert_eq!(desk.records(&report, &Target::Json).await, [1, 2]);
        desk.close().await;
    }
}

#[tokio::test]
async fn what_is_left_out_of_a_list_that_is_read_twice_is_counted_once() {
    for desk in desks().await {
        let without_id = |amount: i64| {
            let mut record = movement(0, "2026-02-10", json!(amount));
            record.as_object_mut().unwrap().remove("id");
            record
        };
        let mut all: Vec<Json> = (1..=247)
            .map(|id| movement(id, "2026-02-10", json!(1)))
            .collect();
        // Two have no key, and two no id.
        all.extend((248..=249).map(|id| movement(id, "2026-02-10", Json::Null)));
        all.extend([without_id(5), without_id(6)]);
        let path = format!("/storages/transactions/{COMPANY}");
        desk.shop.lock().unwrap().lists.insert(path, all);
        let yaml = "tables:\n  - name: my_movements\n    columns:\n      \
             - { name: id, path: id, type: integer, key: true }\n      \
             - { name: amount, path: amount, type: decimal(2), key: true }\n";
        let target = Target::Description { yaml: yaml.into() };
        let (_, job) = desk
            .add(desk.order(ReportKind::GoodsTransactions, target))
            .await;
        let run = begun(&desk, &job).await;
        let done = message(&desk.plant.services, &run).await;
        assert_eq!(done.state, JobRunState::Done, "{done:?}");
        // It does not tell how many records it has: both pages come once more, and the empty one behind them.
        assert_eq!(desk.shop.lock().unwrap().asked.len(), 6);
        assert_eq!(done.counts.get("my_movements"), Some(&247));
        assert_eq!(done.counts.get("without_key"), Some(&2));
        assert_eq!(done.counts.get("without_id"), Some(&2));
        desk.close().await;
    }
}

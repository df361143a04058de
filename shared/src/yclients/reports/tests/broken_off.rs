//! Runs that break off at any of their commits, before or after it.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::json;

use super::bed::*;
use crate::{
    control::{JobRun, JobRunState, PlannedJob, ReportKind},
    planner::{self, Period},
    ports::{CallKind, Interruptions},
    services::Services,
    warehouse::{Filter, Load, Value, internal, stage},
    yclients::reports::{TableShape, Target},
};

/// Breaks off at a commit, once: before it, or after it has had its effect.
#[derive(Debug)]
struct At {
    left: AtomicI64,
    after: bool,
}

impl Interruptions for At {
    fn before(&self, call: &'static str, _: CallKind) -> io::Result<u64> {
        let is_it = call == "warehouse.commit" && self.left.fetch_sub(1, Ordering::SeqCst) == 0;
        match (is_it, self.after) {
            (true, false) => Err(io::Error::other("broken off")),
            (is_it, _) => Ok(u64::from(is_it)),
        }
    }

    fn after(&self, number: u64) -> io::Result<()> {
        match number {
            0 => Ok(()),
            _ => Err(io::Error::other("broken off")),
        }
    }
}

fn winter() -> Period {
    Period {
        from: "2026-01-15".parse().unwrap(),
        to: "2026-02-28".parse().unwrap(),
    }
}

impl Desk {
    fn has_movements(&self, movements: Vec<serde_json::Value>) {
        let path = format!("/storages/transactions/{COMPANY}");
        self.shop.lock().unwrap().lists.insert(path, movements);
    }

    /// Begins a run and breaks it off at a commit, if it comes so far.
    async fn broken(&self, job: &PlannedJob, commit: i64, after: bool) -> JobRun {
        let services = &self.plant.services;
        let shop = &job.subscription_id;
        let run = planner::run_now(services, shop, &job.id, Some(winter()), &BY).await;
        let run = run.unwrap();
        let left = AtomicI64::new(commit);
        let broken = Services {
            warehouses: services
                .warehouses
                .clone()
                .interrupted_by(Arc::new(At { left, after })),
            ..services.clone()
        };
        let _ = planner::run(&broken, shop, &run.id).await;
        let jobs = services.control.planned_jobs(shop);
        jobs.get_run(&run.id).await.unwrap()
    }

    async fn end_of(&self, run: &JobRun) -> JobRun {
        let services = &self.plant.services;
        let shop = &run.subscription_id;
        let _ = planner::run(services, shop, &run.id).await;
        let jobs = services.control.planned_jobs(shop);
        jobs.get_run(&run.id).await.unwrap()
    }

    async fn left_staged(&self) -> u64 {
        let services = &self.plant.services;
        let warehouse = services.warehouses.open(&self.source.subscription_id);
        let snapshot = warehouse.snapshot().await.unwrap();
        let staged = internal::report_stage();
        snapshot.count(staged, &Filter::All).await.unwrap()
    }
}

#[tokio::test]
async fn a_value_that_fits_no_column_is_kept_wherever_a_run_breaks_off() {
    for desk in desks().await {
        let mut exchanged = 0;
        for (commit, after) in (0..).flat_map(|commit| [(commit, false), (commit, true)]) {
            let place = format!("commit {commit}, after it: {after}");
            desk.has_movements(vec![movement(2, "2026-02-27", json!(1.5))]);
            let name = format!("moved_{commit}_{after}");
            let target = Target::Table { name: name.clone() };
            let order = desk.order(ReportKind::GoodsTransactions, target);
            let (report, job) = desk.add(order).await;
            desk.has_movements(vec![
                movement(1, "2026-01-20", json!("a lot")),
                movement(2, "2026-02-27", json!(1.5)),
            ]);
            let run = desk.broken(&job, commit, after).await;
            if run.finished_at.is_some() {
                assert!(commit > 4, "{place}");
                break;
            }
            // What is exchanged is done, and nobody asks the vendor again.
            let is_done = after && desk.left_staged().await == 0;
            exchanged += u32::from(is_done);
            desk.shop.lock().unwrap().calls_left = is_done.then_some(0);
            let run = desk.end_of(&run).await;
            desk.shop.lock().unwrap().calls_left = None;
            assert_eq!(run.state, JobRunState::Done, "{place}: {run:?}");
            assert_eq!(run.row_count, 2, "{place}");
            assert_eq!(run.counts[&name], 2, "{place}");
            let table = desk.table(&name).await;
            let columns = ["id", "amount", "amount__text"];
            let rows = desk.rows(&table, &columns, Filter::All).await;
            let amount = Value::Decimal("1.5".parse().unwrap());
            assert_eq!(
                rows,
                [
                    vec![1.into(), Value::Null, "a lot".into()],
                    vec![2.into(), amount, Value::Null],
                ],
                "{place}"
            );
            let told = desk.journal("report.variant").await;
            let of_it = told
                .iter()
                .filter(|entry| entry["report"] == json!(report.id));
            assert_eq!(of_it.count(), 1, "{place}");
            let done = desk.journal("job.done").await;
            let of_it = done.iter().filter(|entry| entry["run"] == json!(run.id));
            assert_eq!(of_it.count(), 1, "{place}");
            assert_eq!(desk.left_staged().await, 0, "{place}");
        }
        assert_eq!(exchanged, 1);
        desk.close().await;
    }
}

#[tokio::test]
async fn a_staged_value_that_no_column_takes_ends_the_run_and_changes_nothing() {
    for desk in desks().await {
        desk.has_movements(vec![movement(1, "2026-02-27", json!(1.5))]);
        let target = Target::Table {
            name: "moved".into(),
        };
        let order = desk.order(ReportKind::GoodsTransactions, target);
        let (_, job) = desk.add(order).await;
        // It ends in the middle of the second part.
        let run = desk.broken(&job, 2, false).await;
        // As a program would stage it that knows of a column which is not kept.
        let table = desk.table("moved").await;
        let mut wider: TableShape = desk.shape("moved").await;
        assert!(wider.add_variant("amount", crate::yclients::reports::FieldType::Text));
        let wider = wider.table();
        let position = |name: &str| wider.columns.iter().position(|column| column.name == name);
        // The last one says of whom the record speaks.
        let mut row = vec![Value::Null; wider.columns.len() + 1];
        for (name, value) in [
            ("_record", "2".into()),
            ("_line", 1.into()),
            ("amount__text", "a lot".into()),
        ] {
            row[position(name).unwrap()] = value;
        }
        let mut rows = crate::warehouse::Rows::new(row.len());
        rows.push_values(&row);
        let services = &desk.plant.services;
        let now = services.clock.now();
        let staged = stage(run.id.as_str(), &wider, "_record", &rows, now).unwrap();
        let load = Load {
            origin: "report",
            run: run.id.to_string(),
            observed_at: now,
            writes: vec![staged],
            quota: None,
        };
        let warehouse = services.warehouses.open(&run.subscription_id);
        warehouse.commit(load).await.unwrap();
        let run = desk.end_of(&run).await;
        assert_eq!(run.state, JobRunState::Failed, "{run:?}");
        let rows = desk.rows(&table, &["id"], Filter::All).await;
        assert!(rows.is_empty(), "{rows:?}");
        // The next run has nothing to do with it.
        assert_eq!(desk.done(&job).await, 1);
        desk.close().await;
    }
}

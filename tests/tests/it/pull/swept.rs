//! Rows that a retention job removed, and what the vendor says of them afterwards.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use wynos::{
    control::{Actor, JobRun, RunId},
    planner::{self, JobSettings, NewJob, RetentionSettings},
    retention,
    warehouse::Value,
    yclients::reconcile::{self, Ordered},
};

use super::{Bed, on_both, small, truth::differences};

const FACTS: [&str; 6] = [
    "yclients_records",
    "yclients_record_services",
    "yclients_record_consumables",
    "yclients_record_labels",
    "yclients_goods_transactions",
    "yclients_finance_transactions",
];

const DOCUMENTS: &str = "yclients_documents";
const MONEY: &str = "yclients_finance_transactions";

impl Bed {
    /// Removes what was received more than a day ago, after a dry run that foretells it.
    pub(crate) async fn sweep(&self, tables: &[&str]) -> JobRun {
        let services = self.services();
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: tables.iter().map(ToString::to_string).collect(),
        };
        let new = NewJob {
            name: "Old".to_owned(),
            source: Some(self.source.to_string()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        };
        let by = Actor::System;
        let shop = &self.stack.shop;
        let job = planner::add(&services, shop, new, &by).await.unwrap();
        let (_, foretold) = retention::preview_job(&services, &job).await.unwrap();
        let asked = planner::run_now(&services, shop, &job.id, None, &by)
            .await
            .unwrap();
        planner::run(&services, shop, &asked.id).await.unwrap();
        let jobs = services.control.planned_jobs(shop);
        let run = jobs.get_run(&asked.id).await.unwrap();
        assert!(
            run.finished_at.is_some() && run.failure_code.is_none(),
            "{run:?}"
        );
        let told: Vec<_> = run.counts.clone().into_iter().collect();
        let foretold: Vec<_> = foretold
            .into_iter()
            .map(|swept| (swept.table, i64::try_from(swept.rows).unwrap()))
            .collect();
        assert_eq!(told, foretold);
        run
    }

    async fn held(&self, tables: &[&str]) -> usize {
        let mut held = 0;
        for table in tables {
            held += self.rows(table, &["_received_at"]).await.len();
        }
        held
    }

    async fn ids(&self, table: &str, column: &str) -> BTreeSet<i64> {
        let rows = self.rows(table, &[column]).await;
        let ids = rows.iter().filter_map(|row| match row[0] {
            Value::Integer(id) if id > 0 => Some(id),
            _ => None,
        });
        ids.collect()
    }

    /// Documents that transactions name and that are not there.
    async fn lost_documents(&self) -> Vec<i64> {
        let documents = self.ids(DOCUMENTS, "id").await;
        let mut lost = Vec::new();
        for table in ["yclients_goods_transactions", MONEY] {
            let named = self.ids(table, "document_id").await;
            lost.extend(named.difference(&documents).copied());
        }
        lost
    }
}

on_both! {
    async fn what_retention_removed_only_changes_and_orders_bring_back(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let all = bed.held(&FACTS).await;
        assert!(bed.held(&[DOCUMENTS]).await > 0);
        assert_eq!(bed.lost_documents().await, [0_i64; 0]);
        bed.live(0, TimeDelta::days(2));
        let run = bed.sweep(&[]).await;
        // Tombstones and documents went too.
        assert!(run.row_count >= i64::try_from(all).unwrap());
        assert_eq!(bed.held(&FACTS).await, 0);
        // The days that every pull reads again, and whole lists, bring nothing.
        for _ in 0..3 {
            bed.live(0, TimeDelta::hours(25));
            let pulled = bed.pull_through().await;
            assert_eq!(pulled.loaded.total(), 0, "{pulled:?}");
            assert_eq!(bed.held(&FACTS).await, 0);
            assert_eq!(bed.held(&[DOCUMENTS]).await, 0);
        }
        // What changes comes back, and nothing else.
        bed.live(40, TimeDelta::hours(1));
        bed.pull_through().await;
        let changed = bed.held(&FACTS).await;
        assert!(changed > 0 && changed < all, "{changed} of {all}");
        assert_eq!(bed.lost_documents().await, [0_i64; 0]);
        // Somebody orders the past.
        bed.history().await;
        bed.live(0, TimeDelta::hours(25));
        bed.pull_through().await;
        let found = differences(&bed, &FACTS).await;
        let shown: Vec<_> = found.iter().take(10).collect();
        assert!(found.is_empty(), "{} differences: {shown:#?}", found.len());
        assert_eq!(bed.lost_documents().await, [0_i64; 0]);
        bed.end().await;
    }

    async fn rows_that_came_back_and_are_lost_are_found_missing(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        bed.live(0, TimeDelta::days(2));
        bed.sweep(&[]).await;
        bed.history().await;
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let all = bed.ids(MONEY, "id").await;
        assert!(!all.is_empty());
        let now = bed.stack.clock.now();
        let (from, to) = (now - TimeDelta::days(15), now - TimeDelta::days(2));
        let rows = bed.rows(MONEY, &["id", "date"]).await;
        let lost = rows.iter().filter_map(|row| match (&row[0], &row[1]) {
            (Value::Integer(id), Value::Timestamp(at)) if *at > from && *at < to => Some(*id),
            _ => None,
        });
        let lost: BTreeSet<i64> = lost.take(5).collect();
        assert!(!lost.is_empty());
        let sql = |id: &i64| format!("DELETE FROM @{MONEY} WHERE id = {id}");
        let sql: Vec<String> = lost.iter().map(sql).collect();
        bed.stack.tamper(&sql).await.unwrap();

        let services = bed.services();
        let ordered = Ordered {
            from: from.date_naive() - TimeDelta::days(1),
            to: now.date_naive(),
            tables: Vec::new(),
            actor: Actor::System,
        };
        let run = reconcile::begin(&services, &bed.source, ordered, RunId::random()).await.unwrap();
        let done = reconcile::proceed(&services, &bed.source, &run.id, None, None).await.unwrap();
        let warehouse = services.warehouses.open(&bed.stack.shop);
        let found = reconcile::differences(&warehouse, &done.run, Some(MONEY), None, 100);
        let found = found.await.unwrap().items;
        let missing = found.iter().filter(|one| one.kind == "missing");
        let missing: BTreeSet<i64> = missing.map(|one| one.key.parse().unwrap()).collect();
        assert_eq!(missing, lost);
        assert_eq!(bed.ids(MONEY, "id").await, all);
        bed.end().await;
    }

    async fn dimensions_that_nothing_refers_to_stay_away(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        bed.history().await;
        let clients = bed.held(&["yclients_clients"]).await;
        bed.live(0, TimeDelta::days(2));
        bed.sweep(&["yclients_clients"]).await;
        let referred = bed.held(&["yclients_clients"]).await;
        assert!(referred > 0 && referred < clients, "{referred} of {clients}");
        for _ in 0..2 {
            bed.live(0, TimeDelta::hours(25));
            bed.pull_through().await;
            assert_eq!(bed.held(&["yclients_clients"]).await, referred);
        }
        bed.end().await;
    }
}

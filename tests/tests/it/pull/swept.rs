//! Rows that a retention job removed, and what the vendor says of them afterwards.

use chrono::TimeDelta;
use wynos::{
    control::{Actor, JobRun},
    planner::{self, JobSettings, NewJob, RetentionSettings},
    retention,
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
}

on_both! {
    async fn what_retention_removed_only_changes_and_orders_bring_back(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let all = bed.held(&FACTS).await;
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
        }
        // What changes comes back, and nothing else.
        bed.live(40, TimeDelta::hours(1));
        bed.pull_through().await;
        let changed = bed.held(&FACTS).await;
        assert!(changed > 0 && changed < all, "{changed} of {all}");
        // Somebody orders the past.
        bed.history().await;
        bed.live(0, TimeDelta::hours(25));
        bed.pull_through().await;
        let found = differences(&bed, &FACTS).await;
        let shown: Vec<_> = found.iter().take(10).collect();
        assert!(found.is_empty(), "{} differences: {shown:#?}", found.len());
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

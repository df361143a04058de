//! Jobs that remove old rows.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::bed::{day, plants};
use crate::{
    catalog::{self, system},
    control::{Actor, JobRun, JobRunState, PlannedJob},
    planner::{self, Gap, JobSettings, NewJob, PlannerError, RetentionSettings, tests::bed::Plant},
    retention::{RetentionError, preview_job, scope},
    services::Services,
    stop::Stop,
    warehouse::{Outcome, Rule},
};

impl Plant {
    fn new_removal(&self, days: u32, tables: &[&str]) -> NewJob {
        let settings = RetentionSettings {
            older_than_days: days,
            tables: tables.iter().map(ToString::to_string).collect(),
        };
        NewJob {
            name: "Old".to_owned(),
            source: Some(self.source_id()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        }
    }

    async fn removal(&self, days: u32, tables: &[&str]) -> PlannedJob {
        let new = self.new_removal(days, tables);
        planner::add(
            &self.services,
            &self.bed.subscription.id,
            new,
            &Actor::System,
        )
        .await
        .unwrap()
    }

    async fn work_off(&self, job: &PlannedJob) -> JobRun {
        let (services, shop) = (&self.services, &self.bed.subscription.id);
        let asked = planner::run_now(services, shop, &job.id, None, &Actor::System)
            .await
            .unwrap();
        loop {
            planner::run(services, shop, &asked.id).await.unwrap();
            let run = services
                .control
                .planned_jobs(shop)
                .get_run(&asked.id)
                .await
                .unwrap();
            if run.finished_at.is_some() {
                return run;
            }
        }
    }

    /// Records and clients that come over two months.
    async fn fill(&self) {
        for month in 0..2 {
            let first = 1 + month * 1_000;
            let records: Vec<_> = (first..first + 900).map(|id| (id, id % 40, 1, 1)).collect();
            self.admit(day(1 + month * 30), self.records(Rule::Newest, &records))
                .await;
        }
        let clients: Vec<_> = (0..60_i64).map(|id| [id.into(), day(1).into()]).collect();
        let columns = ["id", system::CHANGED_AT];
        self.admit(
            day(1),
            self.bodies("yclients_clients", Rule::Newest, columns, &clients),
        )
        .await;
    }
}

#[tokio::test]
async fn a_job_removes_what_its_dry_run_foretells() {
    for plant in plants().await {
        plant.fill().await;
        plant.bed.clock.set(day(80));
        let facts = plant.removal(60, &[]).await;
        let (before, foretold) = preview_job(&plant.services, &facts).await.unwrap();
        assert_eq!(before, day(20));
        let counts = |name| foretold.iter().find(|swept| swept.table == name).unwrap();
        assert_eq!(counts("yclients_records").rows, 900);
        assert_eq!(counts("yclients_record_services").rows, 900);
        assert_eq!((foretold[0].oldest, foretold[0].newest), (day(1), day(1)));
        assert_eq!(foretold.len(), 2);
        let run = plant.work_off(&facts).await;
        assert_eq!((run.state, run.row_count), (JobRunState::Done, 1_800));
        let told: BTreeMap<_, _> = foretold
            .iter()
            .map(|swept| (swept.table.clone(), swept.rows as i64))
            .collect();
        assert_eq!(run.counts, told);
        assert_eq!(plant.ids("yclients_records").await.len(), 900);
        assert_eq!(plant.journal("job.done").await, 1);
        // A second run finds nothing, and no pull brings anything back.
        assert_eq!(preview_job(&plant.services, &facts).await.unwrap().1, []);
        assert_eq!(plant.work_off(&facts).await.row_count, 0);
        let records: Vec<_> = (1..=900).map(|id| (id, id % 40, 1, 1)).collect();
        let again = plant
            .admit(day(81), plant.records(Rule::Newest, &records))
            .await;
        assert!(again.iter().all(|outcome| *outcome == Outcome::KeptOut));
        assert_eq!(
            plant
                .warehouse()
                .state(&format!("retention/{}", run.id))
                .await
                .unwrap(),
            None
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn work_that_is_to_end_leaves_the_rest_to_the_next_message() {
    for plant in plants().await {
        plant.fill().await;
        plant.bed.clock.set(day(80));
        let facts = plant.removal(60, &[]).await;
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        let asked = planner::run_now(services, shop, &facts.id, None, &Actor::System).await;
        let asked = asked.unwrap().id;
        let stopped = Services {
            stop: Stop::default(),
            ..services.clone()
        };
        stopped.stop.ask();
        let jobs = services.control.planned_jobs(shop);
        planner::run(&stopped, shop, &asked).await.unwrap();
        let left = jobs.get_run(&asked).await.unwrap();
        assert!(left.finished_at.is_none(), "{left:?}");
        let records = plant.ids("yclients_records").await.len();
        assert!(records > 900 && records < 1_800, "{records}");
        let key = format!("retention/{asked}");
        assert!(plant.warehouse().state(&key).await.unwrap().is_some());
        planner::run(services, shop, &asked).await.unwrap();
        let run = jobs.get_run(&asked).await.unwrap();
        assert_eq!((run.state, run.row_count), (JobRunState::Done, 1_800));
        assert_eq!(plant.ids("yclients_records").await.len(), 900);
        plant.close().await;
    }
}

#[tokio::test]
async fn dimensions_go_in_the_run_that_takes_what_refers_to_them() {
    for plant in plants().await {
        plant.fill().await;
        let only_old: Vec<_> = (5_000..5_010).map(|id| (id, 50, 1, 0)).collect();
        plant
            .admit(day(1), plant.records(Rule::Newest, &only_old))
            .await;
        plant.bed.clock.set(day(80));
        let both = plant
            .removal(60, &["yclients_clients", "yclients_records"])
            .await;
        let (_, foretold) = preview_job(&plant.services, &both).await.unwrap();
        let clients = foretold
            .iter()
            .find(|swept| swept.table == "yclients_clients")
            .unwrap();
        assert_eq!(
            clients.rows, 20,
            "client 50 is of records that go, 0 to 39 of ones that stay"
        );
        let run = plant.work_off(&both).await;
        let told: BTreeMap<_, _> = foretold
            .iter()
            .map(|swept| (swept.table.clone(), swept.rows as i64))
            .collect();
        assert_eq!(run.counts, told);
        // By itself, what is referred to stays.
        plant.bed.clock.set(day(200));
        let clients = plant.removal(1, &["yclients_clients"]).await;
        assert_eq!(preview_job(&plant.services, &clients).await.unwrap().1, []);
        assert_eq!(plant.work_off(&clients).await.row_count, 0);
        plant.close().await;
    }
}

#[tokio::test]
async fn tables_that_cannot_be_chosen_are_named() {
    for plant in plants().await {
        for name in [
            "customers",
            "yclients_record_services",
            "_outbox",
            "nothing",
        ] {
            let mut new = plant.new_removal(1, &["yclients_records"]);
            let shop = &plant.bed.subscription.id;
            let settings = RetentionSettings {
                older_than_days: 1,
                tables: vec![name.to_owned()],
            };
            let source = new.source.clone();
            let now = plant.bed.now();
            let scope = scope(&plant.services, shop, source.as_deref(), &settings, now).await;
            assert!(matches!(scope, Err(RetentionError::Table { table, .. }) if table == name));
            new.settings = JobSettings::Retention(settings);
            let refused = planner::add(&plant.services, shop, new, &Actor::System).await;
            let is_there = catalog::table(name).is_some() && !name.starts_with('_');
            assert!(match refused {
                Err(PlannerError::OtherTable { table, .. }) => is_there && table == name,
                Err(PlannerError::NoSuchTable { table }) => !is_there && table == name,
                _ => false,
            });
        }
        let all = NewJob {
            name: "All".to_owned(),
            source: None,
            settings: JobSettings::Retention(RetentionSettings {
                older_than_days: 30,
                tables: Vec::new(),
            }),
            schedule: None,
        };
        let shop = &plant.bed.subscription.id;
        let all = planner::add(&plant.services, shop, all, &Actor::System)
            .await
            .unwrap();
        plant.bed.clock.advance(TimeDelta::days(1));
        assert_eq!(plant.work_off(&all).await.row_count, 0);
        plant.close().await;
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_stay_and_are_counted_and_the_others_go() {
    const MONEY: &str = "yclients_finance_transactions";
    for plant in plants().await {
        let bodies = |ids: &[i64]| {
            let rows: Vec<_> = ids.iter().map(|id| [(*id).into()]).collect();
            plant.bodies(MONEY, Rule::Newest, ["id"], &rows)
        };
        plant.admit(day(2), bodies(&[1, 2, 3, 4, 5, 6])).await;
        let set = async |what: &str| plant.tamper(&format!("UPDATE @{MONEY} SET {what}")).await;
        set("_received_at = '-infinity' WHERE id = 2").await;
        set("_changed_at = 'infinity' WHERE id = 3").await;
        let is_file = plant.bed.database_url().is_none();
        if is_file {
            set("id = 4.5 WHERE id = 4").await;
            set("id = 'six' WHERE id = 6").await;
        }
        plant.bed.clock.set(day(80));
        let money = plant.removal(60, &[MONEY]).await;
        // On a server an age before all times is one.
        let (gone, left) = if is_file {
            (3, vec![(Gap::UnreadableRows, 2)])
        } else {
            (6, Vec::new())
        };
        let (_, foretold) = preview_job(&plant.services, &money).await.unwrap();
        assert_eq!((foretold.len(), foretold[0].rows), (1, gone));
        let gone = i64::try_from(gone).unwrap();
        for swept in [gone, 0] {
            let run = plant.work_off(&money).await;
            assert_eq!((run.state, run.row_count), (JobRunState::Done, swept));
            assert_eq!(run.counts.get(MONEY).copied().unwrap_or(0), swept);
            assert_eq!(Gap::all_in(&run.counts), left);
        }
        let told = if is_file { 2 } else { 0 };
        assert_eq!(plant.journal("job.unreadable").await, told);
        // What no time tells of is remembered by what it says.
        let again = plant.admit(day(81), bodies(&[1, 3, 5])).await;
        assert_eq!(again, [Outcome::KeptOut; 3]);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_dimension_is_swept_to_its_end_whatever_stands_in_its_keys() {
    const CLIENTS: &str = "yclients_clients";
    for plant in plants().await {
        let rows: Vec<_> = (1..=600).map(|id: i64| [id.into()]).collect();
        let clients = plant.bodies(CLIENTS, Rule::Newest, ["id"], &rows);
        plant.admit(day(2), clients).await;
        let is_file = plant.bed.database_url().is_none();
        if is_file {
            // Rows are looked at 500 at a time: one that nothing names is not their end.
            let odd = format!("UPDATE @{CLIENTS} SET id = id + 0.5 WHERE id = 3");
            plant.tamper(&odd).await;
        }
        plant.bed.clock.set(day(80));
        let removal = plant.removal(60, &[CLIENTS]).await;
        let run = plant.work_off(&removal).await;
        let (gone, left) = if is_file {
            (599, vec![(Gap::UnreadableRows, 1)])
        } else {
            (600, Vec::new())
        };
        assert_eq!((run.state, run.row_count), (JobRunState::Done, gone));
        assert_eq!(Gap::all_in(&run.counts), left);
        plant.close().await;
    }
}

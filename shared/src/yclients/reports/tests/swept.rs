//! Rows of a report that retention removed.

use chrono::TimeDelta;

use super::{bed::*, targets::targets};
use crate::{
    control::{JobRunState, ReportKind},
    planner::{self, JobSettings, NewJob, Period, PlannerError, RetentionSettings},
    retention,
    warehouse::Filter,
    yclients::reports::Target,
};

#[tokio::test]
async fn swept_rows_come_back_when_a_person_asks_for_their_period_and_not_by_themselves() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Consumables;
        has(&desk.shop, kind, &[1, 2, 3]);
        let target = Target::Table {
            name: "visits".into(),
        };
        let (report, job) = desk.add(desk.order(kind, target.clone())).await;
        assert_eq!(desk.done(&job).await, 3);
        services.clock.advance(TimeDelta::days(2));
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: vec!["visits".to_owned()],
        };
        let old = NewJob {
            name: "Old".to_owned(),
            source: Some(desk.source.id.to_string()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        };
        let old = planner::add(services, shop, old, &BY).await.unwrap();
        assert_eq!(desk.done(&old).await, 3);
        assert_eq!(desk.records(&report, &target).await, [0_i64; 0]);
        assert_eq!(desk.done(&job).await, 0, "nobody asked for them");
        assert_eq!(desk.records(&report, &target).await, [0_i64; 0]);
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-26"),
            to: day("2026-02-27"),
        };
        let run = desk.run(&job, Some(period)).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        assert_eq!(desk.records(&report, &target).await, [1, 2]);
        assert_eq!(desk.done(&job).await, 2, "they stay, and the third away");
        desk.close().await;
    }
}

#[tokio::test]
async fn rows_of_a_described_report_go_with_those_below_them_and_stay_away_together() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Consumables;
        has(&desk.shop, kind, &[1, 2, 3]);
        let [_, _, target] = targets(kind);
        let (report, job) = desk.add(desk.order(kind, target.clone())).await;
        let settings = |tables: &[&str]| RetentionSettings {
            older_than_days: 1,
            tables: tables.iter().map(|&name| name.to_owned()).collect(),
        };
        let lines = async || {
            let table = desk.table("my_lines").await;
            desk.rows(&table, &["my_consumables_id"], Filter::All)
                .await
                .len()
        };
        assert_eq!((desk.done(&job).await, lines().await), (6, 3));
        services.clock.advance(TimeDelta::days(2));
        // Those above alone are named; whoever names none or both finds each row counted once.
        let scopes = [settings(&["my_consumables"]), settings(&[])];
        for settings in &scopes {
            let (source, now) = (Some(desk.source.id.as_str()), services.clock.now());
            let scope = retention::scope(services, shop, source, settings, now).await;
            let told = retention::preview(services, shop, &scope.unwrap()).await;
            let told: Vec<_> = told.unwrap();
            let told = told.iter().map(|swept| (swept.table.as_str(), swept.rows));
            assert_eq!(
                told.collect::<Vec<_>>(),
                [("my_consumables", 3), ("my_lines", 3)]
            );
        }
        let [above, _] = scopes;
        let old = NewJob {
            name: "Old".to_owned(),
            source: Some(desk.source.id.to_string()),
            settings: JobSettings::Retention(above),
            schedule: None,
        };
        let old = planner::add(services, shop, old, &BY).await.unwrap();
        assert_eq!(desk.done(&old).await, 6);
        assert_eq!(desk.records(&report, &target).await, [0_i64; 0]);
        assert_eq!(lines().await, 0, "none is left without its parent");
        assert_eq!(desk.done(&job).await, 0, "nobody asked for them");
        assert_eq!(lines().await, 0, "nor does one come back by itself");
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-26"),
            to: day("2026-02-27"),
        };
        let run = desk.run(&job, Some(period)).await;
        assert_eq!(run.state, JobRunState::Done, "{run:?}");
        assert_eq!(desk.records(&report, &target).await, [1, 2]);
        assert_eq!(lines().await, 2);
        // What came back and is lost otherwise comes with the next run, and needs no order.
        desk.plant.tamper("DELETE FROM @my_lines").await;
        assert_eq!(lines().await, 0);
        desk.done(&job).await;
        assert_eq!(desk.records(&report, &target).await, [1, 2]);
        assert_eq!(lines().await, 2, "the third stays away");
        desk.close().await;
    }
}

#[tokio::test]
async fn a_list_without_days_takes_no_period_and_comes_back_whole_when_a_person_runs_it() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Services;
        has(&desk.shop, kind, &[1, 2]);
        let target = Target::Table {
            name: "wares".into(),
        };
        let (report, job) = desk.add(desk.order(kind, target.clone())).await;
        assert_eq!(desk.done(&job).await, 2);
        services.clock.advance(TimeDelta::days(2));
        let settings = RetentionSettings {
            older_than_days: 1,
            tables: vec!["wares".to_owned()],
        };
        let old = NewJob {
            name: "Old".to_owned(),
            source: Some(desk.source.id.to_string()),
            settings: JobSettings::Retention(settings),
            schedule: None,
        };
        let old = planner::add(services, shop, old, &BY).await.unwrap();
        assert_eq!(desk.done(&old).await, 2);
        assert_eq!(desk.records(&report, &target).await, [0_i64; 0]);
        let day = |text: &str| text.parse().unwrap();
        let period = Period {
            from: day("2026-02-26"),
            to: day("2026-02-27"),
        };
        let refused = planner::run_now(services, shop, &job.id, Some(period), &BY).await;
        assert!(
            matches!(refused, Err(PlannerError::ReadWhole { kind: "services" })),
            "{refused:?}"
        );
        assert_eq!(desk.done(&job).await, 2);
        assert_eq!(desk.records(&report, &target).await, [1, 2]);
        desk.close().await;
    }
}

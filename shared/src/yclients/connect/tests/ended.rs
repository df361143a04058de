use chrono::TimeDelta;
use serde_json::json;

use super::{Place, codes, connected, place};
use crate::{
    control::{Actor, JobKind, NewPlannedJob, NewReport, PlannedJob, ReportKind, testing::beds},
    yclients::connect::{erase_kept, remove},
};

/// A report of JSON rows with its job, as it is kept.
async fn report(place: &Place, source: &str, paused: bool) -> PlannedJob {
    let (id, by, now) = (
        &place.bed.subscription.id,
        Actor::CommandLine,
        place.bed.now(),
    );
    let new = NewReport {
        source_id: source.to_owned(),
        kind: ReportKind::Services,
        name: "Услуги".into(),
        definition: json!({ "fields": [], "target": "json" }),
        known_paths: json!({}),
        tables: Vec::new(),
    };
    let mut tx = place.bed.control.begin().await.unwrap();
    let report = tx.reports(id).create(&new, &by, now).await.unwrap();
    let next_at = (!paused).then_some(now + TimeDelta::days(1));
    let new = NewPlannedJob {
        source_id: Some(source.to_owned()),
        kind: JobKind::Report,
        name: "Услуги".into(),
        settings: json!({ "report": report.id, "period": "last 7 days" }),
        schedule: Some("daily at 03:30".parse().unwrap()),
        next_at,
    };
    let mut jobs = tx.planned_jobs(id);
    let job = jobs.create(&new, &by, now).await.unwrap();
    if paused {
        let halted = jobs.set_paused(&job.id, Some(now), None, now).await;
        halted.unwrap();
    }
    tx.commit().await.unwrap();
    job
}

/// How many reports there are, how many of which rows are left, and how many jobs.
async fn left(place: &Place) -> (usize, usize, usize) {
    let (control, id) = (&place.bed.control, &place.bed.subscription.id);
    let reports = control.reports(id);
    let jobs = control.planned_jobs(id).list(None, 50).await.unwrap();
    (
        reports.list(None, 50).await.unwrap().items.len(),
        reports.removed().await.unwrap().len(),
        jobs.items.len(),
    )
}

#[tokio::test]
async fn reports_and_jobs_end_with_a_source_that_is_removed_with_its_rows_now_or_later() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        for later in [false, true] {
            let source = connected(&place).await;
            for _ in 0..2 {
                report(&place, source.id.as_str(), false).await;
            }
            assert_eq!(left(&place).await, (2, 0, 4), "with its comparisons");
            let removed = match later {
                false => remove(services, &source.id, true, &by).await.unwrap(),
                true => {
                    let kept = remove(services, &source.id, false, &by).await.unwrap();
                    assert_eq!((kept.ended.reports, kept.ended.jobs), (0, 2));
                    assert_eq!(left(&place).await, (2, 0, 2), "its reports wait");
                    place.bed.clock.advance(TimeDelta::hours(1));
                    erase_kept(services, &source.id, &by).await.unwrap()
                }
            };
            let jobs = if later { 2 } else { 4 };
            assert_eq!((removed.ended.reports, removed.ended.jobs), (2, jobs));
            assert_eq!(left(&place).await, (0, 0, 0));
            place.bed.clock.advance(TimeDelta::hours(1));
        }
        codes(&place).await;
        place.bed.close().await;
    }
}

#[tokio::test]
async fn reports_of_a_source_whose_rows_are_kept_wait_until_its_company_is_connected_again() {
    for bed in beds().await {
        let place = place(bed).await;
        let (services, by) = (&place.services, Actor::CommandLine);
        let source = connected(&place).await;
        let runs = report(&place, source.id.as_str(), false).await;
        let paused = report(&place, source.id.as_str(), true).await;
        remove(services, &source.id, false, &by).await.unwrap();
        let subscription = &place.bed.subscription.id;
        let job = async |job: &PlannedJob| {
            let jobs = place.bed.control.planned_jobs(subscription);
            jobs.get(&job.id).await.unwrap()
        };
        for one in [&runs, &paused] {
            let waiting = job(one).await;
            assert!(waiting.waits_for_source());
            assert_eq!(waiting.next_at, None);
        }
        // Whoever lets the paused one go on lets it wait as the other does.
        crate::planner::resume(services, subscription, &paused.id, &by)
            .await
            .unwrap();
        assert_eq!(job(&paused).await.next_at, None);
        crate::planner::pause(services, subscription, &paused.id, &by)
            .await
            .unwrap();
        place.bed.clock.advance(TimeDelta::days(3));
        // A next time that a version before wrote makes nothing due.
        let (before, now) = (place.bed.now() - TimeDelta::hours(1), place.bed.now());
        let mut tx = place.bed.control.begin().await.unwrap();
        let mut jobs = tx.planned_jobs(subscription);
        let written = jobs.set_paused(&runs.id, None, Some(before), now).await;
        written.unwrap();
        assert_eq!(tx.due_jobs(now, 10).await.unwrap(), []);
        let mut jobs = tx.planned_jobs(subscription);
        let written = jobs.set_paused(&runs.id, None, None, now).await;
        written.unwrap();
        tx.commit().await.unwrap();

        let again = connected(&place).await;
        assert_eq!(again.id, source.id);
        let goes_on = job(&runs).await;
        assert!(!goes_on.waits_for_source());
        assert!(goes_on.next_at.is_some_and(|at| at > now), "{goes_on:?}");
        let still = job(&paused).await;
        assert_eq!((still.waits_for_source(), still.next_at), (false, None));
        place.bed.close().await;
    }
}

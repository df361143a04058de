//! Work that waits for what it needs, and work that takes long.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::{
    super::{Gap, RUN, Totals, WorkError, Worked, pause, remove, run, run_now, tick},
    bed::*,
};
use crate::{
    SourceId,
    catalog::Locale,
    control::JobRunState,
    journal::{self, JournalFilter, Severity},
    ports::QueueName,
};

/// Waits until the run, the only one, will not count as silent for four minutes.
async fn signed(plant: &Plant) {
    let soon = plant.bed.now() + TimeDelta::minutes(4);
    for _ in 0..1_000 {
        if !plant.services.control.is_any_job_due(soon).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no sign of life");
}

#[tokio::test]
async fn what_is_not_to_be_had_for_now_is_waited_for_without_wearing_the_run_out() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let run = run_now(services, subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        plant.messages(QueueName::Pull, RUN).await;
        for _ in 0..9 {
            let later = || Ok(Worked::Later(Duration::from_secs(600)));
            plant.work(&run, later).await.unwrap();
            // It waits for its message, which nobody takes for lost meanwhile.
            plant.bed.clock.advance(TimeDelta::minutes(9));
            tick(&services.dispatcher()).await.unwrap();
            assert_eq!(plant.messages(QueueName::Pull, RUN).await, []);
            plant.bed.clock.advance(TimeDelta::minutes(2));
            let come = plant.messages(QueueName::Pull, RUN).await;
            assert_eq!(come, std::slice::from_ref(&run));
        }
        plant
            .work(&run, || Ok(Worked::Done(totals(1))))
            .await
            .unwrap();
        assert_eq!(plant.runs(&job).await[0].state, JobRunState::Done);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_run_whose_source_is_busy_is_tried_again_soon_and_loses_no_attempt() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let source: SourceId = plant.source().unwrap().parse().unwrap();
        let (now, hour) = (plant.bed.now(), TimeDelta::hours(1));
        let mut tx = services.control.begin().await.unwrap();
        let held = tx.lease_source(&source, "history", now + hour, now).await;
        assert!(held.unwrap());
        tx.commit().await.unwrap();
        let asked = run_now(services, subscription, &job.id, None, &BY).await;
        let id = asked.unwrap().id;
        assert!(!plant.job(&job).await.source_busy, "it is only queued");
        plant.messages(QueueName::Pull, RUN).await;
        for _ in 0..9 {
            run(services, subscription, &id).await.unwrap();
            assert!(plant.job(&job).await.source_busy);
            assert_eq!(plant.messages(QueueName::Pull, RUN).await, [], "later");
            plant.bed.clock.advance(TimeDelta::seconds(21));
            let come = plant.messages(QueueName::Pull, RUN).await;
            assert_eq!(come, std::slice::from_ref(&id));
        }
        let waits = plant.runs(&job).await.remove(0);
        assert_eq!((waits.state, waits.attempt), (JobRunState::Running, 0));
        let mut tx = services.control.begin().await.unwrap();
        tx.release_source(&source, "history").await.unwrap();
        tx.commit().await.unwrap();
        assert!(!plant.job(&job).await.source_busy, "the source is free");
        let (by_itself, until) = (format!("{id}:message"), now + hour);
        let mut tx = services.control.begin().await.unwrap();
        let held = tx.lease_source(&source, &by_itself, until, now).await;
        assert!(held.unwrap());
        tx.commit().await.unwrap();
        assert!(!plant.job(&job).await.source_busy, "it has it itself");
        plant.close().await;
    }
}

#[tokio::test]
async fn work_that_takes_long_is_said_to_go_on_and_ends_when_its_job_is_removed() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let run = run_now(services, subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        plant.messages(QueueName::Pull, RUN).await;
        run_with(services, subscription, &run, async |task| {
            let work = async {
                for _ in 0..3 {
                    plant.bed.clock.advance(TimeDelta::minutes(4));
                    signed(&plant).await;
                    tick(&services.dispatcher()).await.unwrap();
                    assert_eq!(plant.messages(QueueName::Pull, RUN).await, []);
                }
                remove(services, subscription, &job.id, &BY).await.unwrap();
                std::future::pending::<()>().await;
                Ok(())
            };
            let often = Duration::from_millis(5);
            let ended = task.lease.keep_every(often, work).await.unwrap_err();
            assert_eq!(ended.code, "job.lost");
            Err(ended)
        })
        .await
        .unwrap();
        plant.close().await;
    }
}

#[tokio::test]
async fn a_job_that_failed_and_then_succeeds_by_hand_runs_at_its_time_again() {
    for plant in plants().await {
        let job = plant.add("every 5 minutes").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let fail = || Err(WorkError::hopeless("job.gave-up", json!({})));
        let by_hand = async || {
            let run = run_now(services, subscription, &job.id, None, &BY).await;
            plant.messages(QueueName::Pull, RUN).await;
            run.unwrap().id
        };
        for _ in 0..4 {
            plant.work(&by_hand().await, fail).await.unwrap();
        }
        let put_off = plant.job(&job).await.next_at.unwrap();
        assert!(put_off - plant.bed.now() > TimeDelta::hours(1));
        let run = by_hand().await;
        plant
            .work(&run, || Ok(Worked::Done(totals(1))))
            .await
            .unwrap();
        let after = plant.job(&job).await;
        let soon = plant.bed.now() + TimeDelta::minutes(5);
        assert_eq!((after.failures, after.next_at), (0, Some(soon)));
        // One that is paused meanwhile stays so.
        plant.work(&by_hand().await, fail).await.unwrap();
        pause(services, subscription, &job.id, &BY).await.unwrap();
        let run = by_hand().await;
        plant
            .work(&run, || Ok(Worked::Done(totals(1))))
            .await
            .unwrap();
        assert_eq!(plant.job(&job).await.next_at, None);
        plant.close().await;
    }
}

#[tokio::test]
async fn what_a_run_left_out_is_told_in_every_language() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let left_out = [
            (vec![Gap::Tables], "job.partial", "41"),
            (vec![Gap::SetAside], "job.set-aside", "41"),
            (vec![Gap::Days], "job.not-checked", "41"),
            (vec![Gap::NothingCompared], "job.nothing-compared", "41"),
            (
                vec![Gap::RowsWithoutKey, Gap::RowsWithSameKey],
                "job.left-out",
                "82",
            ),
            (vec![Gap::UnreadableRows], "job.unreadable", "41"),
        ];
        for (gaps, code, told) in left_out {
            let run = run_now(services, subscription, &job.id, None, &BY).await;
            let run = run.unwrap().id;
            let counts = gaps.iter().map(|gap| (gap.name().to_owned(), 41));
            let totals = Totals {
                rows: 0,
                counts: counts.collect(),
            };
            let done = || Ok(Worked::Done(totals.clone()));
            plant.work(&run, done).await.unwrap();
            let journal = services.control.journal(subscription);
            let filter = JournalFilter::default();
            let entries = journal.list(&filter, None, 50).await.unwrap().items;
            let mut of_run = entries.iter().filter(|entry| entry.code == code);
            let entry = of_run.next().unwrap();
            assert_eq!(entry.severity, Severity::Warning);
            for locale in Locale::ALL {
                let text = journal::message(locale, entry);
                assert!(text.ends_with(told) && !text.contains(['{', '$']), "{text}");
            }
        }
        assert_eq!(plant.journal("job.done").await, 0);
        plant.close().await;
    }
}

mod aside;
pub(crate) mod bed;
mod closed;
mod mails;
mod pulling;
mod refusals;
mod waiting;

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    BasePullSettings, JobSettings, MAIL_FAILING, NewJob, PlannerError, RUN, ReconciliationSettings,
    RetentionSettings, WorkError, Worked, add, edit, pause, remove, resume, run_now,
    send_failing_mail, tick,
};
use crate::{
    control::{ControlError, JobRunState, Role},
    ports::{Disposition, QueueName},
};
use bed::*;

#[tokio::test]
async fn a_run_waits_where_work_of_its_kind_does() {
    for plant in plants().await {
        let (services, subscription) = (&plant.services, &plant.bed.subscription.id);
        let kinds = [
            (
                JobSettings::BasePull(BasePullSettings::default()),
                QueueName::Pull,
            ),
            (
                JobSettings::Reconciliation(ReconciliationSettings {
                    period: "last 7 days".parse().unwrap(),
                    tables: Vec::new(),
                }),
                QueueName::Reconcile,
            ),
            (
                JobSettings::Retention(RetentionSettings {
                    older_than_days: 700,
                    tables: Vec::new(),
                }),
                QueueName::Retention,
            ),
        ];
        for (settings, queue) in kinds {
            let new = NewJob {
                settings,
                ..plant.new_job("every 15 minutes")
            };
            let job = add(services, subscription, new, &BY).await.unwrap();
            plant.bed.clock.advance(TimeDelta::minutes(20));
            tick(&services.dispatcher()).await.unwrap();
            let run = plant.job(&job).await.current_run.unwrap();
            assert_eq!(plant.messages(queue, RUN).await, std::slice::from_ref(&run));
            // Its message was lost.
            plant.bed.clock.advance(TimeDelta::minutes(6));
            tick(&services.dispatcher()).await.unwrap();
            assert_eq!(plant.messages(queue, RUN).await, std::slice::from_ref(&run));
            // Its time ran short.
            plant.work(&run, || Ok(Worked::Continue)).await.unwrap();
            assert_eq!(plant.messages(queue, RUN).await, [run]);
            pause(services, subscription, &job.id, &BY).await.unwrap();
        }
        plant.close().await;
    }
}

#[tokio::test]
async fn a_due_job_runs_once_and_what_was_missed_is_caught_up_once() {
    for plant in plants().await {
        let job = plant.add("every 15 minutes").await;
        assert_eq!(job.next_at, Some(plant.bed.now() + TimeDelta::minutes(15)));
        assert_eq!(
            tick(&plant.services.dispatcher()).await.unwrap(),
            0,
            "it is not due yet"
        );
        // Nothing ran for two days.
        plant.to("2026-03-03T10:07:00Z");
        assert_eq!(tick(&plant.services.dispatcher()).await.unwrap(), 1);
        assert_eq!(
            tick(&plant.services.dispatcher()).await.unwrap(),
            0,
            "it does not overlap with itself"
        );
        let messages = plant.messages(QueueName::Pull, RUN).await;
        assert_eq!(messages.len(), 1);
        let due = plant.job(&job).await;
        assert_eq!(due.current_run.as_ref(), Some(&messages[0]));
        assert!(due.next_at.unwrap() > plant.bed.now());
        plant.bed.clock.advance(TimeDelta::seconds(90));
        plant
            .work(&messages[0], || Ok(Worked::Done(totals(7))))
            .await
            .unwrap();
        // A message that comes again finds the run over.
        plant
            .work(&messages[0], || panic!("it is over"))
            .await
            .unwrap();
        let after = plant.job(&job).await;
        assert_eq!(
            (after.current_run, after.failures, after.last_run.as_ref()),
            (None, 0, Some(&messages[0]))
        );
        let runs = plant.runs(&job).await;
        assert_eq!(
            (runs.len(), runs[0].state, runs[0].row_count),
            (1, JobRunState::Done, 7)
        );
        assert_eq!(runs[0].finished_at, Some(plant.bed.now()));
        assert_eq!(runs[0].counts, totals(7).counts);
        let jobs = plant.services.control.planned_jobs(&job.subscription_id);
        assert_eq!(
            jobs.last_runs(std::slice::from_ref(&job)).await.unwrap(),
            runs
        );
        assert_eq!(
            (
                plant.journal("job.created").await,
                plant.journal("job.done").await
            ),
            (1, 1)
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn many_who_tick_at_once_share_the_due_jobs() {
    for plant in plants().await {
        for _ in 0..30 {
            plant.add("every 1 hour").await;
        }
        plant.bed.clock.advance(TimeDelta::hours(2));
        let dispatcher = plant.services.dispatcher();
        let ticks = futures::future::join_all((0..6).map(|_| tick(&dispatcher))).await;
        let claimed: u64 = ticks.into_iter().map(Result::unwrap).sum();
        assert_eq!(claimed, 30);
        let mut runs = plant.messages(QueueName::Pull, RUN).await;
        runs.sort();
        runs.dedup();
        assert_eq!(runs.len(), 30);
        plant.close().await;
    }
}

#[tokio::test]
async fn a_job_that_keeps_failing_waits_longer_and_its_owners_are_told_once() {
    for plant in plants().await {
        let job = plant.add("every 5 minutes").await;
        let mut waits = Vec::new();
        for round in 1..=4 {
            plant.bed.clock.set(plant.job(&job).await.next_at.unwrap());
            assert_eq!(tick(&plant.services.dispatcher()).await.unwrap(), 1);
            let run = plant.messages(QueueName::Pull, RUN).await.remove(0);
            plant
                .work(&run, || Err(WorkError::hopeless("job.gave-up", json!({}))))
                .await
                .unwrap();
            let after = plant.job(&job).await;
            assert_eq!((after.failures, after.current_run), (round, None));
            waits.push((after.next_at.unwrap() - plant.bed.now()).num_minutes());
            let mails = plant.messages(QueueName::Mail, MAIL_FAILING).await;
            assert_eq!(mails.len(), usize::from(round == 3), "round {round}");
            for run in mails {
                for _ in 0..2 {
                    send_failing_mail(&plant.services, &job.subscription_id, &run)
                        .await
                        .unwrap();
                }
            }
        }
        assert_eq!(waits, [15, 25, 45, 85]);
        let mails: Vec<_> = std::fs::read_dir(plant.folder.path().join("mail"))
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        assert_eq!(mails.len(), 1, "one owner, one mail");
        assert!(
            mails[0].contains("To: ola@example.pl") || mails[0].contains("To: Ola@Example.pl"),
            "{}",
            mails[0]
        );
        assert_eq!(plant.journal("job.failed").await, 4);
        // Once it works again, it runs as it was meant to.
        plant.bed.clock.set(plant.job(&job).await.next_at.unwrap());
        tick(&plant.services.dispatcher()).await.unwrap();
        let run = plant.messages(QueueName::Pull, RUN).await.remove(0);
        plant
            .work(&run, || Ok(Worked::Done(totals(1))))
            .await
            .unwrap();
        let after = plant.job(&job).await;
        assert_eq!(after.failures, 0);
        assert!(after.next_at.unwrap() - plant.bed.now() <= TimeDelta::minutes(5));
        plant.close().await;
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_long_work_goes_on() {
    for plant in plants().await {
        let job = plant.add("").await;
        assert_eq!(job.next_at, None);
        let run = run_now(&plant.services, &job.subscription_id, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        let tries = AtomicUsize::new(0);
        let work = || match tries.fetch_add(1, Ordering::SeqCst) {
            0 | 2 => Err(WorkError::passing(
                "job.warehouse",
                std::io::Error::other("away"),
            )),
            1 | 3 => Ok(Worked::Continue),
            _ => Ok(Worked::Done(totals(3))),
        };
        for attempt in 0..5 {
            let outcome = plant.work(&run, work).await;
            match attempt {
                0 | 2 => assert_eq!(outcome.unwrap_err().disposition(), Disposition::Retry),
                _ => outcome.unwrap(),
            }
        }
        assert_eq!(
            plant.messages(QueueName::Pull, RUN).await,
            vec![run.clone(); 3]
        );
        assert_eq!(plant.runs(&job).await[0].state, JobRunState::Done);
        // What fails again and again is given up.
        let run = run_now(&plant.services, &job.subscription_id, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        let away = || {
            Err(WorkError::passing(
                "job.warehouse",
                std::io::Error::other("away"),
            ))
        };
        let mut tried = 0;
        while plant.work(&run, away).await.is_err() {
            tried += 1;
        }
        assert_eq!(tried, 4);
        let runs = plant.runs(&job).await;
        let last = runs.iter().find(|one| one.id == run).unwrap();
        assert_eq!(
            (last.state, last.failure_code.as_deref()),
            (JobRunState::Failed, Some("job.warehouse"))
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn a_run_is_in_one_pair_of_hands_and_a_lost_one_is_taken_up_again() {
    for plant in plants().await {
        let job = plant.add("").await;
        let subscription = job.subscription_id.clone();
        let run = run_now(&plant.services, &subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        plant.messages(QueueName::Pull, RUN).await;
        run_with(&plant.services, &subscription, &run, async |task| {
            let second = plant.work(&run, || panic!("two at once")).await;
            assert!(matches!(second, Err(PlannerError::Held)));
            let third = run_now(&plant.services, &subscription, &job.id, None, &BY).await;
            assert!(matches!(third, Err(PlannerError::UnderWay)));
            task.lease.keep().await.unwrap();
            // This worker is silent for too long: the run is sent off again and goes to another.
            plant.bed.clock.advance(TimeDelta::minutes(6));
            tick(&plant.services.dispatcher()).await.unwrap();
            assert_eq!(
                plant.messages(QueueName::Pull, RUN).await,
                std::slice::from_ref(&run)
            );
            plant.bed.clock.advance(TimeDelta::minutes(6));
            plant
                .work(&run, || Ok(Worked::Done(totals(5))))
                .await
                .unwrap();
            assert_eq!(
                task.lease.keep().await.unwrap_err().disposition,
                Disposition::Drop
            );
            Ok(Worked::Done(totals(9)))
        })
        .await
        .unwrap();
        assert_eq!(
            plant.runs(&job).await[0].row_count,
            5,
            "only who had the run ended it"
        );
        plant.close().await;
    }
}

#[tokio::test]
async fn jobs_are_paused_resumed_changed_and_removed() {
    for plant in plants().await {
        let job = plant.add("daily at 03:30").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        assert_eq!(job.next_at, Some(utc("2026-03-02T02:30:00Z")));
        let paused = pause(services, subscription, &job.id, &BY).await.unwrap();
        assert_eq!(
            (paused.next_at, paused.paused_at),
            (None, Some(plant.bed.now()))
        );
        let mut new = plant.new_job("weekly on sun at 04:00");
        new.name = "  Weekly ".into();
        let changed = edit(services, subscription, &job.id, new, &BY)
            .await
            .unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.next_at),
            ("Weekly", None),
            "it stays paused"
        );
        plant.to("2026-03-20T10:00:00Z");
        assert_eq!(tick(&services.dispatcher()).await.unwrap(), 0);
        let resumed = resume(services, subscription, &job.id, &BY).await.unwrap();
        assert_eq!(resumed.next_at, Some(utc("2026-03-22T03:00:00Z")));
        let mut other_kind = plant.new_job("");
        other_kind.settings = JobSettings::Retention(RetentionSettings {
            older_than_days: 90,
            tables: Vec::new(),
        });
        assert!(
            edit(services, subscription, &job.id, other_kind, &BY)
                .await
                .is_err()
        );
        let stranger = plant.bed.other_subscription().await.id;
        assert!(matches!(
            remove(services, &stranger, &job.id, &BY).await,
            Err(PlannerError::Control(ControlError::NotFound { .. }))
        ));
        let run = run_now(services, subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        remove(services, subscription, &job.id, &BY).await.unwrap();
        plant
            .work(&run, || panic!("its job is gone"))
            .await
            .unwrap();
        for code in [
            "job.created",
            "job.paused",
            "job.changed",
            "job.resumed",
            "job.asked",
            "job.removed",
        ] {
            assert_eq!(plant.journal(code).await, 1, "{code}");
        }
        plant.close().await;
    }
}

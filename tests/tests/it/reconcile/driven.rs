//! Who works on a comparison, and when nobody does any more.

use std::time::Duration;

use chrono::TimeDelta;
use wynos::{
    control::{Actor, JobKind, JobRunId, JobRunState, PlannedJob, Run, RunId, RunState},
    jobs, planner,
    ports::{Cipher, Envelope, KeyName, KeyRing, MasterKey, QueueName},
    services::Services,
    yclients::{pull, reconcile},
};

use super::{last_days, load, ordered};
use crate::pull::{Bed, on_both, small};

const HIDDEN: Duration = Duration::from_secs(60);

/// The messages that wait for those who compare, taken off the queue.
async fn messages(services: &Services) -> Vec<Envelope> {
    let queue = QueueName::Reconcile;
    let mut found = Vec::new();
    for message in services.queue.receive(queue, 100, HIDDEN).await.unwrap() {
        services.queue.ack(queue, &message.receipt).await.unwrap();
        found.push(message.envelope);
    }
    found
}

/// Works off the messages that have come for those who compare; how many.
async fn work(services: &Services) -> usize {
    let queue = QueueName::Reconcile;
    let come = services.queue.receive(queue, 100, HIDDEN).await.unwrap();
    let count = come.len();
    for message in come {
        let receipt = message.receipt.clone();
        jobs::run(services, queue, message).await.unwrap();
        services.queue.ack(queue, &receipt).await.unwrap();
    }
    count
}

async fn run_of(bed: &Bed, run: &RunId) -> Run {
    let services = bed.services();
    services
        .control
        .runs(&bed.stack.shop)
        .get(run)
        .await
        .unwrap()
}

/// Somebody else has the source until it is given back.
async fn occupy(bed: &Bed, until: TimeDelta) {
    let (control, now) = (bed.services().control, bed.stack.clock.now());
    let mut tx = control.begin().await.unwrap();
    assert!(
        tx.lease_source(&bed.source, "somebody", now + until, now)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}

/// Whoever occupied the source gives it back.
async fn release(bed: &Bed) {
    let mut tx = bed.services().control.begin().await.unwrap();
    tx.release_source(&bed.source, "somebody").await.unwrap();
    tx.commit().await.unwrap();
}

/// The job that compares a month, and a run of it that was asked for.
async fn asked(bed: &Bed) -> (PlannedJob, JobRunId) {
    let services = bed.services();
    let jobs = services.control.planned_jobs(&bed.stack.shop);
    let all = jobs.list(None, 100).await.unwrap().items;
    let mut all = all
        .into_iter()
        .filter(|job| job.kind == JobKind::Reconciliation);
    let job = all.next().unwrap();
    let asked = planner::run_now(&services, &bed.stack.shop, &job.id, None, &Actor::System);
    let run = asked.await.unwrap().id;
    (job, run)
}

on_both! {
    async fn a_comparison_that_cannot_be_done_ends_and_is_not_sent_off_again(bed: Bed, small(60, "")) {
        load(&bed).await;
        let mut services = bed.services();
        let run = reconcile::order(&services, &bed.source, ordered(last_days(&bed, 7))).await.unwrap();
        let message = messages(&services).await.remove(0);
        // The keys of this installation are others.
        let master = MasterKey::new(9, [9; 32]);
        services.keys.fields = Cipher::new(KeyRing::derive(KeyName::Field, &master, &[]));
        let outcome = reconcile::proceed(&services, &bed.source, &run.id, None, None).await;
        assert!(matches!(outcome, Err(pull::PullError::Credential(_))), "{outcome:?}");
        let ended = run_of(&bed, &run.id).await;
        assert_eq!((ended.state, ended.failure_code.as_deref()), (RunState::Failed, Some("pull.credential")));

        // One whose message is put aside ends too, and stays so whoever says it again.
        let second = reconcile::order(&services, &bed.source, ordered(last_days(&bed, 7))).await.unwrap();
        let queued = messages(&services).await.remove(0);
        for envelope in [queued.clone(), queued, message] {
            jobs::give_up(&services, QueueName::Reconcile, envelope).await.unwrap();
        }
        assert_eq!(run_of(&bed, &second.id).await.state, RunState::Failed);
        assert_eq!(run_of(&bed, &run.id).await.failure_code.as_deref(), Some("pull.credential"));
        bed.stack.clock.advance(TimeDelta::minutes(20));
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(messages(&services).await.len(), 0);
        bed.end().await;
    }

    async fn a_comparison_that_finds_its_source_occupied_is_tried_again_soon_and_by_its_message_alone(bed: Bed, small(60, "")) {
        load(&bed).await;
        let services = bed.services();
        let run = reconcile::order(&services, &bed.source, ordered(last_days(&bed, 7))).await.unwrap();
        assert!(!run.waits_for_source());
        occupy(&bed, TimeDelta::days(3)).await;
        for _ in 0..50 {
            assert_eq!(work(&services).await, 1);
            let waits = run_of(&bed, &run.id).await;
            assert!(waits.waits_for_source(), "{waits:?}");
            assert_eq!(waits.failure_code.as_deref(), Some("pull.busy"));
            assert_eq!(work(&services).await, 0, "later");
            bed.stack.clock.advance(TimeDelta::seconds(21));
            pull::queue_due(&services.dispatcher()).await.unwrap();
        }
        // One that comes beside it does not go on beside it.
        let message = messages(&services).await.remove(0);
        for _ in 0..3 {
            services.queue.send(QueueName::Reconcile, message.clone(), Duration::ZERO, None).await.unwrap();
        }
        assert_eq!(work(&services).await, 3);
        bed.stack.clock.advance(TimeDelta::seconds(21));
        release(&bed).await;
        assert_eq!(work(&services).await, 1);
        let ended = run_of(&bed, &run.id).await;
        assert_eq!((ended.state, ended.failure_code), (RunState::Done, None));
        bed.end().await;
    }

    async fn a_comparison_that_has_its_source_itself_is_not_said_to_wait_and_is_not_sent_off_again(bed: Bed, small(60, "")) {
        load(&bed).await;
        let services = bed.services();
        let run = reconcile::order(&services, &bed.source, ordered(last_days(&bed, 7))).await.unwrap();
        let holder = format!("{}:another", run.id);
        let now = bed.stack.clock.now();
        let mut tx = services.control.begin().await.unwrap();
        assert!(tx.lease_source(&bed.source, &holder, now + TimeDelta::hours(2), now).await.unwrap());
        tx.commit().await.unwrap();
        let message = services.queue.receive(QueueName::Reconcile, 1, HIDDEN).await.unwrap().remove(0);
        jobs::run(&services, QueueName::Reconcile, message).await.unwrap_err();
        assert!(!run_of(&bed, &run.id).await.waits_for_source());
        bed.stack.clock.advance(TimeDelta::seconds(30));
        assert_eq!(messages(&services).await.len(), 0, "another message");
        // The same message comes again, and counts its attempts.
        bed.stack.clock.advance(TimeDelta::seconds(31));
        let mut tx = services.control.begin().await.unwrap();
        tx.release_source(&bed.source, &holder).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(work(&services).await, 1);
        assert_eq!(run_of(&bed, &run.id).await.state, RunState::Done);
        bed.end().await;
    }

    async fn a_comparison_waits_for_its_source_for_a_day_and_is_found_by_time_without_a_message(bed: Bed, small(60, "")) {
        load(&bed).await;
        let services = bed.services();
        let run = reconcile::order(&services, &bed.source, ordered(last_days(&bed, 7))).await.unwrap();
        occupy(&bed, TimeDelta::days(3)).await;
        assert_eq!(work(&services).await, 1);
        bed.stack.clock.advance(TimeDelta::minutes(1));
        assert_eq!(messages(&services).await.len(), 1);
        bed.stack.clock.advance(TimeDelta::minutes(16));
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(work(&services).await, 1);
        assert!(run_of(&bed, &run.id).await.waits_for_source());
        bed.stack.clock.advance(TimeDelta::hours(24));
        assert_eq!(work(&services).await, 1);
        let ended = run_of(&bed, &run.id).await;
        assert_eq!((ended.state, ended.failure_code.as_deref()), (RunState::Failed, Some("pull.busy")));
        bed.stack.clock.advance(TimeDelta::minutes(1));
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(work(&services).await, 0);
        bed.end().await;
    }

    async fn a_job_waits_for_its_source_and_alone_works_on_its_comparison(bed: Bed, small(60, "")) {
        load(&bed).await;
        let services = bed.services();
        let (job, run) = asked(&bed).await;
        let comparison: RunId = run.as_str().parse().unwrap();
        messages(&services).await;
        occupy(&bed, TimeDelta::hours(2)).await;
        for _ in 0..9 {
            planner::run(&services, &bed.stack.shop, &run).await.unwrap();
            bed.stack.clock.advance(TimeDelta::minutes(6));
            let come = messages(&services).await;
            assert_eq!(come.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), [planner::RUN]);
        }
        assert_eq!(run_of(&bed, &comparison).await.state, RunState::Waiting);
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(messages(&services).await.len(), 0);
        // The source is free again.
        bed.stack.clock.advance(TimeDelta::hours(2));
        planner::run(&services, &bed.stack.shop, &run).await.unwrap();
        let jobs = services.control.planned_jobs(&bed.stack.shop);
        assert_eq!(jobs.get_run(&run).await.unwrap().state, JobRunState::Done);
        assert_eq!(run_of(&bed, &comparison).await.state, RunState::Done);

        // A job that is removed takes its comparison with it.
        let again = planner::run_now(&services, &bed.stack.shop, &job.id, None, &Actor::System).await.unwrap();
        messages(&services).await;
        occupy(&bed, TimeDelta::minutes(5)).await;
        planner::run(&services, &bed.stack.shop, &again.id).await.unwrap();
        planner::remove(&services, &bed.stack.shop, &job.id, &Actor::System).await.unwrap();
        let comparison: RunId = again.id.as_str().parse().unwrap();
        assert_eq!(run_of(&bed, &comparison).await.state, RunState::Failed);
        bed.stack.clock.advance(TimeDelta::minutes(20));
        // The message that was to go on comes, and finds nothing.
        assert_eq!(messages(&services).await.len(), 1);
        planner::run(&services, &bed.stack.shop, &again.id).await.unwrap();
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(messages(&services).await.len(), 0);
        bed.end().await;
    }

    async fn a_job_leaves_out_days_of_each_list_that_nobody_asked_for(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        let services = bed.services();
        let (from, to) = last_days(&bed, 60);
        let history = pull::Ordered {
            from,
            to,
            tables: vec!["yclients_records".to_owned()],
            actor: Actor::System,
        };
        let history = pull::order(&services, &bed.source, history).await.unwrap();
        let loaded = pull::history(&services, &bed.source, &history.id, None, None).await.unwrap();
        assert_eq!(loaded.state, RunState::Done);
        bed.stack.clock.advance(TimeDelta::minutes(1));
        let jobs = services.control.planned_jobs(&bed.stack.shop);
        let all = jobs.list(None, 100).await.unwrap().items;
        let mut month = all.into_iter().filter(|job| job.settings["period"] == "last 31 days");
        let job = month.next().unwrap();
        let asked = planner::run_now(&services, &bed.stack.shop, &job.id, None, &Actor::System).await.unwrap();
        planner::run(&services, &bed.stack.shop, &asked.id).await.unwrap();
        let run: RunId = asked.id.as_str().parse().unwrap();
        let warehouse = services.warehouses.open(&bed.stack.shop);
        let summary = reconcile::summary(&warehouse, &run).await.unwrap();
        assert_eq!((summary.missing, summary.extra, summary.differing), (0, 0, 0), "{summary:#?}");
        let checked = |table: &str| summary.tables[table].checked;
        assert_eq!(checked("yclients_records"), 31);
        assert_eq!(checked("yclients_finance_transactions"), 2);
        bed.end().await;
    }
}

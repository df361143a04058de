//! Pulls that are broken off.

use std::time::Duration;

use chrono::TimeDelta;
use wynos::{
    control::{Actor, RunState},
    jobs,
    ports::{CallKind, QueueName, Received},
    services::Services,
};
use wynos_tests::{
    faults::{How, Plan},
    stack::{Database, Template},
};

use super::{Bed, on_both, options, small, truth::differences};
use wynos::yclients::pull::{self, Options};

on_both! {
    async fn invariant_01_a_pull_handed_over_after_every_answer_ends_as_one_that_was_not(bed: Bed, small(300, "")) {
        // Each run has time for one answer only.
        let services = bed.services();
        let mut runs = 0;
        let mut run = None;
        loop {
            let at = bed.stack.clock.now() + TimeDelta::seconds(1);
            let clock = bed.stack.clock.clone();
            let watch: pull::Watch = std::sync::Arc::new(move |_, _| clock.advance(TimeDelta::seconds(1)));
            let short = Options { deadline: Some(at), run: run.take(), watch: Some(watch), ..options() };
            let finished = pull::run(&services, &bed.source, short).await.unwrap();
            runs += 1;
            if finished.state == RunState::Done {
                break;
            }
            run = Some(finished.run.clone());
            assert!(runs < 400, "{finished:?}");
        }
        assert!(runs > 15, "{runs}");
        bed.history().await;
        let found = differences(&bed, &["yclients_records", "yclients_clients", "yclients_goods", "yclients_goods_categories"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn an_order_that_waits_long_for_its_source_is_done_all_the_same(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let services = bed.services();
        taken(&services).await;
        let ordered = pull::order_now(&services, &bed.source, Actor::CommandLine).await.unwrap();
        let state = async || services.control.runs(&bed.stack.shop).get(&ordered.id).await.unwrap().state;
        // Its message lies behind those of others for so long that it is asked for again.
        assert_eq!(taken(&services).await.len(), 1);
        bed.stack.clock.advance(TimeDelta::minutes(20));
        pull::queue_due(&services.dispatcher()).await.unwrap();
        assert_eq!(state().await, RunState::Waiting);
        for message in taken(&services).await {
            jobs::run(&services, QueueName::Pull, message).await.unwrap();
        }
        assert_eq!(state().await, RunState::Done);
        bed.end().await;
    }
}

/// What waits for those who pull, taken out of the queue.
async fn taken(services: &Services) -> Vec<Received> {
    let hidden = Duration::from_secs(60);
    let found = services.queue.receive(QueueName::Pull, 100, hidden).await;
    let found = found.unwrap();
    for message in &found {
        let receipt = &message.receipt;
        services.queue.ack(QueueName::Pull, receipt).await.unwrap();
    }
    found
}

/// Of a run's calls that leave the process every so many is failed.
const STRIDE: usize = 9;
/// Lists that a pull brings whole.
const LISTS: [&str; 6] = [
    "yclients_companies",
    "yclients_staff",
    "yclients_services",
    "yclients_clients",
    "yclients_labels",
    "yclients_goods",
];

/// Pulls until it is done, as a system does that starts again after it broke off.
async fn settle(bed: &Bed) {
    for _ in 0..40 {
        let run = async |services| {
            let services = super::with_vendor(services, &bed.sandbox);
            let outcome = pull::run(&services, &bed.source, options()).await;
            Ok::<_, std::convert::Infallible>(outcome)
        };
        let outcome = bed.stack.insist("pulling", run).await;
        if matches!(&outcome, Ok(Ok(finished)) if finished.state == RunState::Done) {
            return;
        }
        // Longer than a lease, and than any table is put off for.
        bed.stack.clock.advance(TimeDelta::minutes(16));
    }
    panic!("no end");
}

async fn fail_calls(database: Database) {
    let template = Template::new(database).await.unwrap();
    template.seal().await;
    let bed = Bed::on(template.copy().await.unwrap(), small(20, "")).await;
    bed.stack.faults.watch(None);
    settle(&bed).await;
    let calls = bed.stack.faults.rest();
    bed.end().await;
    assert!(calls.len() > 50, "{}", calls.len());
    for (number, call) in calls.iter().enumerate().step_by(STRIDE) {
        let how = match (call.kind, number % 3) {
            (CallKind::Read, _) | (_, 0) => How::Before,
            (CallKind::Write, 1) => How::After,
            (CallKind::Write, _) => How::Crash,
        };
        let bed = Bed::on(template.copy().await.unwrap(), small(20, "")).await;
        let plan = Plan {
            call: number as u64 + 1,
            how,
        };
        bed.stack.faults.watch(Some(plan));
        settle(&bed).await;
        bed.stack.faults.rest();
        let found = differences(&bed, &LISTS).await;
        assert!(found.is_empty(), "{plan} ({}): {found:#?}", call.name);
        let wrong: Vec<_> = differences(&bed, &["yclients_records", "yclients_record_services"])
            .await
            .into_iter()
            .filter(|line| !line.ends_with("is missing"))
            .collect();
        assert!(wrong.is_empty(), "{plan} ({}): {wrong:#?}", call.name);
        bed.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_pull_whose_calls_fail_ends_as_one_that_did_not_on_sqlite() {
    fail_calls(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_pull_whose_calls_fail_ends_as_one_that_did_not_on_postgres() {
    fail_calls(Database::Postgres).await;
}

//! Comparisons that are broken off.

use chrono::TimeDelta;
use wynos::{
    control::{RunId, RunState},
    ports::CallKind,
    yclients::reconcile::{self, Finished},
};
use wynos_tests::{
    faults::{How, Plan},
    stack::{Database, Template},
};

use super::{assert_right, found, ids_of, last_days, load, ordered, rows_of};
use crate::pull::{Bed, on_both, small, with_vendor};

const DAYS: i64 = 12;

/// What is wrong with the warehouse.
async fn corrupt(bed: &Bed) {
    let days = last_days(bed, DAYS);
    let records = ids_of(bed, "yclients_records", "datetime", days).await;
    let money = ids_of(bed, "yclients_finance_transactions", "date", days).await;
    let statements = [
        format!(
            "UPDATE @yclients_records SET attendance = 7 WHERE id = {}",
            records[0]
        ),
        format!(
            "DELETE FROM @yclients_finance_transactions WHERE id = {}",
            money[0]
        ),
        format!(
            "UPDATE @yclients_finance_transactions SET id = 999000222 WHERE id = {}",
            money[1]
        ),
        format!(
            "UPDATE @yclients_finance_transactions SET amount = amount + 5 WHERE id = {}",
            money[2]
        ),
    ];
    bed.stack.tamper(&statements).await.unwrap();
}

on_both! {
    async fn invariant_01_a_comparison_handed_over_after_every_window_reads_no_day_twice(bed: Bed, small(300, "")) {
        load(&bed).await;
        corrupt(&bed).await;
        let services = bed.services();
        let days = last_days(&bed, DAYS);
        let run = reconcile::begin(&services, &bed.source, ordered(days), RunId::random()).await.unwrap();
        let mut steps = Vec::new();
        for _ in 0..100 {
            let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            let (kept, clock) = (told.clone(), bed.stack.clock.clone());
            let watch: reconcile::Watch = std::sync::Arc::new(move |step| {
                kept.lock().unwrap().push(step.clone());
                clock.advance(TimeDelta::seconds(2));
            });
            let deadline = Some(bed.stack.clock.now() + TimeDelta::seconds(1));
            let done = reconcile::proceed(&services, &bed.source, &run.id, deadline, Some(watch)).await.unwrap();
            steps.extend(told.lock().unwrap().drain(..));
            if done.state != RunState::Running {
                assert_eq!(done.state, RunState::Done);
                break;
            }
        }
        let windows: std::collections::BTreeSet<_> = steps.iter().map(|step| (step.table, step.from)).collect();
        assert_eq!((windows.len(), steps.len()), (6, 6), "{steps:#?}");
        assert_right(&bed).await;
        assert_eq!(rows_of(&found(&bed, &run.id).await).len(), 5);
        bed.end().await;
    }
}

/// Of a run's calls that leave the process every so many is failed.
const STRIDE: usize = 5;

/// Compares until it is done, as a system does that starts again after it broke off.
async fn settle(bed: &Bed, run: &RunId) -> Finished {
    for _ in 0..40 {
        let attempt = async |services| {
            let services = with_vendor(services, &bed.sandbox);
            let outcome = reconcile::proceed(&services, &bed.source, run, None, None).await;
            Ok::<_, std::convert::Infallible>(outcome)
        };
        let outcome = bed.stack.insist("comparing", attempt).await;
        match outcome {
            Ok(Ok(finished)) if finished.state != RunState::Running => return finished,
            // Longer than a lease.
            _ => bed.stack.clock.advance(TimeDelta::minutes(16)),
        }
    }
    panic!("no end");
}

async fn fail_calls(database: Database) {
    let template = Template::new(database).await.unwrap();
    template.seal().await;
    let mut expected = None;
    let mut calls = None;
    let mut number = 0;
    loop {
        let bed = Bed::on(template.copy().await.unwrap(), small(60, "")).await;
        load(&bed).await;
        corrupt(&bed).await;
        let days = last_days(&bed, DAYS);
        let services = bed.services();
        let run = reconcile::begin(&services, &bed.source, ordered(days), RunId::random())
            .await
            .unwrap();
        let plan = calls
            .as_ref()
            .map(|calls: &Vec<wynos_tests::faults::Call>| {
                let call = &calls[number];
                let how = match (call.kind, number % 3) {
                    (CallKind::Read, _) | (_, 0) => How::Before,
                    (CallKind::Write, 1) => How::After,
                    (CallKind::Write, _) => How::Crash,
                };
                Plan {
                    call: number as u64 + 1,
                    how,
                }
            });
        bed.stack.faults.watch(plan);
        let done = settle(&bed, &run.id).await;
        let made = bed.stack.faults.rest();
        assert_eq!(done.state, RunState::Done, "{plan:?}");
        let told: Vec<_> = found(&bed, &run.id)
            .await
            .into_iter()
            .map(|one| {
                (
                    one.table, one.day, one.key, one.kind, one.field, one.held, one.vendor,
                )
            })
            .collect();
        let ended = services.control.runs(&bed.stack.shop).get(&run.id).await;
        let rows = ended.unwrap().rows;
        assert!(rows > 0, "{plan:?}");
        let outcome = (told, done.summary.clone(), rows);
        match &expected {
            None => expected = Some(outcome),
            Some(expected) => assert_eq!(
                &outcome,
                expected,
                "{plan:?} {}",
                calls.as_ref().unwrap()[number].name
            ),
        }
        assert_right(&bed).await;
        bed.end().await;
        if let Some(calls) = &calls {
            number += STRIDE;
            if number >= calls.len() {
                return;
            }
        } else {
            assert!(made.len() > 20, "{}", made.len());
            calls = Some(made);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_comparison_whose_calls_fail_ends_as_one_that_did_not_on_sqlite() {
    fail_calls(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_01_a_comparison_whose_calls_fail_ends_as_one_that_did_not_on_postgres() {
    fail_calls(Database::Postgres).await;
}

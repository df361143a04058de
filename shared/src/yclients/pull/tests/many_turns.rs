//! What a pull of many turns comes to: it reads what is due again, and ends when nobody goes on with it.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    super::{on_message, run},
    options,
    turns::{handed_over, pulls, quiet, state, taken, work},
};
use crate::{
    control::{
        Progress, RunState,
        testing::{beds, sqlite_bed},
    },
    jobs,
    ports::QueueName,
    yclients::{connect::tests::place, pull::messages::PullMessage, streams::streams},
};

#[tokio::test]
async fn what_a_pull_has_read_is_read_again_by_a_later_turn_once_it_is_due_again() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let first = handed_over(&place, &source).await;
        let read: Vec<&str> = streams().iter().map(|stream| stream.table).collect();
        let progress = Progress {
            checkpoint: Some(json!({ "turn": 1, "read": read })),
            ..Progress::default()
        };
        let mut tx = place.services.control.begin().await.unwrap();
        let mut runs = tx.runs(&source.subscription_id);
        let now = place.bed.now();
        runs.progressed(&first, &progress, now).await.unwrap();
        tx.commit().await.unwrap();
        for message in taken(&place).await {
            work(&place, message).await;
        }
        let seen = place.server.seen();
        let records = seen
            .iter()
            .any(|seen| seen.uri.path().contains("/records/"));
        assert!(records, "they are due, whatever was read before");
        assert_eq!(state(&place, &first).await, RunState::Done);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_pull_whose_message_is_put_aside_is_over_and_others_are_begun() {
    let place = place(sqlite_bed().await).await;
    let source = quiet(&place).await;
    let first = handed_over(&place, &source).await;
    let message = taken(&place).await.remove(0);
    let given_up = jobs::give_up(&place.services, QueueName::Pull, message.envelope);
    given_up.await.unwrap();
    assert_eq!(state(&place, &first).await, RunState::Failed);
    let next = run(&place.services, &source.id, options(&[])).await;
    assert_eq!(next.unwrap().state, RunState::Done);
    assert_eq!(pulls(&place, &source).await.len(), 2);
}

#[tokio::test]
async fn a_pull_that_is_in_hand_is_not_over_because_another_message_of_it_waits() {
    let place = place(sqlite_bed().await).await;
    let source = quiet(&place).await;
    let first = handed_over(&place, &source).await;
    taken(&place).await;
    // Somebody has worked on it for longer than anybody waits for a source.
    place.bed.clock.advance(TimeDelta::hours(30));
    let now = place.bed.now();
    let again = async |holder: &str, state_then: RunState| {
        let mut tx = place.services.control.begin().await.unwrap();
        let until = now + TimeDelta::minutes(10);
        let held = tx.lease_source(&source.id, holder, until, now).await;
        assert!(held.unwrap());
        tx.commit().await.unwrap();
        let message = PullMessage {
            id: Some("8".to_owned()),
            ..PullMessage::of(source.id.clone(), first.clone(), 1)
        };
        on_message(&place.services, message).await.unwrap();
        assert_eq!(state(&place, &first).await, state_then, "{holder}");
        let mut tx = place.services.control.begin().await.unwrap();
        tx.release_source(&source.id, holder).await.unwrap();
        tx.commit().await.unwrap();
    };
    again(&format!("{first}:7"), RunState::Running).await;
    again("another", RunState::Failed).await;
}

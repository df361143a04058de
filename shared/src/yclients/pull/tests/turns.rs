//! Messages of one run: however many there are, it goes on by one.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    super::{Options, Ordered, due::request, history, on_history, order, queue_due, run},
    options,
};
use crate::{
    SubscriptionId,
    control::{
        Actor, NewRun, Progress, Run, RunId, RunKind, RunState, Source,
        testing::{beds, sqlite_bed},
    },
    jobs,
    ports::{Envelope, QueueName, Received},
    yclients::{
        client::tests::fine,
        connect::tests::{Place, connected, place},
        pull::messages::{self, PullMessage},
    },
};

/// What waits for those who pull, taken out of the queue.
pub(super) async fn taken(place: &Place) -> Vec<Received> {
    let queue = &place.services.queue;
    let hidden = Duration::from_secs(60);
    let found = queue.receive(QueueName::Pull, 100, hidden).await.unwrap();
    for message in &found {
        let receipt = &message.receipt;
        queue.ack(QueueName::Pull, receipt).await.unwrap();
    }
    found
}

/// Which turns of a run these messages ask for.
fn turns(messages: &[Received], run: &RunId) -> Vec<Value> {
    let of_run = |message: &&Received| message.envelope.body["run"] == json!(run);
    let of_run = messages.iter().filter(of_run);
    of_run
        .map(|message| message.envelope.body["turn"].clone())
        .collect()
}

pub(super) async fn work(place: &Place, message: Received) {
    let work = Box::pin(jobs::run(&place.services, QueueName::Pull, message));
    work.await.unwrap();
}

pub(super) async fn state(place: &Place, run: &RunId) -> RunState {
    let runs = place.services.control.runs(&place.bed.subscription.id);
    runs.get(run).await.unwrap().state
}

/// The pulls of a source, the newest first.
pub(super) async fn pulls(place: &Place, source: &Source) -> Vec<Run> {
    let runs = place.services.control.runs(&source.subscription_id);
    let kind = Some(RunKind::Pull);
    let listed = runs.list(Some(&source.id), kind, None, 20).await;
    listed.unwrap().items
}

/// A connected source whose first message is taken out of the queue, and a vendor that has nothing.
pub(super) async fn quiet(place: &Place) -> Source {
    let source = connected(place).await;
    assert_eq!(taken(place).await.len(), 1);
    place.server.answers([fine(&json!([]))]);
    source
}

/// A pull of what is due that has no time for any answer, and hands over.
pub(super) async fn handed_over(place: &Place, source: &Source) -> RunId {
    let late = Options {
        deadline: Some(place.bed.now()),
        ..options(&[])
    };
    let first = run(&place.services, &source.id, late).await.unwrap();
    assert_eq!(first.state, RunState::Running);
    first.run
}

async fn ordered(place: &Place, source: &Source) -> RunId {
    let today = place.bed.now().date_naive();
    let days = Ordered {
        from: today - TimeDelta::days(10),
        to: today,
        tables: Vec::new(),
        actor: Actor::CommandLine,
    };
    order(&place.services, &source.id, days).await.unwrap().id
}

#[tokio::test]
async fn a_pull_that_waits_for_its_next_turn_is_not_begun_a_second_time() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let first = handed_over(&place, &source).await;
        let mut waiting = taken(&place).await;
        assert_eq!(turns(&waiting, &first), [json!(1)]);
        // Others have their turns before it. The tables are due all the while, and somebody asks for them too.
        for _ in 0..5 {
            place.bed.clock.advance(TimeDelta::minutes(5));
            queue_due(&place.services.dispatcher()).await.unwrap();
            let asked = taken(&place).await;
            assert_eq!(turns(&asked, &first).len(), asked.len(), "{asked:?}");
            waiting.extend(asked);
            let also = run(&place.services, &source.id, options(&[])).await;
            assert_eq!(also.unwrap().state, RunState::Done);
            assert_eq!(place.server.seen().len(), 0);
            assert_eq!(state(&place, &first).await, RunState::Running);
        }
        assert_eq!(turns(&waiting, &first), [json!(1), json!(1)], "once again");
        for message in waiting {
            work(&place, message).await;
            assert_eq!(state(&place, &first).await, RunState::Done);
        }
        assert_eq!(pulls(&place, &source).await.len(), 1);
        assert_eq!(taken(&place).await, []);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_pull_that_waits_as_long_as_the_vendor_asked_is_left_to_wait() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let first = handed_over(&place, &source).await;
        taken(&place).await;
        let at = place.bed.now() + TimeDelta::minutes(55);
        let progress = Progress {
            checkpoint: Some(json!({ "turn": 2, "goes_on_at": at })),
            ..Progress::default()
        };
        let mut tx = place.services.control.begin().await.unwrap();
        let mut runs = tx.runs(&source.subscription_id);
        runs.progressed(&first, &progress, place.bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        place.bed.clock.advance(TimeDelta::minutes(50));
        queue_due(&place.services.dispatcher()).await.unwrap();
        for message in taken(&place).await {
            assert_eq!(message.envelope.body["run"], Value::Null);
            work(&place, message).await;
        }
        assert_eq!(place.server.seen().len(), 0);
        assert_eq!(pulls(&place, &source).await.len(), 1);
        assert_eq!(state(&place, &first).await, RunState::Running);
        // Its message was lost: it is asked for, and goes on.
        place.bed.clock.advance(TimeDelta::minutes(10));
        queue_due(&place.services.dispatcher()).await.unwrap();
        let asked = taken(&place).await;
        assert_eq!(turns(&asked, &first), [json!(2)]);
        for message in asked {
            work(&place, message).await;
        }
        assert_eq!(state(&place, &first).await, RunState::Done);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn a_pull_that_was_killed_is_over_and_one_that_is_not_heard_of_keeps_nobody_waiting() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let (id, now) = (&source.subscription_id, place.bed.now());
        let new = NewRun {
            kind: RunKind::Pull,
            tables: Vec::new(),
            period: None,
            windows_total: 0,
            created_by: Actor::System,
        };
        let mut tx = place.services.control.begin().await.unwrap();
        let killed = tx.runs(id).create(&source.id, &new, now).await.unwrap();
        tx.runs(id).started(&killed.id, now).await.unwrap();
        tx.commit().await.unwrap();
        // Its lease is over: the source is due, and read.
        place.bed.clock.advance(TimeDelta::minutes(11));
        assert_eq!(queue_due(&place.services.dispatcher()).await.unwrap(), 1);
        taken(&place).await;
        let lost = handed_over(&place, &source).await;
        taken(&place).await;
        place.bed.clock.advance(TimeDelta::minutes(5));
        queue_due(&place.services.dispatcher()).await.unwrap();
        assert_eq!(state(&place, &killed.id).await, RunState::Failed);
        // The continuation of the second is lost, and so is what asks for it again.
        for (minutes, is_due) in [(20, false), (6, true)] {
            place.bed.clock.advance(TimeDelta::minutes(minutes));
            let due = place.services.control.housekeeping();
            let due = due.sources_due(place.bed.now(), 9).await.unwrap();
            assert_eq!(!due.is_empty(), is_due, "{minutes}");
        }
        let next = run(&place.services, &source.id, options(&[]))
            .await
            .unwrap();
        let runs = pulls(&place, &source).await;
        assert_eq!((runs.len(), &runs[0].id), (3, &next.run));
        // The lost one is asked for all the same, for a day.
        queue_due(&place.services.dispatcher()).await.unwrap();
        assert_eq!(turns(&taken(&place).await, &lost), [json!(1)]);
        place.bed.clock.advance(TimeDelta::hours(25));
        queue_due(&place.services.dispatcher()).await.unwrap();
        assert_eq!(state(&place, &lost).await, RunState::Failed);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn of_several_messages_of_one_turn_one_is_worked_on() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let id = ordered(&place, &source).await;
        let first = taken(&place).await;
        assert_eq!(turns(&first, &id), [json!(0)]);
        let now = place.bed.now();
        let turn = history(&place.services, &source.id, &id, Some(now), None).await;
        assert_eq!(turn.unwrap().state, RunState::Running);
        // The message of the first turn comes again, and again: that turn is over.
        for _ in 0..2 {
            for message in first.clone() {
                work(&place, message).await;
            }
        }
        assert_eq!(place.server.seen().len(), 0);
        let second = taken(&place).await;
        assert_eq!(turns(&second, &id), [json!(1)]);
        assert_eq!(state(&place, &id).await, RunState::Running);
        for message in second {
            work(&place, message).await;
        }
        assert_eq!(state(&place, &id).await, RunState::Done);
        assert!(!place.server.seen().is_empty());
        place.bed.close().await;
    }
}

#[tokio::test]
async fn whoever_was_killed_before_asking_for_the_next_turn_asks_for_it_when_its_message_comes_again()
 {
    let place = place(sqlite_bed().await).await;
    let source = quiet(&place).await;
    let id = ordered(&place, &source).await;
    taken(&place).await;
    let progress = Progress {
        checkpoint: Some(json!({ "turn": 3 })),
        ..Progress::default()
    };
    let mut tx = place.services.control.begin().await.unwrap();
    let mut runs = tx.runs(&source.subscription_id);
    runs.progressed(&id, &progress, place.bed.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (turn, asks) in [(1, 0), (2, 1), (2, 0)] {
        let message = PullMessage::of(source.id.clone(), id.clone(), turn);
        on_history(&place.services, message).await.unwrap();
        assert_eq!(turns(&taken(&place).await, &id), vec![json!(3); asks]);
    }
    assert_eq!(place.server.seen().len(), 0);
}

#[tokio::test]
async fn a_message_of_an_earlier_version_is_for_whichever_turn_its_run_is_at() {
    let place = place(sqlite_bed().await).await;
    let source = quiet(&place).await;
    let id = ordered(&place, &source).await;
    let mut message = taken(&place).await.remove(0);
    let now = place.bed.now();
    history(&place.services, &source.id, &id, Some(now), None)
        .await
        .unwrap();
    taken(&place).await;
    message.envelope.body = json!({ "source": source.id, "run": id });
    work(&place, message).await;
    assert_eq!(state(&place, &id).await, RunState::Done);
}

#[tokio::test]
async fn two_messages_of_one_run_never_have_the_source_together() {
    for bed in beds().await {
        let place = place(bed).await;
        let source = quiet(&place).await;
        let id = ordered(&place, &source).await;
        let now = place.bed.now();
        // Somebody works on it by the message 7, and is killed.
        let mut tx = place.services.control.begin().await.unwrap();
        let (holder, until) = (format!("{id}:7"), now + TimeDelta::minutes(10));
        let held = tx.lease_source(&source.id, &holder, until, now).await;
        assert!(held.unwrap());
        tx.commit().await.unwrap();
        taken(&place).await;
        let by = async |message: &str| {
            let message = PullMessage {
                id: Some(message.to_owned()),
                ..PullMessage::of(source.id.clone(), id.clone(), 0)
            };
            on_history(&place.services, message).await.unwrap();
        };
        by("8").await;
        assert_eq!(place.server.seen().len(), 0);
        assert_eq!(taken(&place).await, [], "later");
        place.bed.clock.advance(TimeDelta::seconds(30));
        assert_eq!(turns(&taken(&place).await, &id), [json!(0)]);
        // The message 7 comes again, and goes on at once.
        by("7").await;
        assert_eq!(state(&place, &id).await, RunState::Done);
        let kept = place.services.control.source(&source.id).await.unwrap();
        assert_eq!(kept.lease_holder, None);
        place.bed.close().await;
    }
}

#[tokio::test]
async fn what_is_asked_for_ahead_goes_ahead_of_what_was_queued_of_the_same_source() {
    let place = place(sqlite_bed().await).await;
    let source = quiet(&place).await;
    place.bed.clock.advance(TimeDelta::minutes(6));
    let stranger = SubscriptionId::random();
    let of_another = Envelope {
        version: messages::VERSION,
        kind: messages::PULL.to_owned(),
        subscription: stranger.clone(),
        body: json!({ "source": format!("{stranger}-a1b2c3d4") }),
    };
    let queue = &place.services.queue;
    let sent = queue.send(QueueName::Pull, of_another, Duration::ZERO, None);
    sent.await.unwrap();
    let dispatcher = place.services.dispatcher();
    assert_eq!(queue_due(&dispatcher).await.unwrap(), 1);
    for _ in 0..2 {
        request(&dispatcher, source.id.clone()).await.unwrap();
    }
    let mut came = Vec::new();
    loop {
        let hidden = Duration::from_secs(60);
        let one = queue.receive(QueueName::Pull, 1, hidden).await.unwrap();
        let Some(one) = one.into_iter().next() else {
            break;
        };
        came.push(one.envelope.subscription);
    }
    let own = &source.subscription_id;
    assert_eq!(came, [own, &stranger, own].map(Clone::clone));
}

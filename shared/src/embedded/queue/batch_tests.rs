use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::*;

const SOON: Duration = Duration::from_secs(30);

fn bed() -> (tempfile::TempDir, SqliteQueue, Clock) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    let queue = SqliteQueue::open(&directory.path().join("queue.sqlite"), clock.clone()).unwrap();
    (directory, queue, clock)
}

fn envelopes(count: usize) -> Vec<Envelope> {
    let envelope = |number| Envelope {
        version: 1,
        kind: "webhook.event".into(),
        subscription: "shopone1".parse().unwrap(),
        body: json!(number),
    };
    (0..count).map(envelope).collect()
}

#[tokio::test]
async fn many_are_accepted_received_extended_and_acked_at_once() {
    let (_directory, queue, clock) = bed();
    queue
        .send_batch(QueueName::Ingest, Vec::new())
        .await
        .unwrap();
    queue
        .send_batch(QueueName::Ingest, envelopes(700))
        .await
        .unwrap();
    let received = queue.receive(QueueName::Ingest, 1_000, SOON).await.unwrap();
    let bodies: Vec<_> = received
        .iter()
        .map(|message| &message.envelope.body)
        .collect();
    assert!(
        bodies
            .iter()
            .enumerate()
            .all(|(number, body)| **body == json!(number))
    );
    let receipts: Vec<_> = received
        .into_iter()
        .map(|message| message.receipt)
        .collect();
    clock.advance(TimeDelta::seconds(20));
    queue
        .extend_batch(QueueName::Ingest, receipts.clone(), SOON)
        .await
        .unwrap();
    clock.advance(TimeDelta::seconds(20));
    let others = queue.receive(QueueName::Ingest, 1_000, SOON).await.unwrap();
    assert_eq!(others, [], "still in our hands");
    queue
        .ack_batch(QueueName::Ingest, receipts[..600].to_vec())
        .await
        .unwrap();
    // Those that were acked are passed over, the rest goes.
    queue.ack_batch(QueueName::Ingest, receipts).await.unwrap();
    clock.advance(TimeDelta::days(1));
    assert_eq!(
        queue.receive(QueueName::Ingest, 1_000, SOON).await.unwrap(),
        []
    );
}

#[tokio::test]
async fn a_batch_with_one_that_is_too_large_is_refused_whole() {
    let (_directory, queue, _clock) = bed();
    let mut batch = envelopes(3);
    batch[1].body = json!("x".repeat(MAX_MESSAGE));
    let refused = queue
        .send_batch(QueueName::Ingest, batch)
        .await
        .unwrap_err();
    assert!(matches!(refused, QueueError::TooLarge { .. }));
    assert_eq!(
        queue.receive(QueueName::Ingest, 10, SOON).await.unwrap(),
        []
    );
}

#[tokio::test]
async fn a_delivery_that_is_over_is_passed_over_and_its_message_stays() {
    let (_directory, queue, clock) = bed();
    queue
        .send_batch(QueueName::Ingest, envelopes(2))
        .await
        .unwrap();
    let first = queue
        .receive(QueueName::Ingest, 1, SOON)
        .await
        .unwrap()
        .remove(0);
    clock.advance(TimeDelta::seconds(31));
    let second = queue.receive(QueueName::Ingest, 10, SOON).await.unwrap();
    assert_eq!(second.len(), 2);
    queue
        .ack_batch(QueueName::Ingest, vec![first.receipt])
        .await
        .unwrap();
    clock.advance(TimeDelta::seconds(31));
    assert_eq!(
        queue
            .receive(QueueName::Ingest, 10, SOON)
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn what_a_process_had_in_hand_when_it_ended_comes_again_at_once() {
    let (directory, queue, clock) = bed();
    let name = QueueName::Ingest;
    queue.send_batch(name, envelopes(1)).await.unwrap();
    let taken = queue.receive(name, 10, SOON).await.unwrap().remove(0);
    let file = directory.path().join("queue.sqlite");
    let next = SqliteQueue::open(&file, clock).unwrap();
    let later = next.send(name, envelopes(1).remove(0), SOON, None);
    later.await.unwrap();
    next.hand_back().await.unwrap();
    let again = next.receive(name, 10, SOON).await.unwrap();
    assert_eq!(again.len(), 1, "what is delayed stays so");
    assert_eq!((again[0].attempt, &again[0].id), (2, &taken.id));
    assert!(next.ack(name, &taken.receipt).await.is_err());
    next.ack(name, &again[0].receipt).await.unwrap();
}

#[tokio::test]
async fn what_is_sent_ahead_passes_what_came_lately_and_not_what_waits_long() {
    let (_directory, queue, clock) = bed();
    let name = QueueName::Pull;
    let mut all = envelopes(5);
    let mut numbered = || all.remove(0);
    queue.send_batch(name, vec![numbered()]).await.unwrap();
    clock.advance(TimeDelta::minutes(9));
    queue.send_batch(name, vec![numbered()]).await.unwrap();
    clock.advance(TimeDelta::minutes(2));
    for key in ["a", "b", "b"] {
        let ahead = queue.send_ahead(name, numbered(), Some(key.to_owned()));
        ahead.await.unwrap();
    }
    for number in [0, 2, 3, 1] {
        let next = queue.receive(name, 1, SOON).await.unwrap().remove(0);
        assert_eq!(next.envelope.body, json!(number));
    }
    let none = queue.receive(name, 1, SOON).await.unwrap();
    assert_eq!(none, [], "the same is sent once");
}

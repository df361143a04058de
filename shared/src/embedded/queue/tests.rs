use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::ports::Disposition;

const SOON: Duration = Duration::from_secs(30);

fn envelope(number: i64) -> Envelope {
    Envelope {
        version: 1,
        kind: "export.build".into(),
        subscription: "shopone1".parse().unwrap(),
        body: json!({ "delivery": number }),
    }
}

fn bed() -> (tempfile::TempDir, SqliteQueue, Clock) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    let queue = SqliteQueue::open(&directory.path().join("queue.sqlite"), clock.clone()).unwrap();
    (directory, queue, clock)
}

async fn send(queue: &SqliteQueue, number: i64) {
    queue
        .send(QueueName::Export, envelope(number), Duration::ZERO, None)
        .await
        .unwrap();
}

async fn take(queue: &SqliteQueue) -> Vec<Received> {
    queue.receive(QueueName::Export, 10, SOON).await.unwrap()
}

#[tokio::test]
async fn a_message_comes_again_until_it_is_acked() {
    let (_directory, queue, clock) = bed();
    send(&queue, 1).await;
    assert_eq!(queue.receive(QueueName::Mail, 10, SOON).await.unwrap(), []);
    let first = take(&queue).await.remove(0);
    assert_eq!((first.attempt, &first.envelope), (1, &envelope(1)));
    assert_eq!(take(&queue).await, [], "hidden");
    clock.advance(TimeDelta::seconds(30));
    let stale = queue
        .ack(QueueName::Export, &first.receipt)
        .await
        .unwrap_err();
    assert_eq!(
        stale.disposition(),
        Disposition::Drop,
        "timed out, though in nobody's hands yet"
    );
    let second = take(&queue).await.remove(0);
    assert_eq!((second.attempt, &second.id), (2, &first.id));
    assert!(queue.ack(QueueName::Export, &first.receipt).await.is_err());
    assert!(
        queue
            .release(QueueName::Export, &first.receipt, SOON)
            .await
            .is_err()
    );
    queue.ack(QueueName::Export, &second.receipt).await.unwrap();
    clock.advance(TimeDelta::days(1));
    assert_eq!(take(&queue).await, []);
}

#[tokio::test]
async fn a_delivery_can_be_extended_and_released() {
    let (_directory, queue, clock) = bed();
    send(&queue, 1).await;
    let first = take(&queue).await.remove(0);
    clock.advance(TimeDelta::seconds(20));
    queue
        .extend(QueueName::Export, &first.receipt, SOON)
        .await
        .unwrap();
    clock.advance(TimeDelta::seconds(20));
    assert_eq!(take(&queue).await, []);
    queue
        .release(QueueName::Export, &first.receipt, Duration::from_secs(5))
        .await
        .unwrap();
    assert!(
        queue.ack(QueueName::Export, &first.receipt).await.is_err(),
        "it was given back"
    );
    assert_eq!(take(&queue).await, []);
    clock.advance(TimeDelta::seconds(5));
    assert_eq!(take(&queue).await.remove(0).attempt, 2);
}

#[tokio::test]
async fn a_delayed_message_waits_and_a_repeated_one_is_dropped() {
    let (_directory, queue, clock) = bed();
    for _ in 0..3 {
        queue
            .send(QueueName::Export, envelope(1), SOON, Some("k".into()))
            .await
            .unwrap();
    }
    queue
        .send(
            QueueName::Mail,
            envelope(2),
            Duration::ZERO,
            Some("k".into()),
        )
        .await
        .unwrap();
    assert_eq!(take(&queue).await, []);
    clock.advance(TimeDelta::seconds(30));
    let received = take(&queue).await;
    assert_eq!(received.len(), 1);
    queue
        .ack(QueueName::Export, &received[0].receipt)
        .await
        .unwrap();
    queue
        .send(
            QueueName::Export,
            envelope(1),
            Duration::ZERO,
            Some("k".into()),
        )
        .await
        .unwrap();
    assert_eq!(take(&queue).await, [], "remembered after it was done, too");
    assert_eq!(
        queue
            .receive(QueueName::Mail, 10, SOON)
            .await
            .unwrap()
            .len(),
        1,
        "each queue has its own keys"
    );
    clock.advance(TimeDelta::hours(25));
    queue
        .send(
            QueueName::Export,
            envelope(1),
            Duration::ZERO,
            Some("k".into()),
        )
        .await
        .unwrap();
    assert_eq!(take(&queue).await.len(), 1);
}

#[tokio::test]
async fn parked_messages_are_listed_by_page_and_replayed_by_their_subscription() {
    let (_directory, queue, _clock) = bed();
    for number in 0..5 {
        send(&queue, number).await;
    }
    for received in take(&queue).await {
        let reason = format!("zepsuty {}", received.id);
        queue
            .park(QueueName::Export, &received.receipt, reason)
            .await
            .unwrap();
        assert!(
            queue
                .ack(QueueName::Export, &received.receipt)
                .await
                .is_err(),
            "parked is settled"
        );
    }
    let ours: SubscriptionId = "shopone1".parse().unwrap();
    let theirs: SubscriptionId = "shoptwo2".parse().unwrap();
    let mut page = ParkedPage {
        subscription: Some(ours.clone()),
        after: None,
        limit: 3,
    };
    let first = queue.parked(QueueName::Export, page.clone()).await.unwrap();
    page.after = Some(first[2].id.clone());
    let second = queue.parked(QueueName::Export, page.clone()).await.unwrap();
    assert_eq!((first.len(), second.len()), (3, 2));
    assert_eq!(
        (first[0].attempt, first[0].reason.as_str()),
        (1, "zepsuty 1")
    );
    let others = ParkedPage {
        subscription: Some(theirs.clone()),
        after: None,
        limit: 3,
    };
    assert_eq!(queue.parked(QueueName::Export, others).await.unwrap(), []);
    assert!(
        !queue
            .replay(QueueName::Export, &theirs, &first[0].id)
            .await
            .unwrap()
    );
    assert!(!queue.replay(QueueName::Export, &ours, "x").await.unwrap());
    assert!(
        queue
            .replay(QueueName::Export, &ours, &first[0].id)
            .await
            .unwrap()
    );
    assert!(
        !queue
            .replay(QueueName::Export, &ours, &first[0].id)
            .await
            .unwrap()
    );
    let again = take(&queue).await.remove(0);
    assert_eq!((again.attempt, again.id.clone()), (1, first[0].id.clone()));
    assert_ne!(
        again.receipt,
        Receipt("1.1".into()),
        "an old receipt is worthless"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_never_hold_the_same_message() {
    let (_directory, queue, _clock) = bed();
    let mut sends = tokio::task::JoinSet::new();
    for number in 0..500 {
        let queue = queue.clone();
        sends.spawn(async move { send(&queue, number).await });
    }
    sends.join_all().await;
    let seen = Arc::new(std::sync::Mutex::new(HashSet::new()));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (queue, seen) = (queue.clone(), seen.clone());
        workers.spawn(async move {
            loop {
                let received = queue.receive(QueueName::Export, 7, SOON).await.unwrap();
                if received.is_empty() {
                    break;
                }
                for message in received {
                    assert!(seen.lock().unwrap().insert(message.id), "in two hands");
                    queue
                        .ack(QueueName::Export, &message.receipt)
                        .await
                        .unwrap();
                }
            }
        });
    }
    workers.join_all().await;
    assert_eq!(seen.lock().unwrap().len(), 500);
}

#[tokio::test]
async fn what_was_accepted_is_there_after_reopening() {
    let (directory, queue, clock) = bed();
    send(&queue, 1).await;
    send(&queue, 2).await;
    let held = take(&queue).await;
    queue
        .ack(QueueName::Export, &held[0].receipt)
        .await
        .unwrap();
    drop(queue);
    let reopened =
        SqliteQueue::open(&directory.path().join("queue.sqlite"), clock.clone()).unwrap();
    assert_eq!(
        take(&reopened).await,
        [],
        "still in the hands of whoever held it"
    );
    clock.advance(TimeDelta::seconds(30));
    let again = take(&reopened).await;
    assert_eq!(
        (again.len(), again[0].attempt, &again[0].envelope),
        (1, 2, &envelope(2))
    );
}

#[tokio::test]
async fn a_copy_of_the_files_holds_every_accepted_message() {
    let (directory, queue, clock) = bed();
    let sends = (0..100)
        .map(|number| queue.send(QueueName::Export, envelope(number), Duration::ZERO, None));
    futures::future::try_join_all(sends).await.unwrap();
    // The files as they are at this moment, with nothing closed: what a machine finds after its power came back.
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    let found = SqliteQueue::open(&copy.path().join("queue.sqlite"), clock).unwrap();
    assert_eq!(
        found
            .receive(QueueName::Export, 1_000, SOON)
            .await
            .unwrap()
            .len(),
        100
    );
}

#[tokio::test]
async fn an_unreadable_message_is_parked_and_its_neighbours_come() {
    let (directory, queue, _clock) = bed();
    send(&queue, 1).await;
    send(&queue, 2).await;
    let side = rusqlite::Connection::open(directory.path().join("queue.sqlite")).unwrap();
    side.execute("UPDATE messages SET body = '{' WHERE id = 1", [])
        .unwrap();
    let received = take(&queue).await;
    assert_eq!((received.len(), received[0].id.as_str()), (1, "2"));
    let page = ParkedPage {
        subscription: None,
        after: None,
        limit: 10,
    };
    let parked = queue.parked(QueueName::Export, page).await.unwrap();
    assert_eq!(
        (parked.len(), parked[0].envelope.kind.as_str()),
        (1, "unreadable")
    );
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused() {
    let (_directory, queue, _clock) = bed();
    let mut large = envelope(1);
    large.body = json!("x".repeat(MAX_MESSAGE));
    let refused = queue
        .send(QueueName::Export, large, Duration::ZERO, None)
        .await
        .unwrap_err();
    assert_eq!(refused.disposition(), Disposition::Park);
}

#[tokio::test]
async fn a_waiting_worker_is_woken() {
    let (_directory, queue, _clock) = bed();
    let woken = async {
        queue.wait(QueueName::Export, Duration::from_secs(60)).await;
        take(&queue).await.len()
    };
    let (received, ()) = tokio::time::timeout(Duration::from_secs(20), async {
        futures::join!(woken, send(&queue, 1))
    })
    .await
    .unwrap();
    assert_eq!(received, 1);
}

#[tokio::test]
async fn what_comes_at_once_is_committed_together_and_to_the_disk() {
    let (_directory, queue, _clock) = bed();
    let commits = Arc::new(AtomicUsize::new(0));
    let counter = commits.clone();
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel();
    let holder = queue.clone();
    let busy = tokio::spawn(async move {
        let hold = move |connection: &rusqlite::Connection| {
            let count = move || {
                counter.fetch_add(1, Ordering::SeqCst);
                false
            };
            connection.commit_hook(Some(count)).unwrap();
            begin.send(()).unwrap();
            held.recv_timeout(SOON).unwrap();
            Ok(connection
                .query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))
                .unwrap())
        };
        holder.request("hold the thread", hold).await.unwrap()
    });
    begun.await.unwrap();
    let sends = futures::future::join_all((0..100).map(|number| send(&queue, number)));
    let release = async {
        while queue.requests.capacity() > WAITING - 100 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let_go.send(()).unwrap();
    };
    futures::join!(sends, release);
    assert_eq!(busy.await.unwrap(), 2, "FULL");
    assert_eq!(
        commits.load(Ordering::SeqCst),
        2,
        "one for what held the thread, one for all others"
    );
}

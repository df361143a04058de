//! Services that do half of what they are asked.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, routing::post};
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wynos::ports::{Envelope, ObjectKey, Objects, Queue, QueueName};
use wynos_runtime::{Parts, QueueUrls, S3Objects, SqsQueue};
use wynos_tests::{
    aws::{Store, cloud},
    chaos_proxy::ChaosProxy,
};

/// A queue that takes the first entry of each batch only, as long as it refuses; what it was asked to take.
#[derive(Debug, Clone, Default)]
struct Choosy {
    refuses: usize,
    asked: Arc<Mutex<Vec<Vec<String>>>>,
}

async fn take(State(queue): State<Choosy>, body: Bytes) -> Json<Value> {
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let entries = asked["Entries"].as_array().unwrap();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let bodies = entries.iter().map(|entry| text(entry, "MessageBody"));
    let mut calls = queue.asked.lock().unwrap();
    calls.push(bodies.collect());
    let refuses = calls.len() <= queue.refuses;
    let (taken, refused) = entries.split_at(if refuses { 1 } else { entries.len() });
    let taken: Vec<Value> = taken
        .iter()
        .map(|entry| json!({ "Id": text(entry, "Id"), "MessageId": "m", "MD5OfMessageBody": "x" }))
        .collect();
    let refused: Vec<Value> = refused
        .iter()
        .map(|entry| json!({ "Id": text(entry, "Id"), "Code": "InternalError", "SenderFault": false }))
        .collect();
    Json(json!({ "Successful": taken, "Failed": refused }))
}

async fn sent_to(queue: &Choosy) -> Result<(), wynos::ports::QueueError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/", post(take))
        .with_state(queue.clone());
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let urls = QueueUrls {
        queue: format!("{endpoint}/1/events"),
        dead_letters: None,
    };
    let sqs = SqsQueue::new(&cloud(&endpoint).await, [(QueueName::Ingest, urls)].into());
    let envelopes = (1..=3).map(|number| Envelope {
        version: 1,
        kind: format!("kind-{number}"),
        subscription: "nobodysshop".parse().unwrap(),
        body: json!({}),
    });
    let sent = sqs.send_batch(QueueName::Ingest, envelopes.collect()).await;
    serving.abort();
    sent
}

#[tokio::test]
async fn entries_of_a_batch_that_sqs_refused_are_sent_again_and_no_others() {
    let queue = Choosy {
        refuses: 2,
        ..Choosy::default()
    };
    sent_to(&queue).await.unwrap();
    let asked = queue.asked.lock().unwrap().clone();
    let sizes: Vec<usize> = asked.iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 2, 1]);
    assert!(asked[2][0].contains("kind-3"), "{asked:?}");
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    const SIZE: usize = 24 * 1024 * 1024;
    let parts = Parts {
        size: 5 * 1024 * 1024,
        at_once: 2,
    };
    let store = Store::start().unwrap();
    store.bucket("files").unwrap();
    let direct = S3Objects::new(&cloud(&store.endpoint()).await, "files", parts, true);
    let at: ObjectKey = "exports/shop/large".parse().unwrap();
    let content: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
    let content = Bytes::from(content);
    let pieces: Vec<_> = (0..SIZE)
        .step_by(1 << 20)
        .map(|from| Ok(content.slice(from..from + (1 << 20))))
        .collect();
    direct.put(&at, stream::iter(pieces).boxed()).await.unwrap();

    let listener = store.endpoint().strip_prefix("http://").unwrap().parse();
    let road = ChaosProxy::start(listener.unwrap()).await.unwrap();
    let through = cloud(&format!("http://{}", road.address())).await;
    let objects = S3Objects::new(&through, "files", parts, true);
    let mut download = objects.get(&at, None).await.unwrap();
    let mut read = Vec::with_capacity(SIZE);
    let mut cuts = 0;
    while let Some(piece) = download.next().await {
        read.extend_from_slice(&piece.unwrap());
        if cuts < 2 && read.len() > cuts * SIZE / 3 {
            road.cut();
            cuts += 1;
        }
    }
    assert_eq!(cuts, 2);
    assert!(read == content, "{} bytes", read.len());
}

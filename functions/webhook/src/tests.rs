use std::{sync::Mutex, time::Instant};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, header::CONTENT_LENGTH},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;
use tower::ServiceExt;
use wynos_base::{
    SourceId, SubscriptionId,
    hooks::{self, HookMessage, MAX_BODY, MAX_EVENT},
    ports::{
        Envelope, KeyName, KeyRing, MasterKey, Parked, ParkedPage, Queue, QueueError, QueueName,
        Receipt, Received,
    },
};

use super::*;

/// A queue that takes what it is sent, or fails, or never answers.
#[derive(Debug, Default)]
struct Taking {
    taken: Mutex<Vec<Envelope>>,
    refuses: bool,
    hangs: bool,
}

impl Taking {
    fn messages(&self) -> Vec<HookMessage> {
        let mut messages = Vec::new();
        for envelope in self.taken.lock().unwrap().drain(..) {
            assert_eq!(
                (envelope.kind.as_str(), envelope.version),
                ("webhook.event", 1)
            );
            messages.push(serde_json::from_value(envelope.body).unwrap());
        }
        messages
    }
}

fn nothing<'a, T: Default + Send + 'a>() -> BoxFuture<'a, Result<T, QueueError>> {
    async { Ok(T::default()) }.boxed()
}

impl Queue for Taking {
    fn send<'a>(
        &'a self,
        queue: QueueName,
        envelope: Envelope,
        _delay: Duration,
        _dedupe: Option<String>,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        async move {
            assert_eq!(queue, QueueName::Ingest);
            if self.hangs {
                futures::future::pending::<()>().await;
            }
            if self.refuses {
                return Err(QueueError::Unavailable {
                    action: "accept a message",
                    source: "disk full".into(),
                });
            }
            self.taken.lock().unwrap().push(envelope);
            Ok(())
        }
        .boxed()
    }

    fn receive<'a>(
        &'a self,
        _queue: QueueName,
        _max: usize,
        _visibility: Duration,
    ) -> BoxFuture<'a, Result<Vec<Received>, QueueError>> {
        nothing()
    }

    fn extend<'a>(
        &'a self,
        _queue: QueueName,
        _receipt: &'a Receipt,
        _visibility: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        nothing()
    }

    fn ack<'a>(&'a self, _: QueueName, _: &'a Receipt) -> BoxFuture<'a, Result<(), QueueError>> {
        nothing()
    }

    fn release<'a>(
        &'a self,
        _queue: QueueName,
        _receipt: &'a Receipt,
        _delay: Duration,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        nothing()
    }

    fn park<'a>(
        &'a self,
        _queue: QueueName,
        _receipt: &'a Receipt,
        _reason: String,
    ) -> BoxFuture<'a, Result<(), QueueError>> {
        nothing()
    }

    fn parked<'a>(
        &'a self,
        _queue: QueueName,
        _page: ParkedPage,
    ) -> BoxFuture<'a, Result<Vec<Parked>, QueueError>> {
        nothing()
    }

    fn replay<'a>(
        &'a self,
        _queue: QueueName,
        _subscription: &'a SubscriptionId,
        _id: &'a str,
    ) -> BoxFuture<'a, Result<bool, QueueError>> {
        nothing()
    }
}

struct Bed {
    queue: Arc<Taking>,
    router: Router,
    path: String,
}

fn bed(queue: Taking, limits: Limits) -> Bed {
    let keys = KeyRing::derive(KeyName::Webhook, &MasterKey::new(1, [7; 32]), &[]);
    let source: SourceId = "sampleshop-a1b2c3d4".parse().unwrap();
    let clock = Clock::fixed("2026-03-01T10:00:00Z".parse().unwrap());
    let queue = Arc::new(queue);
    let receiver = Receiver::new(queue.clone(), keys.clone(), clock).within(limits);
    Bed {
        queue,
        router: router(receiver),
        path: hooks::path(&keys, &source, 1),
    }
}

impl Bed {
    async fn ask(&self, method: Method, path: &str, body: impl Into<Body>) -> StatusCode {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(body.into()).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }

    async fn post(&self, body: impl Into<Body>) -> StatusCode {
        self.ask(Method::POST, &self.path, body).await
    }
}

fn short() -> Limits {
    let step = Duration::from_millis(50);
    Limits {
        at_once: 1,
        wait: step,
        body: step,
        store: step,
    }
}

#[tokio::test]
async fn events_are_queued_for_their_source() {
    let bed = bed(Taking::default(), Limits::default());
    let envelope = json!({"company_id": 1, "resource": "record", "resource_id": 2, "status": "update", "data": []});
    assert_eq!(bed.post(envelope.to_string()).await, StatusCode::OK);
    let several = json!([envelope, envelope, 3]).to_string();
    assert_eq!(bed.post(several).await, StatusCode::OK);
    let messages = bed.queue.messages();
    assert_eq!(messages.len(), 4);
    assert_eq!(messages[0].source.as_str(), "sampleshop-a1b2c3d4");
    assert_eq!(messages[0].key_version, 1);
    assert_eq!(messages[2].events, [envelope]);
    assert_eq!(messages[3].events, [json!(3)]);
}

#[tokio::test]
async fn what_is_no_json_is_taken_and_told() {
    let bed = bed(Taking::default(), Limits::default());
    assert_eq!(
        bed.post("company_id=1&resource=record").await,
        StatusCode::OK
    );
    let message = bed.queue.messages().remove(0);
    assert_eq!(message.unreadable.unwrap().bytes, 28);
}

#[tokio::test]
async fn a_wrong_address_is_not_found_whatever_is_asked_of_it() {
    let bed = bed(Taking::default(), Limits::default());
    let (path, large) = (bed.path.clone(), vec![b'x'; MAX_BODY + 1]);
    let key = path.rsplit('/').next().unwrap();
    let wrong = [
        format!("{path}x"),
        path[..path.len() - 1].to_owned(),
        format!("/hooks/othershop-a1b2c3d4/{key}"),
        format!("/hooks/sampleshop-a1b2c3d4/2{}", &key[1..]),
        "/hooks/sampleshop-a1b2c3d4/%FF%FE".to_owned(),
        "/hooks/x/y".to_owned(),
    ];
    for path in &wrong {
        for method in [Method::POST, Method::GET, Method::HEAD, Method::DELETE] {
            let status = bed.ask(method, path, large.clone()).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(
        bed.ask(Method::GET, &path, "").await,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert!(bed.queue.messages().is_empty());
}

#[tokio::test]
async fn more_than_the_limit_is_refused_with_and_without_its_length_told() {
    let bed = bed(Taking::default(), Limits::default());
    let full = format!("\"{}\"", "x".repeat(MAX_EVENT - 2));
    assert_eq!(bed.post(full.clone()).await, StatusCode::OK);
    assert_eq!(
        bed.post(format!("{full} ")).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let chunks = (0..MAX_BODY).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"  ")));
    let streamed = Body::from_stream(futures::stream::iter(chunks));
    assert_eq!(bed.post(streamed).await, StatusCode::PAYLOAD_TOO_LARGE);
    let told = Request::builder().method(Method::POST).uri(&bed.path);
    let told = told.header(CONTENT_LENGTH, MAX_BODY + 1);
    let never = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let asked = bed.router.clone().oneshot(told.body(never).unwrap());
    assert_eq!(
        asked.await.unwrap().status(),
        StatusCode::PAYLOAD_TOO_LARGE,
        "without waiting for the body"
    );
    assert_eq!(bed.queue.messages().len(), 1);
}

#[tokio::test]
async fn many_events_are_taken_together_and_one_that_is_too_large_is_refused_alone() {
    let bed = bed(Taking::default(), Limits::default());
    let (half, over) = ("x".repeat(MAX_EVENT / 2), "x".repeat(MAX_EVENT));
    let several = json!([half, half, half, half]).to_string();
    assert!(several.len() > MAX_EVENT);
    assert_eq!(bed.post(several).await, StatusCode::OK);
    assert_eq!(bed.queue.messages().len(), 4);
    let one_over = json!([1, over, 2]).to_string();
    assert_eq!(bed.post(one_over).await, StatusCode::PAYLOAD_TOO_LARGE);
    let kept: Vec<_> = bed
        .queue
        .messages()
        .into_iter()
        .flat_map(|message| message.events)
        .collect();
    assert_eq!(kept, [json!(1), json!(2)]);
}

#[tokio::test]
async fn a_queue_that_fails_or_hangs_is_told_as_unavailable() {
    let refusing = bed(
        Taking {
            refuses: true,
            ..Taking::default()
        },
        Limits::default(),
    );
    assert_eq!(refusing.post("{}").await, StatusCode::SERVICE_UNAVAILABLE);
    let hanging = bed(
        Taking {
            hangs: true,
            ..Taking::default()
        },
        short(),
    );
    assert_eq!(hanging.post("{}").await, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_body_that_never_ends_gives_its_place_back() {
    let bed = bed(Taking::default(), short());
    let never = || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let begun = Instant::now();
    let long = Limits {
        body: Duration::from_secs(60),
        ..short()
    };
    assert_eq!(bed.post(never()).await, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(bed.post("{}").await, StatusCode::OK);
    let crowded = super::tests::bed(Taking::default(), long);
    let (first, second) = (crowded.post(never()), crowded.post("{}"));
    let first = tokio::time::timeout(Duration::from_secs(1), first);
    let (_, second) = futures::join!(first, second);
    assert_eq!(second, StatusCode::SERVICE_UNAVAILABLE, "no place");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_empty_array_needs_nothing_stored() {
    let bed = bed(Taking::default(), Limits::default());
    assert_eq!(bed.post("[]").await, StatusCode::OK);
    assert!(bed.queue.messages().is_empty());
}

//! Turns: nobody's long work keeps others from being read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{self, Body},
    extract::Request,
    http::{StatusCode, header},
    response::Response,
};
use chrono::TimeDelta;
use serde_json::json;
use tokio::net::TcpListener;
use wynos::{
    SourceId,
    control::{Actor, RunId, RunKind, RunState},
    jobs,
    ports::{Clock, QueueName, Received},
    services::Services,
    yclients::pull::{self, Ordered},
};

use super::{Bed, connect, hasty, on_both, small, truth::differences, vendor_at};

/// How long every answer takes, by the clock of the test.
const ANSWER: TimeDelta = TimeDelta::seconds(45);
/// A message is worked on for so long …
const TURN: TimeDelta = TimeDelta::minutes(2);
/// … and for the answers that were asked for before that was over.
const LONGEST: TimeDelta = TimeDelta::minutes(4);

/// A vendor whose answers take time by a clock that nobody waits for, and how often it was asked.
struct Slow {
    services: Services,
    asked: Arc<AtomicUsize>,
}

impl Slow {
    async fn before(bed: &Bed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let real = url::Url::parse(&bed.sandbox.base_url).unwrap();
        let mut own = real.clone();
        own.set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        own.set_host(Some("127.0.0.1")).unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (clock, counted) = (bed.stack.clock.clone(), Arc::clone(&asked));
        let passed_on = move |request: Request| {
            let (clock, real) = (clock.clone(), real.clone());
            counted.fetch_add(1, Ordering::SeqCst);
            async move { pass_on(request, real, clock).await }
        };
        let router = Router::new().fallback(passed_on);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut services = bed.services();
        services.vendor = vendor_at(own.as_str().trim_end_matches('/'), hasty());
        Self { services, asked }
    }

    /// The answers that were asked for since the last time.
    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

/// The real vendor's answer, a while later.
async fn pass_on(request: Request, mut real: url::Url, clock: Clock) -> Response {
    let (parts, sent) = request.into_parts();
    real.set_path(parts.uri.path());
    real.set_query(parts.uri.query());
    let sent = body::to_bytes(sent, 1_000_000).await.unwrap();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let answer = reqwest::Client::new()
        .request(parts.method, real)
        .headers(headers)
        .body(sent);
    let answer = answer.send().await.unwrap();
    clock.advance(ANSWER);
    let mut told = Response::builder().status(answer.status());
    for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        if let Some(value) = answer.headers().get(&name) {
            told = told.header(name, value);
        }
    }
    let told = told.body(Body::from(answer.bytes().await.unwrap()));
    told.unwrap_or_else(|_| {
        let mut broken = Response::new(Body::empty());
        *broken.status_mut() = StatusCode::BAD_GATEWAY;
        broken
    })
}

/// The message whose turn it is, taken out of the queue.
async fn next(services: &Services) -> Option<Received> {
    let hidden = Duration::from_secs(60);
    let received = services.queue.receive(QueueName::Pull, 1, hidden).await;
    let message = received.unwrap().pop()?;
    let receipt = &message.receipt;
    services.queue.ack(QueueName::Pull, receipt).await.unwrap();
    Some(message)
}

fn is_of(message: &Received, run: &RunId) -> bool {
    message.envelope.body["run"] == json!(run)
}

/// The messages of that run, taken out of the queue with all others.
async fn taken(services: &Services, run: &RunId) -> Vec<Received> {
    let mut found = Vec::new();
    while let Some(message) = next(services).await {
        if is_of(&message, run) {
            found.push(message);
        }
    }
    found
}

fn source_of(message: &Received) -> SourceId {
    let source = message.envelope.body["source"].as_str().unwrap();
    source.parse().unwrap()
}

on_both! {
    async fn a_long_history_lets_others_be_read_between_its_turns(bed: Bed, small(300, "")) {
        bed.pull_through().await;
        let services = bed.services();
        while next(&services).await.is_some() {}
        let slow = Slow::before(&bed).await;
        let today = bed.stack.clock.now().date_naive();
        let ordered = Ordered {
            from: today - TimeDelta::days(800),
            to: today,
            tables: Vec::new(),
            actor: Actor::System,
        };
        let history = pull::order(&services, &bed.source, ordered).await.unwrap();
        let turn = async |message: Received| {
            let begun = bed.stack.clock.now();
            jobs::run(&slow.services, QueueName::Pull, message).await.unwrap();
            let kept = services.control.source(&bed.source).await.unwrap();
            assert_eq!(kept.lease_holder, None, "whoever comes next may have it");
            bed.stack.clock.now() - begun
        };
        let message = next(&services).await.unwrap();
        let took = turn(message).await;
        assert!(took >= TURN && took <= LONGEST, "{took}");
        let answers = slow.asked();
        assert!(answers >= 2, "{answers}");

        // What is left of the history is queued when a neighbour connects a company, and goes behind it.
        let neighbours = connect(&services, &bed.stack.other, bed.company).await;
        pull::queue_due(&services.dispatcher()).await.unwrap();
        let first = next(&services).await.unwrap();
        assert_eq!(source_of(&first), neighbours);
        jobs::run(&services, QueueName::Pull, first).await.unwrap();
        let sources = services.control.sources(&bed.stack.other);
        let tables = sources.tables(&neighbours).await.unwrap();
        let records = tables.iter().find(|table| table.table_name == "yclients_records");
        assert_eq!(records.unwrap().outcome.as_deref(), Some("done"));
        let runs = services.control.runs(&bed.stack.shop);
        let waiting = runs.get(&history.id).await.unwrap();
        assert_eq!(waiting.state, RunState::Running);
        assert!(waiting.windows_done < waiting.windows_total, "{waiting:?}");

        // Each turn comes further, and the last one to the end of the period. What is due of both is read between them.
        let (mut turns, mut between) = (1, 0);
        while runs.get(&history.id).await.unwrap().finished_at.is_none() {
            pull::queue_due(&services.dispatcher()).await.unwrap();
            let message = next(&services).await.unwrap();
            if !is_of(&message, &history.id) {
                jobs::run(&services, QueueName::Pull, message).await.unwrap();
                between += 1;
                assert!(between < 4_000);
                continue;
            }
            assert!(turn(message).await <= LONGEST);
            assert!(slow.asked() >= 1);
            turns += 1;
            assert!(turns < 400);
        }
        assert!(turns > 10, "{turns}");
        assert!(between > 0, "{between}");
        assert_eq!(runs.get(&history.id).await.unwrap().state, RunState::Done);
        assert_eq!(taken(&services, &history.id).await, [], "one message at a time");
        let read = runs.list(Some(&bed.source), Some(RunKind::Pull), None, 200).await.unwrap();
        assert!(read.items.iter().all(|run| run.state == RunState::Done), "{read:#?}");
        let found = differences(&bed, &["yclients_records", "yclients_clients"]).await;
        assert!(found.is_empty(), "{found:#?}");
        bed.end().await;
    }

    async fn a_history_that_is_asked_for_again_while_it_waits_goes_on_by_one_message(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        let services = bed.services();
        while next(&services).await.is_some() {}
        let slow = Slow::before(&bed).await;
        let today = bed.stack.clock.now().date_naive();
        let ordered = Ordered {
            from: today - TimeDelta::days(200),
            to: today,
            tables: Vec::new(),
            actor: Actor::System,
        };
        let history = pull::order(&services, &bed.source, ordered).await.unwrap();
        let runs = services.control.runs(&bed.stack.shop);
        let mut turns = 0;
        while runs.get(&history.id).await.unwrap().finished_at.is_none() {
            // Others have their turns before it for so long that it is asked for again.
            for _ in 0..4 {
                bed.stack.clock.advance(TimeDelta::minutes(5));
                pull::queue_due(&services.dispatcher()).await.unwrap();
            }
            let waiting = taken(&services, &history.id).await;
            assert_eq!(waiting.len(), 2, "{waiting:#?}");
            let mut worked = 0;
            for message in waiting {
                jobs::run(&slow.services, QueueName::Pull, message).await.unwrap();
                worked += usize::from(slow.asked() > 0);
            }
            assert!(worked <= 1, "one of them has the turn");
            turns += 1;
            assert!(turns < 400);
        }
        assert!(turns > 2, "{turns}");
        assert_eq!(runs.get(&history.id).await.unwrap().state, RunState::Done);
        assert_eq!(taken(&services, &history.id).await, []);
        bed.end().await;
    }

    async fn a_run_whose_messages_are_all_gone_is_found_by_time(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let services = bed.services();
        while next(&services).await.is_some() {}
        let today = bed.stack.clock.now().date_naive();
        let ordered = Ordered { from: today, to: today, tables: Vec::new(), actor: Actor::System };
        let history = pull::order(&services, &bed.source, ordered).await.unwrap();
        let run = &history.id;
        // Somebody has it in hand, so that its other message is dropped in the end; then whoever has it is gone for good.
        assert_eq!(taken(&services, run).await.len(), 1);
        let (now, holder) = (bed.stack.clock.now(), format!("{run}:1"));
        let mut tx = services.control.begin().await.unwrap();
        let until = now + TimeDelta::minutes(10);
        assert!(tx.lease_source(&bed.source, &holder, until, now).await.unwrap());
        tx.runs(&bed.stack.shop).started(run, now).await.unwrap();
        tx.commit().await.unwrap();
        let runs = services.control.runs(&bed.stack.shop);
        for (minutes, found) in [(12, 0), (4, 1)] {
            bed.stack.clock.advance(TimeDelta::minutes(minutes));
            pull::queue_due(&services.dispatcher()).await.unwrap();
            let messages = taken(&services, run).await;
            assert_eq!(messages.len(), found, "{minutes}");
            for message in messages {
                jobs::run(&services, QueueName::Pull, message).await.unwrap();
            }
        }
        assert_eq!(runs.get(run).await.unwrap().state, RunState::Done);
        bed.end().await;
    }

    async fn a_history_whose_source_is_busy_is_put_off_and_does_not_spin(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let services = bed.services();
        while next(&services).await.is_some() {}
        let today = bed.stack.clock.now().date_naive();
        let ordered = Ordered { from: today, to: today, tables: Vec::new(), actor: Actor::System };
        let history = pull::order(&services, &bed.source, ordered).await.unwrap();
        let now = bed.stack.clock.now();
        let mut tx = services.control.begin().await.unwrap();
        let until = now + TimeDelta::minutes(3);
        assert!(tx.lease_source(&bed.source, "somebody", until, now).await.unwrap());
        tx.commit().await.unwrap();
        let runs = services.control.runs(&bed.stack.shop);
        for _ in 0..2 {
            let message = next(&services).await.unwrap();
            jobs::run(&services, QueueName::Pull, message).await.unwrap();
            assert!(next(&services).await.is_none(), "later");
            assert_eq!(runs.get(&history.id).await.unwrap().state, RunState::Running);
            bed.stack.clock.advance(TimeDelta::minutes(2));
        }
        let message = next(&services).await.unwrap();
        jobs::run(&services, QueueName::Pull, message).await.unwrap();
        assert_eq!(runs.get(&history.id).await.unwrap().state, RunState::Done);
        assert!(next(&services).await.is_none());
        bed.end().await;
    }
}

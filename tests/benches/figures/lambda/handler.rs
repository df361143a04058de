//! The receiver of webhooks over a queue that does nothing: what remains is its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use futures::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use wynos::{
    SourceId, SubscriptionId,
    ports::{
        Clock, Envelope, KeyName, KeyRing, MasterKey, Parked, ParkedPage, Queue, QueueError,
        QueueName, Receipt, Received,
    },
    yclients::hooks,
};
use wynos_webhook::Receiver;

use super::Line;
use crate::{
    arguments::Arguments,
    figure::child,
    rates::Latency,
    task::{Measured, Task, block_on},
};

/// Requests, one after the other.
const REQUESTS: u64 = 50_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandlerTask {
    pub requests: u64,
}

pub(super) fn measure(arguments: &Arguments) -> Result<Vec<Line>> {
    let requests = arguments.rows.unwrap_or(REQUESTS);
    let measured = child(&Task::Handler(HandlerTask { requests }))?;
    let latency = measured.latency.context("nothing was timed")?;
    let line = |share: &str, measured: f64| Line {
        what: format!("`webhook`: its own time for an event of 2 KB, {share}"),
        unit: "ms",
        measured,
        promised: 0.3,
    };
    Ok(vec![
        line("half of all", latency.median),
        line("99 of 100", latency.p99),
    ])
}

impl HandlerTask {
    pub fn run(&self) -> Result<Measured> {
        block_on(self.measure())
    }

    async fn measure(&self) -> Result<Measured> {
        let keys = KeyRing::derive(KeyName::Webhook, &MasterKey::new(1, [7; 32]), &[]);
        let source: SourceId = "benchshop-a1b2c3d4".parse()?;
        let path = hooks::path(&keys, &source, 1);
        let router = wynos_webhook::router(Receiver::new(Arc::new(Nowhere), keys, Clock::System));
        let body = serde_json::json!({
            "company_id": 4_564, "resource": "record", "resource_id": 1, "status": "update",
            "data": { "id": 1, "comment": "x".repeat(1_900) },
        })
        .to_string();
        let begun = Instant::now();
        let mut times = Vec::new();
        for _ in 0..self.requests {
            let request = Request::builder().method(Method::POST).uri(&path);
            let request = request.body(Body::from(body.clone()))?;
            let asked = Instant::now();
            let response = router.clone().oneshot(request).await?;
            times.push(asked.elapsed());
            ensure!(response.status() == StatusCode::OK, "it was not taken");
        }
        times.sort();
        let at = |share: usize| {
            let time = times.get(times.len() * share / 100);
            Ok::<_, anyhow::Error>(time.context("no answer")?.as_secs_f64() * 1_000.0)
        };
        let mut measured = Measured::new(begun, 0);
        measured.latency = Some(Latency {
            median: at(50)?,
            p99: at(99)?,
        });
        Ok(measured)
    }
}

/// A queue that takes everything and keeps nothing.
#[derive(Debug)]
struct Nowhere;

type Done<'a, T> = BoxFuture<'a, Result<T, QueueError>>;

fn done<'a, T: Send + 'a>(value: T) -> Done<'a, T> {
    futures::future::ready(Ok(value)).boxed()
}

impl Queue for Nowhere {
    fn send<'a>(
        &'a self,
        _: QueueName,
        _: Envelope,
        _: Duration,
        _: Option<String>,
    ) -> Done<'a, ()> {
        done(())
    }

    fn send_batch<'a>(&'a self, _: QueueName, _: Vec<Envelope>) -> Done<'a, ()> {
        done(())
    }

    fn receive<'a>(&'a self, _: QueueName, _: usize, _: Duration) -> Done<'a, Vec<Received>> {
        done(Vec::new())
    }

    fn extend<'a>(&'a self, _: QueueName, _: &'a Receipt, _: Duration) -> Done<'a, ()> {
        done(())
    }

    fn ack<'a>(&'a self, _: QueueName, _: &'a Receipt) -> Done<'a, ()> {
        done(())
    }

    fn release<'a>(&'a self, _: QueueName, _: &'a Receipt, _: Duration) -> Done<'a, ()> {
        done(())
    }

    fn park<'a>(&'a self, _: QueueName, _: &'a Receipt, _: String) -> Done<'a, ()> {
        done(())
    }

    fn parked<'a>(&'a self, _: QueueName, _: ParkedPage) -> Done<'a, Vec<Parked>> {
        done(Vec::new())
    }

    fn replay<'a>(&'a self, _: QueueName, _: &'a SubscriptionId, _: &'a str) -> Done<'a, bool> {
        done(false)
    }
}

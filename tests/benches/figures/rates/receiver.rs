//! The receiver of webhooks over the embedded queue, through its own port: first as fast as it goes, then at the promised
//! rate, which is when its answers are timed. Every event is durable before its 200.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use wynos::{
    SourceId,
    embedded::SqliteQueue,
    ports::{Clock, KeyName, KeyRing, MasterKey, Queue, QueueName},
    yclients::hooks,
};
use wynos_webhook::Receiver;

use super::{Latency, RateFigure};
use crate::task::{Measured, Task, block_on};

/// Connections that events come by.
const CONNECTIONS: u64 = 64;
/// Sources that they come for.
const SOURCES: u64 = 500;

/// Events sent one by one, each in a request of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReceiverTask {
    pub events: u64,
    /// Events a second while answers are timed.
    pub rate: f64,
}

pub fn figure() -> RateFigure {
    RateFigure {
        name: "receiver",
        what: "Webhooks received, durable before the 200",
        events: 60_000,
        promised: 3_000.0,
        p99: Some(20.0),
        task: |_, events, rate| Ok(Task::Receiver(ReceiverTask { events, rate })),
    }
}

impl ReceiverTask {
    pub fn run(&self) -> Result<Measured> {
        let folder = tempfile::tempdir_in(".")?;
        block_on(self.measure(folder.path()))
    }

    async fn measure(&self, folder: &Path) -> Result<Measured> {
        let queue = Arc::new(SqliteQueue::open(
            &folder.join("queue.sqlite"),
            Clock::System,
        )?);
        let keys = KeyRing::derive(KeyName::Webhook, &MasterKey::new(1, [7; 32]), &[]);
        let requests = requests(&keys)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let receiver = Receiver::new(queue.clone(), keys, Clock::System);
        let server =
            tokio::spawn(
                async move { axum::serve(listener, wynos_webhook::router(receiver)).await },
            );
        send(address, &requests, self.events / 20 + 1, None).await?;
        let begun = Instant::now();
        send(address, &requests, self.events, None).await?;
        let mut measured = Measured::new(begun, 0);
        let timed = send(address, &requests, self.events, Some(self.rate)).await?;
        measured.latency = Some(latency(timed)?);
        server.abort();
        let some = queue.receive(QueueName::Ingest, 1_000, Duration::from_secs(600));
        ensure!(!some.await?.is_empty(), "nothing was queued");
        Ok(measured)
    }
}

/// One request for each source, of a record's event of some 2 KB.
fn requests(keys: &KeyRing) -> Result<Arc<Vec<Vec<u8>>>> {
    let requests = (0..SOURCES).map(|number| {
        let source: SourceId = format!("benchshop{number}-a1b2c3d4").parse()?;
        let path = hooks::path(keys, &source, 1);
        let body = serde_json::json!({
            "company_id": 4_564, "resource": "record", "resource_id": number, "status": "update",
            "data": { "id": number, "company_id": 4_564, "staff_id": 9, "date": "2026-03-01 12:00:00",
                "last_change_date": "2026-03-01T10:00:00+0300", "comment": "x".repeat(1_600), "attendance": 1,
                "client": { "id": 7, "name": "Anna", "phone": "+70000000000" }, "services": [] }
        })
        .to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Ok([head.as_bytes(), body.as_bytes()].concat())
    });
    Ok(Arc::new(requests.collect::<Result<_>>()?))
}

/// Sends so many events, paced to a rate if there is one; the time of each answer, from when the event was due: a stall
/// delays all that would have come meanwhile, and counts for each of them.
async fn send(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    events: u64,
    rate: Option<f64>,
) -> Result<Vec<Duration>> {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, requests) = (next.clone(), requests.clone());
        connections.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let mut times = Vec::new();
            let mut answer = vec![0; 4_096];
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= events {
                    return Ok::<_, anyhow::Error>(times);
                }
                let due = due(begun, number, rate);
                tokio::time::sleep_until(due.into()).await;
                let index = usize::try_from(number % SOURCES)?;
                stream
                    .write_all(requests.get(index).context("a request")?)
                    .await?;
                let read = stream.read(&mut answer).await?;
                let answer = answer.get(..read).unwrap_or_default();
                ensure!(
                    answer.starts_with(b"HTTP/1.1 200"),
                    "an event was not taken"
                );
                times.push(due.elapsed());
            }
        });
    }
    let mut times = Vec::new();
    while let Some(connection) = connections.join_next().await {
        times.extend(connection??);
    }
    Ok(times)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "there are fewer than 2^52 events"
)]
fn due(begun: Instant, number: u64, rate: Option<f64>) -> Instant {
    match rate {
        Some(rate) => begun + Duration::from_secs_f64(number as f64 / rate),
        None => Instant::now(),
    }
}

fn latency(mut times: Vec<Duration>) -> Result<Latency> {
    times.sort();
    let at = |share: usize| {
        let time = times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        Ok::<_, anyhow::Error>(time.context("no answer was timed")?.as_secs_f64() * 1_000.0)
    };
    Ok(Latency {
        median: at(50)?,
        p99: at(99)?,
    })
}

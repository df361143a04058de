use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::{sync::watch, task::JoinHandle};
use wynos::{SourceId, warehouse::Warehouse};

use super::{fill, latency};
use crate::rates::Latency;

/// Rows of one load: a page of the vendor's list.
const PAGE: i64 = 200;
/// Loads begin this far apart.
const EVERY: Duration = Duration::from_millis(50);
/// Where their ids begin, beyond all others.
const FIRST: i64 = 1_000_000_000;

/// Loads that go on until they are stopped, each timed from when it was due.
pub struct Loads {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<Vec<f64>>>,
}

impl Loads {
    pub fn start(warehouse: Warehouse, source: SourceId) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let mut times = Vec::new();
            let mut ticks = tokio::time::interval(EVERY);
            let mut after = FIRST;
            while !*stopped.borrow() {
                let due: Instant = ticks.tick().await.into();
                warehouse.commit(fill::load(&source, after, PAGE)?).await?;
                after += PAGE;
                times.push(due.elapsed().as_secs_f64());
            }
            Ok(times)
        });
        Self { stop, task }
    }

    pub async fn stop(self) -> Result<Latency> {
        self.stop.send_replace(true);
        Ok(latency(self.task.await??))
    }
}

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio_util::sync::CancellationToken;

use super::{Functions, Template};

/// How often what is scheduled for every minute is done here, where nobody waits for minutes.
const TICK: Duration = Duration::from_millis(1_500);

/// How often what comes in longer intervals is.
const SLOW_TICK: Duration = Duration::from_secs(4);

/// What the scheduler says where the template does not.
const EVENT: &str = include_str!("../../../events/schedule-tick.json");

/// What lets schedules strike that come again and again.
#[derive(Debug, Clone, Default)]
pub(super) struct Clockwork(Arc<RwLock<()>>);

/// Nothing strikes by itself until this is dropped.
#[derive(Debug)]
#[must_use = "the clock goes on as soon as this is dropped"]
pub struct StoppedClock {
    _held: OwnedRwLockWriteGuard<()>,
}

impl Clockwork {
    /// Waits for what is struck at the moment, and lets nothing strike from then on.
    pub(super) async fn stop(&self) -> StoppedClock {
        StoppedClock {
            _held: Arc::clone(&self.0).write_owned().await,
        }
    }
}

/// A schedule of the template: whom it calls, and with what.
#[derive(Debug)]
pub(super) struct Schedule {
    when: String,
    pub(super) function: String,
    pub(super) event: String,
}

impl Schedule {
    /// All of the template.
    pub(super) fn all(template: &Template) -> Result<Vec<Self>> {
        let schedules = template.of_type("AWS::Scheduler::Schedule");
        let read = schedules.map(|(id, schedule)| {
            let properties = &schedule["Properties"];
            Self::read(properties).with_context(|| format!("the schedule {id}"))
        });
        read.collect()
    }

    /// The only one with that expression.
    pub(super) fn at(template: &Template, expression: &str) -> Result<Self> {
        let mut found = Self::all(template)?;
        found.retain(|schedule| schedule.when == expression);
        let schedule = found.pop();
        ensure!(found.is_empty(), "more than one schedule is {expression}");
        schedule.with_context(|| format!("no schedule is {expression}"))
    }

    fn read(properties: &Json) -> Result<Self> {
        let target = &properties["Target"];
        let when = properties["ScheduleExpression"].as_str();
        let function = target["Arn"]["Fn::GetAtt"][0].as_str();
        Ok(Self {
            when: when.context("it never strikes")?.to_owned(),
            function: function.context("it calls no function")?.to_owned(),
            event: target["Input"].as_str().unwrap_or(EVENT).to_owned(),
        })
    }

    /// How long it rests here; `None` for what comes at a time of day, which tests let come.
    fn pause(&self) -> Option<Duration> {
        match self.when.as_str() {
            "rate(1 minute)" => Some(TICK),
            when if when.starts_with("rate") => Some(SLOW_TICK),
            _ => None,
        }
    }

    /// Strikes again and again while the clock goes, until it is told to stop.
    pub(super) async fn go_on(
        self,
        functions: Functions,
        clock: Clockwork,
        stop: CancellationToken,
    ) {
        let Some(pause) = self.pause() else { return };
        while !stop.is_cancelled() {
            let going = clock.0.read().await;
            // What failed is done by the next one.
            let _ = functions.invoke(&self.function, self.event.clone()).await;
            drop(going);
            let _ = tokio::time::timeout(pause, stop.cancelled()).await;
        }
    }
}

//! The tick: what is due is found and sent off every minute, whatever messages come.

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::Error;
use serde_json::{Value as Json, json};
use wynos::{jobs, services::Dispatcher};
use wynos_runtime::{
    Current, Function,
    metrics::{self, Figure},
};

/// The tick of one process, connected when the first one comes and anew when the database's secret has changed. It has
/// nothing but the shared tables and the queues.
#[derive(Debug)]
pub struct Ticker {
    function: Function,
    dispatcher: Current<Dispatcher>,
}

impl Ticker {
    /// Nothing is connected yet.
    pub fn new(function: Function) -> Self {
        Self {
            function,
            dispatcher: Current::default(),
        }
    }

    /// Sends off what is due until an invocation's `deadline` (milliseconds since 1970) is near. What is not done by then, or
    /// failed, is done a minute later: doing it twice changes nothing.
    pub fn tick(&self, deadline: u64) -> LocalBoxFuture<'_, Result<Json, Error>> {
        let last_moment = self.function.last_moment(deadline);
        // Boxed with its type forgotten: the compiler cannot lay out all that it holds.
        self.work(last_moment).boxed_local()
    }

    async fn work(&self, last_moment: DateTime<Utc>) -> Result<Json, Error> {
        let function = &self.function;
        let began = function.clock.now();
        let connect = || function.dispatcher();
        let secrets = [function.config.database.secret.as_str()];
        let dispatcher = self.dispatcher.get(function, &secrets, connect).await?;
        let left = (last_moment - began).to_std().unwrap_or_default();
        let in_time = tokio::time::timeout(left, jobs::send_off_due(&dispatcher)).await;
        let now = function.clock.now();
        metrics::emit_tallies(function.name, now);
        let spent = (Figure::Duration, (now - began).num_milliseconds());
        match in_time {
            Ok(Ok(())) => {
                metrics::emit(function.name, "tick", now, &[(Figure::Done, 1), spent]);
                Ok(json!({ "done": true }))
            }
            Ok(Err(failure)) => Err(failure.reason().into()),
            Err(_) => {
                metrics::emit(function.name, "tick", now, &[(Figure::OutOfTime, 1), spent]);
                Ok(json!({ "done": false }))
            }
        }
    }
}

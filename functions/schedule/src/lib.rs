//! The tick: what is to be done every minute, whatever messages come.

use chrono::{DateTime, Utc};
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::Error;
use serde_json::{Value as Json, json};
use wynos::jobs;
use wynos_runtime::{
    Function,
    metrics::{self, Figure},
};

/// Does the recurring work until `last_moment`. What is not done by then, or failed, is done a minute later: doing it twice
/// changes nothing.
pub fn tick(
    function: Function,
    last_moment: DateTime<Utc>,
) -> LocalBoxFuture<'static, Result<Json, Error>> {
    // Boxed with its type forgotten: the compiler cannot lay out all that it holds.
    async move { work(&function, last_moment).await }.boxed_local()
}

async fn work(function: &Function, last_moment: DateTime<Utc>) -> Result<Json, Error> {
    let began = function.clock.now();
    let services = function.services().await?;
    let left = (last_moment - began).to_std().unwrap_or_default();
    let in_time = tokio::time::timeout(left, jobs::housekeep(services)).await;
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

//! What is kept no longer: the clock sends off one sweep for each warehouse at night, the queue brings them back to be done,
//! and every few minutes what lies about is cleared up.

use aws_lambda_events::sqs::SqsEvent;
use chrono::{DateTime, Utc};
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value as Json, json};
use wynos::{jobs, retention};
use wynos_runtime::{
    Worker,
    batch::{self, nothing_foreign},
    metrics::{self, Figure},
};

/// What the event of a schedule says that is to be done, where it is not the night's sweeps.
const CLEAR_UP: &str = "clear-up";

/// Works off a batch of the queue, or does what the clock asks for where the event is no batch.
pub fn answer(
    worker: Worker,
    event: LambdaEvent<Json>,
) -> LocalBoxFuture<'static, Result<Json, Error>> {
    let last_moment = worker.function.last_moment(event.context.deadline);
    // Boxed with its type forgotten: the compiler cannot lay out all that it holds.
    async move {
        if event.payload.get("Records").is_some() {
            let batch: SqsEvent = serde_json::from_value(event.payload)?;
            let response = batch::work(&worker, nothing_foreign, batch, last_moment).await;
            return Ok(serde_json::to_value(response)?);
        }
        if event.payload.get("work").and_then(Json::as_str) == Some(CLEAR_UP) {
            return clear_up(&worker, last_moment).await;
        }
        send_off(&worker).await
    }
    .boxed_local()
}

/// Asks for the sweep of every warehouse that was not swept this night. Asked again it goes on where it was.
async fn send_off(worker: &Worker) -> Result<Json, Error> {
    let services = worker.services().await?;
    let sent = retention::fan_out(&services.dispatcher()).await?;
    let figures = [
        (Figure::Done, 1),
        (Figure::Sent, i64::try_from(sent).unwrap_or(i64::MAX)),
    ];
    let function = &worker.function;
    metrics::emit(function.name, "nightly", function.clock.now(), &figures);
    Ok(json!({ "sent": sent }))
}

/// Clears up until `last_moment`. What is not done by then, or failed, is done the next time.
async fn clear_up(worker: &Worker, last_moment: DateTime<Utc>) -> Result<Json, Error> {
    let function = &worker.function;
    let began = function.clock.now();
    let services = worker.services().await?;
    let left = (last_moment - began).to_std().unwrap_or_default();
    let in_time = tokio::time::timeout(left, jobs::clear_up(&services)).await;
    let now = function.clock.now();
    metrics::emit_tallies(function.name, now);
    let (figure, done) = match in_time {
        Ok(Ok(())) => (Figure::Done, true),
        Ok(Err(failure)) => return Err(failure.reason().into()),
        Err(_) => (Figure::OutOfTime, false),
    };
    let spent = (Figure::Duration, (now - began).num_milliseconds());
    metrics::emit(function.name, CLEAR_UP, now, &[(figure, 1), spent]);
    Ok(json!({ "done": done }))
}

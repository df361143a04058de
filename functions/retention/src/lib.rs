//! The nightly sweep: the clock sends off one message for each warehouse, and the queue brings them back to be done.

use aws_lambda_events::sqs::SqsEvent;
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value as Json, json};
use wynos::retention;
use wynos_runtime::{
    Function,
    batch::{self, nothing_foreign},
    metrics::{self, Figure},
};

/// Works off a batch of the queue, or sends the night's sweeps off where the event is no batch.
pub fn answer(
    function: Function,
    event: LambdaEvent<Json>,
) -> LocalBoxFuture<'static, Result<Json, Error>> {
    let last_moment = function.last_moment(event.context.deadline);
    // Boxed with its type forgotten: the compiler cannot lay out all that it holds.
    async move {
        if event.payload.get("Records").is_none() {
            return send_off(&function).await;
        }
        let batch: SqsEvent = serde_json::from_value(event.payload)?;
        let response = batch::work(&function, nothing_foreign, batch, last_moment).await;
        Ok(serde_json::to_value(response)?)
    }
    .boxed_local()
}

/// Asks for the sweep of every warehouse that was not swept this night. Asked again it goes on where it was.
async fn send_off(function: &Function) -> Result<Json, Error> {
    let services = function.services().await?;
    let sent = retention::fan_out(services).await?;
    let figures = [
        (Figure::Done, 1),
        (Figure::Sent, i64::try_from(sent).unwrap_or(i64::MAX)),
    ];
    metrics::emit(function.name, "nightly", function.clock.now(), &figures);
    Ok(json!({ "sent": sent }))
}

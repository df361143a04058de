//! Finds what is due and sends it off, every minute.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use wynos_runtime::Function;
use wynos_schedule::Ticker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let ticker = &Ticker::new(Function::start("schedule")?);
    let handle = |event: LambdaEvent<serde_json::Value>| ticker.tick(event.context.deadline);
    lambda_runtime::run(service_fn(handle)).await
}

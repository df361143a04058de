//! Sweeps warehouses of what is kept no longer: sends the sweeps off each night, and does them, one message each.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use wynos_runtime::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = Function::start("retention").await?;
    let handle =
        |event: LambdaEvent<serde_json::Value>| wynos_retention::answer(function.clone(), event);
    lambda_runtime::run(service_fn(handle)).await
}

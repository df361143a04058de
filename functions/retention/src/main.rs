//! Removes what is kept no longer: sends the sweeps of warehouses off each night, does them, and clears up meanwhile.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use wynos_runtime::{Function, Worker};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let worker = Worker::new(Function::start("retention")?);
    let handle =
        |event: LambdaEvent<serde_json::Value>| wynos_retention::answer(worker.clone(), event);
    lambda_runtime::run(service_fn(handle)).await
}

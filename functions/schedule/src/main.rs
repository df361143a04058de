//! Does the small recurring work, every minute.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use wynos_runtime::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = Function::start("schedule").await?;
    let handle = |event: LambdaEvent<serde_json::Value>| {
        let last_moment = function.last_moment(event.context.deadline);
        wynos_schedule::tick(function.clone(), last_moment)
    };
    lambda_runtime::run(service_fn(handle)).await
}

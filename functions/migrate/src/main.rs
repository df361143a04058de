//! Brings what all functions share up to date, once at each deploy.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use wynos_runtime::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = &Function::start("migrate")?;
    let handle = async |_: LambdaEvent<serde_json::Value>| {
        wynos_migrate::migrate(function).await.map_err(Error::from)
    };
    lambda_runtime::run(service_fn(handle)).await
}

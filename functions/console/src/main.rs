//! The console, the API and the download page, as a function behind an HTTP API.

use lambda_http::{Error, service_fn};
use wynos_console::lambda::Front;
use wynos_runtime::Function;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let front = Front::new(Function::start("console")?);
    let front = &front;
    lambda_http::run(service_fn(|request| front.answer(request))).await
}

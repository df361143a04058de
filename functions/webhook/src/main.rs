//! The receiver of the vendor's events, as a function behind an HTTP API.

use lambda_http::{Error, service_fn};
use wynos_runtime::Function;
use wynos_webhook::lambda::Front;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let front = &Front::new(Function::start("webhook")?);
    lambda_http::run(service_fn(|request| front.answer(request))).await
}

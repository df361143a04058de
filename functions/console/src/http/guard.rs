use std::{any::Any, time::Duration};

use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Failure, Kind};

/// How long a request may take, apart from files.
const LONGEST: Duration = Duration::from_secs(60);

/// Layer: gives up on a request that takes too long.
pub(crate) async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::of(Kind::Timeout).into_response(),
    }
}

/// What a request gets whose handler panicked; its neighbours go on.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over"
)]
pub(crate) fn keep_panics_inside(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(code = Kind::Internal.code(), said, "a handler panicked");
    Failure::of(Kind::Internal).into_response()
}

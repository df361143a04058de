use tracing_subscriber::{EnvFilter, fmt};

/// Sends the log to standard output as JSON lines, as Lambda takes it. `RUST_LOG` or else `AWS_LAMBDA_LOG_LEVEL` says what
/// is logged; by default what the functions do.
#[expect(
    clippy::disallowed_methods,
    reason = "the level is read before there is a configuration, so that its failure is logged"
)]
pub(crate) fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_else(|_| "info".to_owned());
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level.to_lowercase()));
    // A second subscriber cannot be set; the first one then keeps the log.
    let _ = fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(false)
        .try_init();
}

use std::str::FromStr;

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::config::environment;

/// Sends the log to standard output as JSON lines, as Lambda takes it. `RUST_LOG` (`info,wynos=debug`) or else
/// `AWS_LAMBDA_LOG_LEVEL` says what is logged; by default what the functions do.
pub(crate) fn start() {
    // Filters by targets know no regular expressions, which would be a tenth of the smallest function.
    let told = environment("RUST_LOG").or_else(|| environment("AWS_LAMBDA_LOG_LEVEL"));
    let targets = told.and_then(|told| Targets::from_str(&told.to_lowercase()).ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    // A second subscriber cannot be set; the first one then keeps the log.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .try_init();
}

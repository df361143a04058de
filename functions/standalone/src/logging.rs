use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

/// Sends the log to standard error: as text on a terminal, as JSON lines elsewhere. `RUST_LOG` chooses what is logged; by
/// default a server logs what it does and a command only what went wrong, but for the failure of a run, which is its message.
pub(crate) fn start(server: bool) {
    let default = match server {
        true => "info",
        false => "error,wynos::planner::finish=off",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber cannot be set; the first one then keeps the log.
    let _ = if std::io::stderr().is_terminal() {
        log.with_target(false).try_init()
    } else {
        log.json().try_init()
    };
}

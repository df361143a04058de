use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::error;
use wynos::{jobs, services::Services};

/// How often the small recurring work is done.
const EVERY: Duration = Duration::from_secs(60);

/// Does the small recurring work until the stop is asked for.
///
/// Failure contract: whatever failed is tried again a minute later; doing it twice changes nothing.
pub(crate) async fn keep(services: Services, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(failure) = jobs::housekeep(&services).await {
            error!(error = &failure as &dyn std::error::Error, "recurring work failed, will be tried again");
        }
        let _ = tokio::time::timeout(EVERY, stop.cancelled()).await;
    }
}

use serde_json::json;
use wynos::services::Services;

use crate::{failure::Ending, output::Output};

/// Brings the shared database up to this version; warehouses follow when they are first touched.
pub(crate) async fn run(services: &Services, output: Output) -> anyhow::Result<Ending> {
    services.control.migrate().await?;
    output.say("The shared database is up to date.");
    output.result(&json!({ "migrated": true }));
    Ok(Ending::Done)
}

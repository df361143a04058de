//! Sweeps warehouses of what was received long ago, one message each.

use wynos_runtime::{batch::nothing_foreign, serve_queues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("retention", nothing_foreign).await
}

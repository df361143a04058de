//! Compares sources with the vendor, and mends what differs.

use wynos_runtime::{batch::nothing_foreign, serve_queues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("reconcile", nothing_foreign).await
}

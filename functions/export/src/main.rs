//! Builds ordered files: one message, one file.

use wynos_runtime::{batch::nothing_foreign, serve_queues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("export", nothing_foreign).await
}

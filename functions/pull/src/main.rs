//! Reads sources from the vendor: their lists, changes, history and reports.

use wynos_runtime::{batch::nothing_foreign, serve_queues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("pull", nothing_foreign).await
}

//! Takes in what the vendor sent to webhooks, many events at once.

use wynos_runtime::{batch::nothing_foreign, serve_queues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("ingest", nothing_foreign).await
}

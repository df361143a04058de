//! Validates, applies and undoes uploaded files, and notes that a file was uploaded.

use wynos_import::notified;
use wynos_runtime::serve_queues;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("import", notified).await
}

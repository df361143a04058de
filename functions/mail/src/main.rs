//! Hands mails to SES and takes bounces and complaints back; brings what warehouses have to tell to the shared tables.

use wynos_mail::returned;
use wynos_runtime::serve_queues;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve_queues("mail", returned).await
}

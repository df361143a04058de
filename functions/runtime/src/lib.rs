//! What the functions share: AWS adapters for the ports, the batch loop, configuration and metrics.
//!
//! ```text
//! config ─ assemble ─ services        once in each process, when the first event needs them
//! event ─ batch ─ jobs::run ─ settle  for each batch of a queue
//! ```

pub mod actions;
pub mod batch;
mod cloud;
mod config;
mod entry;
mod function;
pub mod http;
mod logging;
pub mod metrics;
mod s3;
mod secrets;
mod ses;
mod sqs;

pub use cloud::configuration;
pub use config::{Budget, Config, ConfigError, VendorPlace};
pub use entry::serve_queues;
pub use function::{CONTROL_SCHEMA, Function, setup_token};
pub use s3::{Parts, S3Objects};
pub use secrets::{DatabasePlace, DatabaseSecretError, SecretValues, SecretsManagerKeys};
pub use ses::SesMailer;
pub use sqs::{QueueUrls, SqsQueue};

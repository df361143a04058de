//! What the functions share: AWS adapters for the ports, the batch loop, configuration and metrics.
//!
//! ```text
//! config ─ assemble ─ services        once in each process, when the first event needs them
//! event ─ batch ─ jobs::run ─ settle  for each batch of a queue
//! ```
//!
//! Without the feature `domain` there is only what the receiver of webhooks needs: queues, secrets and configuration, and
//! no database, no files, no mails. The feature `chain` is for who runs elsewhere than in Lambda: it looks for credentials in
//! profiles and on the machine too.

pub mod actions;
#[cfg(feature = "domain")]
pub mod batch;
mod cloud;
mod config;
mod current;
#[cfg(feature = "domain")]
mod entry;
mod function;
pub mod http;
mod late;
mod logging;
pub mod metrics;
#[cfg(feature = "domain")]
mod opened;
mod parts;
#[cfg(feature = "domain")]
mod s3;
mod secrets;
#[cfg(feature = "domain")]
mod ses;
mod sqs;
mod variables;

#[cfg(feature = "chain")]
pub use cloud::configuration;
pub use config::{Budget, Config, ConfigError, VendorPlace};
pub use current::Current;
#[cfg(feature = "domain")]
pub use entry::serve_queues;
pub use function::Function;
#[cfg(feature = "domain")]
pub use opened::{CONTROL_SCHEMA, Worker, setup_token};
pub use parts::Parts;
#[cfg(feature = "domain")]
pub use s3::S3Objects;
pub use secrets::{DatabasePlace, DatabaseSecretError, SecretValues, SecretsManagerKeys};
#[cfg(feature = "domain")]
pub use ses::SesMailer;
#[cfg(feature = "domain")]
pub use sqs::KeyedQueue;
pub use sqs::{QueueUrls, SqsQueue};

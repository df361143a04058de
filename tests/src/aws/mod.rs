//! A local AWS: moto for queues, mails, secrets and keys, and an S3 that verifies signatures and expiry.

mod moto;
mod store;

pub(crate) use moto::program;
pub use moto::{Moto, SentMail};
pub use store::Store;
pub(crate) use store::keys_in;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;

/// The region of everything here.
pub const REGION: &str = "eu-central-1";
/// Who everything here belongs to.
pub const ACCESS_KEY: &str = "AKIAWYNOSTESTS000000";
/// Their secret.
pub const SECRET_KEY: &str = "wynos-tests";

/// A Python that knows AWS.
pub fn python() -> anyhow::Result<std::path::PathBuf> {
    program("python")
}

/// Every service at that address.
pub async fn cloud(endpoint: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(
            ACCESS_KEY, SECRET_KEY, None, None, "tests",
        ))
        .load()
        .await
}

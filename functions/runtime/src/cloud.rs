use std::error::Error as StdError;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use std::time::Duration;

/// Attempts at one call before its error is ours to deal with.
const ATTEMPTS: u32 = 4;

/// How long one attempt may take to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the services may be silent within one attempt.
const READ: Duration = Duration::from_secs(30);

/// How the services are reached: region, credentials and addresses from the environment (`AWS_REGION`, `AWS_PROFILE`,
/// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_S3`, `_SQS` and so on), so that compatible services can take their place.
///
/// Nothing is asked of any service; credentials come when the first call needs them.
pub async fn configuration() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .read_timeout(READ)
                .build(),
        )
        .load()
        .await
}

/// What a service said, as the source of a port's error: the whole chain in one line, because the SDK's outermost error
/// says no more than "service error".
pub(crate) fn said<E: StdError>(error: E) -> Box<dyn StdError + Send + Sync> {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let text = source.to_string();
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = source.source();
    }
    line.into()
}

//! How the services of AWS are reached.

use std::{collections::BTreeMap, error::Error as StdError, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_sqs::config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{
    SdkConfig,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use crate::{config::environment, late::LateClient};

/// Attempts at one call before its error is ours to deal with.
const ATTEMPTS: u32 = 4;

/// How long one attempt may take to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the services may be silent within one attempt.
const READ: Duration = Duration::from_secs(30);

/// The variable with the address that takes the place of AWS's; with `_S3`, `_SQS` and so on behind it, of one service's.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The services in use, as the variables of their addresses name them.
const SERVICES: [&str; 5] = ["S3", "SQS", "SES", "KMS", "SECRETS_MANAGER"];

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .build()
}

fn behaviour() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// How a function reaches the services: region, credentials and addresses from its environment, where Lambda puts them, and
/// from nowhere else. Looking into profiles and asking the machine would be more code than all the calls.
pub(crate) fn of_environment() -> SdkConfig {
    of(environment)
}

fn of(variable: impl Fn(&str) -> Option<String>) -> SdkConfig {
    let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    let mut addresses = Addresses::default();
    for service in SERVICES {
        if let Some(url) = variable(&format!("{ENDPOINT}_{service}")) {
            addresses.0.insert(service, url);
        }
    }
    let mut config = SdkConfig::builder()
        .behavior_version(behaviour())
        .region(region.map(Region::new))
        .retry_config(retries())
        .timeout_config(timeouts())
        .http_client(LateClient::new(behaviour()))
        .service_config(addresses);
    config.set_endpoint_url(variable(ENDPOINT));
    config.set_credentials_provider(credentials(&variable));
    config.build()
}

/// `None` where there are none: the first call then says so.
fn credentials(variable: &impl Fn(&str) -> Option<String>) -> Option<SharedCredentialsProvider> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        variable("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    Some(SharedCredentialsProvider::new(credentials))
}

/// Addresses of single services.
#[derive(Debug, Default)]
struct Addresses(BTreeMap<&'static str, String>);

impl LoadServiceConfig for Addresses {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != ENDPOINT {
            return None;
        }
        let service = key.service_id().to_uppercase().replace(' ', "_");
        self.0.get(service.as_str()).cloned()
    }
}

/// How the services are reached from anywhere: region, credentials and addresses from the environment, profiles
/// (`AWS_PROFILE`) and the machine itself, as the AWS command line finds them.
///
/// Nothing is asked of any service; credentials come when the first call needs them.
#[cfg(feature = "chain")]
pub async fn configuration() -> SdkConfig {
    aws_config::defaults(behaviour())
        .retry_config(retries())
        .timeout_config(timeouts())
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

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials;

    use super::*;

    fn told(names: &[(&str, &str)]) -> SdkConfig {
        of(|name| {
            let found = names.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn address(config: &SdkConfig, service: &str, variable: &str) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env(variable)
            .profile("endpoint_url");
        let key = key.build().unwrap();
        config.service_config().unwrap().load_config(key)
    }

    #[tokio::test]
    async fn lambdas_environment_says_where_the_services_are_and_who_asks() {
        let config = told(&[
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "session"),
            ("AWS_ENDPOINT_URL", "http://all"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://secrets"),
        ]);
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
        assert_eq!(config.endpoint_url(), Some("http://all"));
        assert_eq!(
            address(&config, "Secrets Manager", ENDPOINT).as_deref(),
            Some("http://secrets")
        );
        assert_eq!(address(&config, "SQS", ENDPOINT), None);
        assert_eq!(address(&config, "Secrets Manager", "AWS_OTHER"), None);
        let provider = config.credentials_provider().unwrap();
        let credentials = provider.provide_credentials().await.unwrap();
        assert_eq!(credentials.access_key_id(), "AKID");
        assert_eq!(credentials.session_token(), Some("session"));
    }

    #[test]
    fn without_credentials_nothing_is_made_up() {
        let config = told(&[("AWS_DEFAULT_REGION", "us-east-1")]);
        assert!(config.credentials_provider().is_none());
        assert_eq!(config.region().unwrap().as_ref(), "us-east-1");
        assert_eq!(config.endpoint_url(), None);
    }
}

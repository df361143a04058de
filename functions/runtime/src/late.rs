use std::sync::OnceLock;

use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    runtime_components::RuntimeComponents,
};

/// The client of HTTP that all services share, made when the first call needs it.
///
/// The SDK's own one reads the machine's certificates as soon as a service's client is made, and for each of them anew: that
/// was most of the time and of the memory that a function's start took.
#[derive(Debug, Default)]
pub(crate) struct LateClient(OnceLock<SharedHttpClient>);

impl LateClient {
    fn made(&self) -> &SharedHttpClient {
        self.0.get_or_init(|| {
            let provider = Provider::Rustls(CryptoMode::AwsLc);
            Builder::new().tls_provider(provider).build_https()
        })
    }
}

impl HttpClient for LateClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.made().http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.get()?.connector_metadata()
    }
}

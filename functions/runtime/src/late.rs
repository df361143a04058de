use std::sync::OnceLock;

use aws_sdk_sqs::config::BehaviorVersion;
use aws_smithy_runtime::client::defaults::default_http_client_plugin_v2;
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
        runtime_plugin::RuntimePlugin,
    },
    shared::IntoShared,
};

/// The client of HTTP that all services share, made when the first call needs it.
///
/// The SDK makes the same one, which is linked in any case, but reads the machine's certificates as soon as a service's client
/// is made, and for each of them anew: that was most of the time and of the memory that a function's start took.
#[derive(Debug)]
pub(crate) struct LateClient {
    behaviour: BehaviorVersion,
    made: OnceLock<Option<SharedHttpClient>>,
}

impl LateClient {
    /// As the SDK makes it for that version of its behaviour.
    pub(crate) fn new(behaviour: BehaviorVersion) -> Self {
        Self {
            behaviour,
            made: OnceLock::new(),
        }
    }

    fn make(&self) -> Option<SharedHttpClient> {
        let plugin = default_http_client_plugin_v2(self.behaviour)?;
        let nothing = RuntimeComponentsBuilder::new("late");
        plugin.runtime_components(&nothing).http_client()
    }
}

impl HttpClient for LateClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        match self.made.get_or_init(|| self.make()) {
            Some(client) => client.http_connector(settings, components),
            None => Nobody.into_shared(),
        }
    }
}

/// Who stands for a client that was not built in.
#[derive(Debug)]
struct Nobody;

impl HttpConnector for Nobody {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let why = "there is no client of HTTP".into();
        HttpConnectorFuture::ready(Err(ConnectorError::user(why)))
    }
}

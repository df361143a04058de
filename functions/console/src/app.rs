use std::sync::Arc;

use url::Url;
use wynos::{control::TokenHash, ports::Objects, services::Services};

use crate::{http::Cookies, objects::SignedObjects};

/// What the router is told beside the services.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The one-time token that the first owner's set-up asks for; `None` lets anybody who reaches the server do it, which is
    /// right on a loopback address alone.
    pub setup_token: Option<SetupToken>,
    /// The embedded object store, when it is the one in use: its signed URLs are served under `/objects/`.
    pub embedded_objects: Option<SignedObjects>,
    /// Where objects are when they are elsewhere: browsers are let be sent there.
    pub objects_origin: Option<Url>,
}

/// The token of the set-up link that the server prints when it starts; it works until there is an account.
#[derive(Clone)]
pub struct SetupToken(TokenHash);

impl SetupToken {
    /// The token in this text.
    pub fn new(token: &str) -> Self {
        Self(TokenHash::of(token))
    }

    /// Whether the text is the token; takes the same time whichever character differs.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0 == TokenHash::of(text)
    }
}

impl std::fmt::Debug for SetupToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SetupToken(…)")
    }
}

/// What every handler is given.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) services: Services,
    pub(crate) options: Arc<Options>,
    pub(crate) cookies: Cookies,
    pub(crate) failures: Arc<crate::api::FailureLimit>,
    pub(crate) reads: Arc<crate::api::NotedReads>,
}

impl App {
    pub(crate) fn new(services: Services, options: Options) -> Self {
        let secure = services.settings.public_url.scheme() == "https";
        Self {
            services,
            options: Arc::new(options),
            cookies: Cookies::new(secure),
            failures: Arc::default(),
            reads: Arc::default(),
        }
    }

    /// The object store.
    pub(crate) fn objects(&self) -> &dyn Objects {
        self.services.objects.as_ref()
    }
}

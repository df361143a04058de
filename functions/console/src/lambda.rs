//! The router as a function: requests come from an HTTP API, everything else is the same.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, future::BoxFuture};
use lambda_http::Error;
use tower::ServiceExt;
use tracing::error;
use wynos_runtime::{Current, Function, http, metrics, setup_token};

use crate::{Options, SetupToken, router};

/// The console of one process, opened when the first request needs it.
#[derive(Debug)]
pub struct Front {
    function: Function,
    router: Current<Router>,
}

impl Front {
    /// Nothing is opened yet.
    pub fn new(function: Function) -> Self {
        Self {
            function,
            router: Current::default(),
        }
    }

    /// Answers one request. Where the console cannot be opened or has no answer in time, the answer says that it is away for a
    /// moment, and the next request tries again.
    pub fn answer(&self, request: lambda_http::Request) -> BoxFuture<'_, Result<Response, Error>> {
        // Boxed with its type forgotten: the compiler cannot lay out all that it holds.
        async move {
            let left = http::time_for(&self.function, &request);
            let in_time = tokio::time::timeout(left, self.respond(request)).await;
            let response = in_time.unwrap_or_else(|_| {
                error!("a request found no answer in time");
                away()
            });
            metrics::emit_tallies(self.function.name, self.function.clock.now());
            Ok(response)
        }
        .boxed()
    }

    async fn respond(&self, request: lambda_http::Request) -> Response {
        let secrets = self.function.all_secrets();
        let router = self.router.get(&self.function, &secrets, || self.open());
        match router.await {
            Ok(router) => match router.oneshot(told_by(request)).await {
                Ok(response) => response,
                Err(never) => match never {},
            },
            Err(failure) => {
                error!(
                    reason = format!("{failure:#}"),
                    "the console cannot be opened"
                );
                away()
            }
        }
    }

    async fn open(&self) -> anyhow::Result<Router> {
        let services = self.function.open().await?;
        let options = Options {
            setup_token: Some(SetupToken::new(&setup_token(&services.keys))),
            embedded_objects: None,
            objects_origin: Some(self.function.objects().origin().await?),
        };
        Ok(router(services, options))
    }
}

fn away() -> Response {
    let words = "Wynos is away for a moment; please try again.";
    (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
}

fn told_by(request: lambda_http::Request) -> Request {
    let (mut request, peer) = http::request::<Body>(request);
    if let Some(peer) = peer {
        let peer = SocketAddr::new(peer, 0);
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    request
}

//! The receiver as a function: requests come from an HTTP API, everything else is the same.

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, future::BoxFuture};
use lambda_http::Error;
use tower::ServiceExt;
use tracing::error;
use wynos_base::ports::{KeyName, Secrets};
use wynos_runtime::{Current, Function, http, metrics};

use crate::{Receiver, router};

/// The receiver of one process, whose keys are fetched when the first request needs them.
#[derive(Debug)]
pub struct Front {
    function: Function,
    router: Current<Router>,
}

impl Front {
    /// Nothing is fetched yet.
    pub fn new(function: Function) -> Self {
        Self {
            function,
            router: Current::default(),
        }
    }

    /// Answers one request. Where the keys cannot be had or the queue is silent, the vendor is told to come again.
    pub fn answer(&self, request: lambda_http::Request) -> BoxFuture<'_, Result<Response, Error>> {
        async move {
            let left = http::time_for(&self.function, &request);
            let in_time = tokio::time::timeout(left, self.respond(request)).await;
            let response = in_time.unwrap_or_else(|_| {
                error!("an event could not be queued in time");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            });
            metrics::emit_tallies(self.function.name, self.function.clock.now());
            Ok(response)
        }
        .boxed()
    }

    async fn respond(&self, request: lambda_http::Request) -> Response {
        let secrets = [self.function.config.master_key_secret.as_str()];
        let router = self.router.get(&self.function, &secrets, || self.open());
        match router.await {
            Ok(router) => {
                let (request, _) = http::request::<axum::body::Body>(request);
                match router.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            Err(failure) => {
                error!(reason = format!("{failure:#}"), "there are no keys");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }

    async fn open(&self) -> Result<Router, wynos_base::ports::SecretsError> {
        let keys = self.function.master_keys().keys(KeyName::Webhook).await?;
        let queue = Arc::new(self.function.queue.clone());
        Ok(router(Receiver::new(
            queue,
            keys,
            self.function.clock.clone(),
        )))
    }
}

//! Requests as an HTTP API hands them to a function.

use std::{net::IpAddr, time::Duration};

use lambda_http::{RequestExt, http::Request, request::RequestContext};

use crate::Function;

/// How long the answer to a request may take, so that its sender has one before the function is killed, which would cost the
/// next one a new process too.
pub fn time_for(function: &Function, request: &lambda_http::Request) -> Duration {
    let deadline = request.lambda_context_ref().map(|context| context.deadline);
    let last_moment = function.last_moment(deadline.unwrap_or(u64::MAX));
    (last_moment - function.clock.now())
        .to_std()
        .unwrap_or_default()
}

/// The request with a body of the framework in use, and the address that it comes from, as the HTTP API saw it: what a
/// visitor claims in a header counts for nothing.
pub fn request<B>(request: lambda_http::Request) -> (Request<B>, Option<IpAddr>)
where
    B: From<String> + From<Vec<u8>> + Default,
{
    let peer = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    let request = request.map(|body| match body {
        lambda_http::Body::Text(text) => B::from(text),
        lambda_http::Body::Binary(bytes) => B::from(bytes),
        _ => B::default(),
    });
    (request, peer.and_then(|peer| peer.parse().ok()))
}

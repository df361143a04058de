use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use wynos::catalog::Locale;

use crate::{
    App,
    http::{About, Failure, Kind, failure_of, language_from_header},
};

/// More of what the framework says about a request, in bytes, is not told.
const LONGEST_REASON: usize = 2_000;

/// Why a request was not done (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// A stable name of the problem.
    code: &'static str,
    /// What happened and what to do, in the language of `Accept-Language`.
    detail: String,
    /// The field at fault, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// Layer: turns a failure into a problem document, and tells addresses whose tokens are wrong too often to wait.
pub(crate) async fn answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let locale = language_from_header(request.headers());
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    let now = app.services.clock.now();
    let mut response = next.run(request).await;
    let Some(mut failure) = failure_of(&mut response) else {
        return response;
    };
    if failure == Failure::of(Kind::Malformed) {
        // The framework says in its body what it could not read.
        let said = axum::body::to_bytes(response.into_body(), LONGEST_REASON).await;
        let said = said.map(|said| String::from_utf8_lossy(&said).trim().to_owned());
        let said = said.ok().filter(|said| !said.is_empty());
        failure.about = said.map(About::Text);
    }
    if matches!(failure.kind, Kind::Unauthorized) {
        // Only who is wrong once more waits: good tokens of the same address are let through.
        if app.failures.is_exhausted(peer, now) {
            return document(locale, &Failure::of(Kind::TooManyFailures));
        }
        app.failures.count(peer, now);
    }
    document(locale, &failure)
}

/// The problem document of a failure.
fn document(locale: Locale, failure: &Failure) -> Response {
    let status = failure.kind.status();
    let code = failure.kind.code();
    let problem = Problem {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Problem"),
        status: status.as_u16(),
        code,
        detail: failure.reason(locale),
        field: failure.field.clone(),
    };
    let mut response = (status, Json(problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"wynos\""),
        );
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

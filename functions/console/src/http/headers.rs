use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use url::Url;

/// Origins beside the page's own that its forms may lead to: where objects are.
#[derive(Debug, Clone)]
pub(crate) struct ForeignOrigins(HeaderValue);

impl ForeignOrigins {
    /// The policy for pages of a server with this public address, whose objects may be elsewhere.
    pub(crate) fn policy(public: &Url, objects: Option<&Url>) -> Self {
        let mut origins = String::from("'self'");
        for url in [Some(public), objects].into_iter().flatten() {
            // A browser checks the redirect after a form against this list too, and people may reach the server by another
            // name than its public one.
            origins.push(' ');
            origins.push_str(&url.origin().ascii_serialization());
        }
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src {origins}; \
             form-action {origins}; base-uri 'none'; frame-ancestors 'none'"
        );
        Self(
            HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
        )
    }
}

/// Layer: headers that every answer carries unless it set them itself.
pub(crate) async fn security_headers(
    State(policy): State<ForeignOrigins>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(policy.0);
    response
}

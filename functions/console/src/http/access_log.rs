use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};

/// Layer: one line per request. It names the route, never the path or the query, which hold tokens and what people look
/// for.
pub(crate) async fn access_log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let begun = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("(no route)", MatchedPath::as_str);
    let millis = begun.elapsed().as_millis();
    tracing::info!(target: "wynos::access", %method, route, status = response.status().as_u16(), millis, "request");
    response
}

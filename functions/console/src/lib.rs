//! Wynos over HTTP: the web console, the one-time download page, the REST API and the embedded object store's URLs.
//!
//! [`router`] makes the whole of it from the domain's services. Whoever runs it should put the peer's address into the
//! request's extensions as [`axum::extract::ConnectInfo`]: attempts to sign in are throttled by it.

mod api;
mod app;
mod http;
#[cfg(feature = "lambda")]
pub mod lambda;
mod objects;
mod pages;
mod promised;
#[cfg(test)]
mod tests;
mod view;

pub use app::{Options, SetupToken};
pub use objects::SignedObjects;

pub(crate) use app::App;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use tower_http::catch_panic::CatchPanicLayer;
use wynos::services::Services;

use http::{
    Failure, ForeignOrigins, Kind, access_log, asset, in_time, keep_panics_inside,
    security_headers, visit,
};

/// The most bytes of a form or of a JSON document.
const BODY_LIMIT: usize = 1024 * 1024;

/// The console, the API and everything else that is reached by HTTP.
pub fn router(services: Services, options: Options) -> Router {
    let policy = ForeignOrigins::policy(
        &services.settings.public_url,
        options.objects_origin.as_ref(),
    );
    let app = App::new(services, options);
    let guarded = |router: Router<App>| router.layer(CatchPanicLayer::custom(keep_panics_inside));
    let pages = guarded(
        pages::routes()
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(from_fn(in_time)),
    )
    .merge(guarded(
        pages::file_routes().layer(DefaultBodyLimit::disable()),
    ))
    .fallback(nothing)
    .layer(from_fn_with_state(app.clone(), visit));
    let api = guarded(
        api::routes()
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(from_fn(in_time)),
    )
    .merge(guarded(
        api::file_routes().layer(DefaultBodyLimit::disable()),
    ))
    .layer(from_fn_with_state(app.clone(), api::answer));
    let mut all = Router::new()
        .merge(pages)
        .merge(api)
        .route("/healthz", get(health))
        .route("/assets/{version}/{name}", get(asset));
    if app.options.embedded_objects.is_some() {
        let objects = guarded(objects::routes().layer(DefaultBodyLimit::disable()));
        all = all.merge(objects.layer(from_fn_with_state(app.clone(), api::answer)));
    }
    all.layer(from_fn_with_state(policy, security_headers))
        .layer(from_fn(access_log))
        .with_state(app)
}

async fn nothing() -> Failure {
    Failure::of(Kind::NotFound)
}

/// `GET /healthz`: whether this process can do its work.
async fn health(
    axum::extract::State(app): axum::extract::State<App>,
) -> Result<&'static str, axum::http::StatusCode> {
    match app.services.control.ping().await {
        Ok(()) => Ok("ok"),
        Err(_) => Err(axum::http::StatusCode::SERVICE_UNAVAILABLE),
    }
}

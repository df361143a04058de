use askama::Template;
use axum::response::{IntoResponse, Response};
use wynos::i18n::{Args, text, text_with};

use crate::{
    App,
    http::{Failure, Kind, Visitor},
    view::{Frame, page},
};

#[derive(Template)]
#[template(path = "message.html")]
struct Message {
    frame: Frame,
    text: String,
    code: Option<&'static str>,
    back: &'static str,
}

/// The page that tells a person why something was not done.
pub(crate) fn failure_page(_app: &App, visitor: &Visitor, failure: &Failure) -> Response {
    let (title, key) = words(failure.kind);
    let said = match failure.kind {
        Kind::Refused(_) => failure.reason(visitor.locale),
        _ => {
            let field = failure.field.as_deref().unwrap_or_default();
            text_with(visitor.locale, key, &Args::new().with("field", field))
        }
    };
    let message = Message {
        frame: Frame::of(visitor, title),
        text: said,
        code: (failure.kind.status().as_u16() >= 500).then(|| failure.kind.code()),
        back: "/",
    };
    match page(&message) {
        Ok(body) => (failure.kind.status(), body).into_response(),
        // Without a page, the plain sentence.
        Err(_) => (failure.kind.status(), text(visitor.locale, key)).into_response(),
    }
}

const fn words(kind: Kind) -> (&'static str, &'static str) {
    let title = "console-error-title";
    match kind {
        Kind::NotFound => ("console-error-not-found-title", "console-error-not-found"),
        Kind::Forbidden | Kind::InsufficientScope => {
            ("console-error-forbidden-title", "console-error-forbidden")
        }
        Kind::FormExpired => ("console-error-expired-title", "console-error-expired"),
        Kind::InvalidField | Kind::UnknownColumn | Kind::InvalidCursor | Kind::Malformed => {
            (title, "console-error-input")
        }
        Kind::Conflict | Kind::IdempotencyMismatch => (title, "console-error-state"),
        Kind::TooLarge => (title, "console-error-too-large"),
        Kind::MethodNotAllowed => (title, "console-error-method"),
        Kind::Timeout => (title, "console-error-timeout"),
        Kind::SignInFirst
        | Kind::Unauthorized
        | Kind::TooManyFailures
        | Kind::Unavailable
        | Kind::Refused(_)
        | Kind::Internal => (title, "console-error-internal"),
    }
}

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use wynos::{
    access,
    catalog::Locale,
    control::{ControlError, NewAccount, NewSubscription, Password, PasswordError, Plan},
};

use super::sign_in::sign_in_response;
use crate::{
    App,
    http::{Failure, Fields, Kind, Visitor},
    view::{Frame, page},
};

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup<'a> {
    frame: Frame,
    token: &'a str,
    business: &'a str,
    person: &'a str,
    email: &'a str,
    least: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /setup`: the form for the first owner, while there is nobody.
pub(super) async fn form(
    State(app): State<App>,
    Extension(visitor): Extension<Arc<Visitor>>,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    if !app.services.control.first_owner_needed().await? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let mut frame = Frame::of(&visitor, "console-setup-title");
    if !permitted(&app, &link.token) {
        let text = frame.t("console-setup-token");
        frame = frame.say("bad", text);
    }
    setup_page(frame, &link.token, &Fields::default())
}

fn setup_page(frame: Frame, token: &str, typed: &Fields) -> Result<Response, Failure> {
    page(&Setup {
        frame,
        token,
        business: typed.text("business"),
        person: typed.text("person"),
        email: typed.text("email"),
        least: Password::MIN_LENGTH,
    })
}

fn permitted(app: &App, token: &str) -> bool {
    app.options
        .setup_token
        .as_ref()
        .is_none_or(|known| known.is(token))
}

/// `POST /setup`: makes the first owner with their subscription, and signs them in.
pub(super) async fn create(
    State(app): State<App>,
    Extension(visitor): Extension<Arc<Visitor>>,
    typed: Fields,
) -> Result<Response, Failure> {
    if !app.services.control.first_owner_needed().await? {
        return Err(Kind::NotFound.into());
    }
    let again = |key: &str| {
        let frame = Frame::of(&visitor, "console-setup-title");
        let text = frame.count(key, &Password::MIN_LENGTH);
        setup_page(frame.say("bad", text), typed.raw("token"), &typed)
    };
    if !permitted(&app, typed.raw("token")) {
        return again("console-setup-token");
    }
    let password = match Password::hash(typed.raw("password")).await {
        Ok(password) => password,
        Err(PasswordError::TooShort) => return again("console-password-short"),
        Err(PasswordError::TooLong) => return again("console-password-long"),
        Err(error) => return Err(Failure::noted(Kind::Internal, &error)),
    };
    let locale = Locale::parse(typed.text("locale")).unwrap_or(visitor.locale);
    let owner = NewAccount {
        email: typed.text("email").to_owned(),
        name: typed.text("person").to_owned(),
        locale,
        password,
    };
    let business = new_subscription(typed.text("business"), locale);
    let now = app.services.clock.now();
    match access::set_up(&app.services.control, &business, &owner, now).await {
        Ok(first) => {
            let to = format!("/s/{}", first.subscription.id);
            sign_in_response(&app, &first.account, &to).await
        }
        Err(ControlError::Invalid {
            field: "e-mail address",
        }) => again("console-email-wrong"),
        Err(ControlError::Invalid { field: "name" }) => again("console-name-wrong"),
        Err(ControlError::Taken { .. }) => Ok(Redirect::to("/sign-in").into_response()),
        Err(error) => Err(error.into()),
    }
}

/// A subscription with the conventions of the country that the language is mostly spoken in.
fn new_subscription(name: &str, locale: Locale) -> NewSubscription {
    let (time_zone, country, currency) = match locale {
        Locale::Pl => ("Europe/Warsaw", "PL", "PLN"),
        Locale::Ru => ("Europe/Moscow", "RU", "RUB"),
        Locale::En => ("Europe/London", "GB", "GBP"),
    };
    NewSubscription {
        name: name.to_owned(),
        plan: Plan::Standard,
        locale,
        time_zone: time_zone.to_owned(),
        country: country.to_owned(),
        currency: currency.to_owned(),
        placement: "default".to_owned(),
    }
}

/// The header that takes the visitor to a page with a new session.
pub(super) fn with_cookie(
    mut response: Response,
    cookie: Option<axum::http::HeaderValue>,
) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

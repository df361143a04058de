use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    access::OwnDoing,
    catalog::Locale,
    control::{Password, PasswordError, SignIn},
};

use super::{
    address::Done,
    sign_in::{note, sign_in_response},
};
use crate::{
    App,
    http::{ClientAddress, Failure, Fields, Kind, SignedIn},
    view::{Frame, page},
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: Frame,
    person: &'a str,
    email: &'a str,
    least: usize,
}

/// `GET /account`: language and password.
pub(super) async fn form(person: SignedIn, Query(done): Query<Done>) -> Result<Response, Failure> {
    let frame = Frame::of(&person.visitor, "console-account-title");
    let known = [
        ("language", "console-saved"),
        ("password", "console-account-changed"),
    ];
    account_page(done.told(frame, "good", &known), &person)
}

fn account_page(frame: Frame, person: &SignedIn) -> Result<Response, Failure> {
    page(&AccountPage {
        frame,
        person: &person.account.name,
        email: &person.account.email,
        least: Password::MIN_LENGTH,
    })
}

/// `POST /account/language`: the language of pages and mails.
pub(super) async fn language(
    State(app): State<App>,
    person: SignedIn,
    typed: Fields,
) -> Result<Response, Failure> {
    let locale = Locale::parse(typed.text("locale")).ok_or_else(|| Failure::field("locale"))?;
    let mut tx = app.services.control.begin().await?;
    tx.set_locale(&person.account.id, locale).await?;
    note(&app, &mut tx, &person.account, OwnDoing::LanguageChanged).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account?done=language").into_response())
}

/// `POST /account/password`: another password; all sessions end, and this browser gets a new one.
pub(super) async fn password(
    State(app): State<App>,
    person: SignedIn,
    ClientAddress(address): ClientAddress,
    typed: Fields,
) -> Result<Response, Failure> {
    let again = |key: &str| {
        let frame = Frame::of(&person.visitor, "console-account-title");
        let text = frame.count(key, &Password::MIN_LENGTH);
        account_page(frame.say("bad", text), &person)
    };
    let (control, now) = (&app.services.control, app.services.clock.now());
    // The same gate as signing in, so that a session left open is no way around the throttle.
    let right = control
        .sign_in(&person.account.email, typed.raw("current"), address, now)
        .await?;
    if !matches!(right, SignIn::Granted(account) if account.id == person.account.id) {
        return again("console-account-wrong");
    }
    let password = match Password::hash(typed.raw("password")).await {
        Ok(password) => password,
        Err(PasswordError::TooShort) => return again("console-password-short"),
        Err(PasswordError::TooLong) => return again("console-password-long"),
        Err(error) => return Err(Failure::noted(Kind::Internal, &error)),
    };
    let mut tx = control.begin().await?;
    tx.set_password(&person.account.id, &password).await?;
    note(&app, &mut tx, &person.account, OwnDoing::PasswordChanged).await?;
    tx.commit().await?;
    sign_in_response(&app, &person.account, "/account?done=password").await
}

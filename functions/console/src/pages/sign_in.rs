use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use wynos::{
    access::{self, OwnDoing},
    control::{Account, SignIn, Tx},
    delivery::human,
};

use super::setup::with_cookie;
use crate::{
    App,
    http::{ClientAddress, Failure, Fields, SignedIn, Visitor},
    view::{Frame, page},
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame,
    next: &'a str,
    email: &'a str,
    for_download: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Target {
    #[serde(default)]
    next: String,
    #[serde(default)]
    out: Option<String>,
}

/// `GET /sign-in`: the form; whoever is signed in goes on.
pub(super) async fn form(
    State(app): State<App>,
    Extension(visitor): Extension<Arc<Visitor>>,
    Query(target): Query<Target>,
) -> Result<Response, Failure> {
    let next = own_path(&target.next);
    if visitor.signed_in.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    if app.services.control.first_owner_needed().await? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let mut frame = Frame::of(&visitor, "console-sign-in");
    if target.out.is_some() {
        let text = frame.t("console-signed-out");
        frame = frame.say("good", text);
    }
    sign_in_page(frame, next, "")
}

fn sign_in_page(frame: Frame, next: &str, email: &str) -> Result<Response, Failure> {
    let for_download = next.starts_with("/d/");
    page(&SignInPage {
        frame,
        next,
        email,
        for_download,
    })
}

/// `POST /sign-in`: a new session, or the same answer whether the address or the password was wrong.
pub(super) async fn check(
    State(app): State<App>,
    Extension(visitor): Extension<Arc<Visitor>>,
    ClientAddress(address): ClientAddress,
    typed: Fields,
) -> Result<Response, Failure> {
    let next = own_path(typed.raw("next"));
    let (email, password) = (typed.text("email"), typed.raw("password"));
    let now = app.services.clock.now();
    let frame = Frame::of(&visitor, "console-sign-in");
    let (status, text) = match app
        .services
        .control
        .sign_in(email, password, address, now)
        .await?
    {
        SignIn::Granted(account) => {
            let mut tx = app.services.control.begin().await?;
            note(&app, &mut tx, &account, OwnDoing::SignedIn).await?;
            tx.commit().await?;
            return sign_in_response(&app, &account, next).await;
        }
        SignIn::Wrong => (
            StatusCode::UNPROCESSABLE_ENTITY,
            frame.t("console-sign-in-wrong"),
        ),
        SignIn::Throttled { until } => {
            let time = human::moment(visitor.locale, Tz::UTC, next_minute(until));
            (
                StatusCode::TOO_MANY_REQUESTS,
                frame.with("console-sign-in-throttled", "time", &time),
            )
        }
    };
    let answer = sign_in_page(frame.say("bad", text), next, email)?;
    Ok((status, answer).into_response())
}

/// Notes what a person did for themselves wherever they belong.
pub(super) async fn note(
    app: &App,
    tx: &mut Tx,
    account: &Account,
    doing: OwnDoing,
) -> Result<(), Failure> {
    let belongs = app.services.control.memberships(&account.id).await?;
    let shops: Vec<_> = belongs.into_iter().map(|one| one.subscription_id).collect();
    let now = app.services.clock.now();
    access::note_own(tx, &shops, &account.id, doing, now).await?;
    Ok(())
}

/// Begins a session with a new token and goes on.
pub(super) async fn sign_in_response(
    app: &App,
    account: &Account,
    next: &str,
) -> Result<Response, Failure> {
    let new = app
        .services
        .control
        .sessions()
        .create(&account.id, app.services.clock.now())
        .await?;
    let cookie = app.cookies.set(app.cookies.session(), new.token.reveal());
    Ok(with_cookie(Redirect::to(next).into_response(), cookie))
}

/// `POST /sign-out`: ends the session on the server, too.
pub(super) async fn out(
    State(app): State<App>,
    person: SignedIn,
    _: Fields,
) -> Result<Response, Failure> {
    app.services.control.sessions().end(&person.session).await?;
    let cookie = app.cookies.remove(app.cookies.session());
    Ok(with_cookie(
        Redirect::to("/sign-in?out=1").into_response(),
        cookie,
    ))
}

/// The path to go on to after signing in: only one of ours, whatever a link says.
fn own_path(next: &str) -> &str {
    let own = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 500
        && next
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own { next } else { "/" }
}

/// The first full minute by which a moment is over: times are told without seconds.
fn next_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    let begun = at.timestamp().rem_euclid(60);
    match (begun, at.timestamp_subsec_nanos()) {
        (0, 0) => at,
        _ => at + TimeDelta::seconds(60 - begun),
    }
}

#[cfg(test)]
mod tests {
    use super::{next_minute, own_path};

    #[test]
    fn the_time_that_is_told_is_not_past() {
        let told = |at: &str| next_minute(at.parse().unwrap()).format("%H:%M").to_string();
        assert_eq!(told("2026-11-22T18:35:40Z"), "18:36");
        assert_eq!(told("2026-11-22T18:59:00.5Z"), "19:00");
        assert_eq!(told("2026-11-22T18:35:00Z"), "18:35");
    }

    #[test]
    fn signing_in_leads_to_our_own_pages_only() {
        for path in ["/", "/d/abc-_123", "/s/shop12345/exports?from=x"] {
            assert_eq!(own_path(path), path);
        }
        let foreign = [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "javascript:alert(1)",
            "/\n/evil",
            "/\t/evil",
            "/ą",
        ];
        for path in foreign {
            assert_eq!(own_path(path), "/", "{path:?}");
        }
    }
}

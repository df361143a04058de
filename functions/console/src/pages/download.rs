use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    control::DeliveryStatus,
    delivery::{self, Claim, FilePage, PageView, human},
    i18n::{Args, text_with},
};

use crate::{
    App,
    http::{Failure, Fields, Kind, SignedIn},
    view::{Fact, Frame, page},
};

#[derive(Template)]
#[template(path = "download.html")]
struct DownloadPage {
    frame: Frame,
    business: String,
    file_name: String,
    facts: Vec<Fact>,
    text: String,
    button: Option<String>,
}

/// `GET /d/{token}`: what is under the link. Looking, however often and by whatever program, consumes nothing.
pub(super) async fn look(
    State(app): State<App>,
    person: SignedIn,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    show(&app, &person, &token).await
}

/// `POST /d/{token}`: hands the file over, once, to this person.
pub(super) async fn claim(
    State(app): State<App>,
    person: SignedIn,
    Path(token): Path<String>,
    _: Fields,
) -> Result<Response, Failure> {
    let status = match delivery::claim(&app.services, &token, &person.account.id).await? {
        Claim::Handed { url, .. } => return Ok(Redirect::to(url.as_str()).into_response()),
        Claim::AlreadyClaimed | Claim::Expired => StatusCode::GONE,
        Claim::Forbidden => StatusCode::FORBIDDEN,
        Claim::NotFound => return Err(Kind::NotFound.into()),
    };
    let answer = show(&app, &person, &token).await?;
    Ok((status, answer).into_response())
}

async fn show(app: &App, person: &SignedIn, token: &str) -> Result<Response, Failure> {
    match delivery::view(&app.services, token, &person.account.id).await? {
        PageView::File(file) => file_page(app, person, &file).await,
        PageView::NotFound => Err(Kind::NotFound.into()),
        PageView::Forbidden => {
            let frame = Frame::of(&person.visitor, "console-error-forbidden-title");
            let answer = page(&DownloadPage {
                text: frame.t("console-download-forbidden"),
                business: String::new(),
                file_name: String::new(),
                facts: Vec::new(),
                button: None,
                frame,
            })?;
            Ok((StatusCode::FORBIDDEN, answer).into_response())
        }
    }
}

async fn file_page(app: &App, person: &SignedIn, file: &FilePage) -> Result<Response, Failure> {
    let frame = |title| Frame::of(&person.visitor, title);
    let time = |at| human::moment(person.visitor.locale, file.zone, at);
    let (frame, text, button) = match (file.status, file.retry_until) {
        (_, Some(until)) => {
            let frame = frame("console-download-title");
            let text = frame.with("console-download-retry", "until", &time(until));
            (frame, text, Some("console-download-retry-button"))
        }
        (DeliveryStatus::Ready, None) => {
            let frame = frame("console-download-title");
            let text = frame.t("console-download-click");
            (frame, text, Some("console-download-button"))
        }
        (DeliveryStatus::Claimed, None) => (
            frame("console-download-taken-title"),
            taken(app, person, file).await?,
            None,
        ),
        _ => {
            let frame = frame("console-download-expired-title");
            let text = frame.with("console-download-expired", "until", &time(file.expires_at));
            (frame, text, None)
        }
    };
    page(&DownloadPage {
        business: file.subscription.clone(),
        file_name: file.file_name.clone(),
        facts: facts(&frame, file),
        button: button.map(|key| frame.t(key)),
        text,
        frame,
    })
}

/// Who took the file, and when.
async fn taken(app: &App, person: &SignedIn, file: &FilePage) -> Result<String, Failure> {
    let locale = person.visitor.locale;
    let who = match &file.delivery.claimed_by {
        Some(id) if *id == person.account.id => {
            text_with(locale, "console-actor-you", &Args::new())
        }
        Some(id) => app.services.control.accounts().get(id).await?.name,
        None => String::new(),
    };
    let when = file
        .delivery
        .claimed_at
        .map(|at| human::moment(locale, file.zone, at));
    let args = Args::new()
        .with("who", who)
        .with("when", when.unwrap_or_default());
    Ok(text_with(locale, "console-download-taken", &args))
}

fn facts(frame: &Frame, file: &FilePage) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(
            frame.t("console-size"),
            human::size(frame.locale(), file.size),
        ),
        Fact::mono(frame.t("console-fact-sha256"), &file.sha256),
    ];
    if file.status == DeliveryStatus::Ready {
        let until = human::moment(frame.locale(), file.zone, file.expires_at);
        facts.push(Fact::new(frame.t("console-fact-expires"), until));
    }
    if let Some(purpose) = &file.delivery.purpose {
        facts.push(Fact::new(frame.t("console-fact-purpose"), purpose));
    }
    if file.delivery.include_passwords {
        facts.push(Fact::new(
            frame.t("console-fact-passwords"),
            frame.t("console-fact-passwords-in"),
        ));
    }
    facts
}

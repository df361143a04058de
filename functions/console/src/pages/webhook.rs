//! The address that the vendor sends a source's events to: to be copied, registered there, changed or taken away.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    control::Source,
    yclients::hooks::{self, Kinds, Registration},
};

use super::{address::Done, source::to_change, sources::told};
use crate::{
    App,
    http::{Failure, Fields, Member},
    view::{Frame, Section, number, page},
};

#[derive(Template)]
#[template(path = "webhook.html")]
struct WebhookPage {
    frame: Frame,
    base: String,
    id: String,
    source: String,
    address: String,
    /// What the vendor says; `None` where it could not be asked.
    stands: Option<Stands>,
}

struct Stands {
    registered: bool,
    others: Option<String>,
    /// Whether everything is switched off, for others too.
    switched_off: bool,
    /// What does not come, or would not.
    missing: String,
    /// Whether more could be switched on, for others too.
    may_add: bool,
}

/// What people are told after each of the things that can be done.
const DONE: [(&str, &str); 4] = [
    ("registered", "console-webhook-done-registered"),
    ("unregistered", "console-webhook-done-unregistered"),
    ("rotated", "console-webhook-done-rotated"),
    ("revoked", "console-webhook-done-revoked"),
];

/// `GET /s/{subscription}/sources/{id}/webhook`: the address, and whether the vendor sends events there. Whoever knows it can
/// send some, so that it is shown to those only who may change the source.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    shown(&app, &member, &source, |frame| {
        done.told(frame, "good", &DONE)
    })
    .await
}

async fn shown(
    app: &App,
    member: &Member,
    source: &Source,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let title = "console-webhook-title";
    let mut frame = say(Frame::inside(member, Section::Sources, title));
    let stands = match hooks::registration(&app.services, &source.id).await {
        Ok(registration) => Some(Stands::of(&frame, registration)),
        Err(error) if frame.notice.is_none() => {
            frame = frame.say("bad", told(member, error)?);
            None
        }
        // What was tried and failed is told already, and says more.
        Err(_) => None,
    };
    page(&WebhookPage {
        base: member.base(),
        id: source.id.to_string(),
        source: source.name.clone(),
        address: hooks::address(&app.services, source).to_string(),
        stands,
        frame,
    })
}

/// `POST /s/{subscription}/sources/{id}/webhook`: has the vendor send events here, or nothing any more; gives a new address, or
/// lets nothing in by earlier ones.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let (services, id, by) = (&app.services, &source.id, &member.actor());
    let kinds = match typed.ticked("all_kinds") {
        true => Kinds::Add,
        false => Kinds::Keep,
    };
    let (done, outcome) = match typed.text("step") {
        "register" => (
            "registered",
            hooks::register_for(services, id, kinds, by).await.err(),
        ),
        "unregister" => (
            "unregistered",
            hooks::unregister(services, id, by).await.err(),
        ),
        "rotate" => ("rotated", hooks::rotate(services, id, by).await.err()),
        "revoke" => ("revoked", hooks::revoke(services, id, by).await.err()),
        _ => return Err(Failure::field("step")),
    };
    if let Some(error) = outcome {
        let text = told(&member, error)?;
        return shown(&app, &member, &source, |frame| frame.say("bad", text)).await;
    }
    let to = format!("{}/sources/{id}/webhook?done={done}", member.base());
    Ok(Redirect::to(&to).into_response())
}

impl Stands {
    fn of(frame: &Frame, registration: Registration) -> Self {
        let others = i64::try_from(registration.others).unwrap_or(i64::MAX);
        let others = (others > 0).then(|| number(frame.locale(), others));
        let missing = registration.missing.join(", ");
        Self {
            registered: registration.registered,
            may_add: others.is_some() && (registration.switched_off || !missing.is_empty()),
            switched_off: registration.switched_off,
            others,
            missing,
        }
    }
}

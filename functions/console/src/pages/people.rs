use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use wynos::{
    access,
    control::{AccountId, ApiToken, ApiTokenId, ControlError, NewAccount, Password, Role, Scope},
};

use super::address::Done;
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{Form, Frame, Section, moment, page},
};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    base: String,
    members: Vec<MemberItem>,
    roles: [&'static str; 3],
    tokens: Vec<TokenItem>,
    secret: Option<String>,
    /// Who was to be let in, where that was refused.
    typed: Form,
    least: usize,
}

struct MemberItem {
    id: String,
    name: String,
    email: String,
    role: &'static str,
    /// What went wrong with the latest mail to this address.
    trouble: Option<String>,
}

struct TokenItem {
    id: String,
    name: String,
    scope: String,
    used: String,
    revoked: bool,
}

fn must_own(member: &Member) -> Result<(), Failure> {
    if member.role == Role::Owner {
        Ok(())
    } else {
        Err(Kind::Forbidden.into())
    }
}

/// `GET /s/{subscription}/people`: who may sign in here, and the tokens of programs. For owners.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let frame = done.told(frame(&member)?, "good", &[("saved", "console-saved")]);
    let refusals = [("last-owner", "console-people-last-owner")];
    let frame = done.told(frame, "bad", &refusals);
    people_page(&app, &member, frame, None, Form::default()).await
}

fn frame(member: &Member) -> Result<Frame, Failure> {
    must_own(member)?;
    Ok(Frame::inside(
        member,
        Section::People,
        "console-people-title",
    ))
}

async fn people_page(
    app: &App,
    member: &Member,
    frame: Frame,
    secret: Option<String>,
    typed: Form,
) -> Result<Response, Failure> {
    let control = &app.services.control;
    let members = control.members(member.id()).await?.into_iter();
    let tokens = control.api_tokens(member.id()).list().await?;
    let troubles = control.addresses_in_trouble(member.id()).await?;
    page(&PeoplePage {
        base: member.base(),
        members: members
            .map(|one| MemberItem {
                trouble: troubles.get(&one.account_id).map(|trouble| {
                    let key = format!("console-mail-{}", trouble.as_str());
                    frame.with(&key, "address", &one.email)
                }),
                id: one.account_id.to_string(),
                name: one.name,
                email: one.email,
                role: one.role.as_str(),
            })
            .collect(),
        roles: [Role::Owner, Role::Manager, Role::Viewer].map(Role::as_str),
        tokens: tokens
            .iter()
            .map(|token| item(member, &frame, token))
            .collect(),
        secret,
        typed,
        least: Password::MIN_LENGTH,
        frame,
    })
}

fn item(member: &Member, frame: &Frame, token: &ApiToken) -> TokenItem {
    TokenItem {
        id: token.id.to_string(),
        name: token.name.clone(),
        scope: frame.t(&format!("console-tokens-{}", token.scope.as_str())),
        used: match token.last_used_at {
            Some(at) => moment(member, at),
            None => frame.t("console-tokens-never"),
        },
        revoked: token.revoked_at.is_some(),
    }
}

fn back(member: &Member, done: &str) -> Response {
    Redirect::to(&format!("{}/people?done={done}", member.base())).into_response()
}

/// What came of a change of people, as the page says it.
fn outcome(member: &Member, changed: Result<(), ControlError>) -> Result<Response, Failure> {
    match changed {
        Ok(()) => Ok(back(member, "saved")),
        Err(ControlError::Invalid {
            field: "last owner",
        }) => Ok(back(member, "last-owner")),
        Err(error) => Err(error.into()),
    }
}

/// `POST …/people`: lets a person in, with an account of their own if they have none.
pub(super) async fn add(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    must_own(&member)?;
    let role: Role = typed
        .text("role")
        .parse()
        .map_err(|_| Failure::field("role"))?;
    match let_in(&app, &member, &typed, role).await {
        Err(ControlError::Invalid { .. } | ControlError::Password(_)) => {
            let frame = frame(&member)?;
            let text = frame.count("console-people-refused", &Password::MIN_LENGTH);
            let typed = Form::of(typed);
            people_page(&app, &member, frame.say("bad", text), None, typed).await
        }
        done => outcome(&member, done),
    }
}

async fn let_in(
    app: &App,
    member: &Member,
    typed: &Fields,
    role: Role,
) -> Result<(), ControlError> {
    let (control, now) = (&app.services.control, app.services.clock.now());
    let known = control.accounts().by_email(typed.text("email")).await?;
    let new = match &known {
        Some(_) => None,
        None => Some(NewAccount {
            email: typed.text("email").to_owned(),
            name: typed.text("name").to_owned(),
            locale: member.visitor.locale,
            password: Password::hash(typed.raw("password")).await?,
        }),
    };
    let mut tx = control.begin().await?;
    let account = match (known, new) {
        (Some(account), _) => account,
        (None, Some(new)) => tx.create_account(&new, now).await?,
        (None, None) => return Err(ControlError::NotFound { what: "account" }),
    };
    access::let_in(
        &mut tx,
        member.id(),
        &account.id,
        role,
        &member.actor(),
        now,
    )
    .await?;
    tx.commit().await
}

/// `POST …/people/{account}`: changes a person's role, or takes them out.
pub(super) async fn change(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    must_own(&member)?;
    let id: AccountId = id.parse().map_err(|_| Kind::NotFound)?;
    let control = &app.services.control;
    control
        .role(member.id(), &id)
        .await?
        .ok_or(Kind::NotFound)?;
    let (by, now) = (member.actor(), app.services.clock.now());
    let mut tx = control.begin().await?;
    let changed = if typed.ticked("remove") {
        access::take_out(&mut tx, member.id(), &id, &by, now)
            .await
            .map(|_| ())
    } else {
        let role: Role = typed
            .text("role")
            .parse()
            .map_err(|_| Failure::field("role"))?;
        access::let_in(&mut tx, member.id(), &id, role, &by, now).await
    };
    if changed.is_ok() {
        tx.commit().await?;
    }
    outcome(&member, changed)
}

/// `POST …/tokens`: makes a token and shows it, once.
pub(super) async fn make_token(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    let frame = frame(&member)?;
    let scope: Scope = typed
        .text("scope")
        .parse()
        .map_err(|_| Failure::field("scope"))?;
    let (name, now) = (typed.text("name"), app.services.clock.now());
    let mut tx = app.services.control.begin().await?;
    let actor = member.actor();
    let made = access::make_token(&mut tx, member.id(), name, scope, &actor, now).await;
    let made = match made {
        Ok(made) => made,
        Err(ControlError::Invalid { .. }) => return Err(Failure::field("name")),
        Err(error) => return Err(error.into()),
    };
    tx.commit().await?;
    let secret = made.secret.reveal().to_owned();
    people_page(&app, &member, frame, Some(secret), Form::default()).await
}

/// `POST …/tokens/{id}/revoke`: the token opens nothing any more.
pub(super) async fn revoke_token(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, Failure> {
    must_own(&member)?;
    let id: ApiTokenId = id.parse().map_err(|_| Kind::NotFound)?;
    let mut tx = app.services.control.begin().await?;
    let now = app.services.clock.now();
    access::revoke_token(&mut tx, member.id(), &id, &member.actor(), now).await?;
    tx.commit().await?;
    Ok(back(&member, "saved"))
}

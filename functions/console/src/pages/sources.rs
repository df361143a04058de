use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::form_urlencoded;
use wynos::{
    control::{CredentialId, RowsLeft, Source, VendorName, VendorToken},
    storage,
    yclients::{
        connect::{self, Add, Company, Entry, SignIn},
        pull,
    },
};

use super::{address::Done, failure::wrong_input};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{Frame, RemovedItem, Section, SourceItem, page},
};

/// What was done just before the list.
const DONE: [(&str, &str); 2] = [
    ("removed", "console-source-done-removed"),
    ("cleared", "console-source-done-cleared"),
];

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    base: String,
    may_change: bool,
    items: Vec<SourceItem>,
    /// Removed ones of which rows are still there.
    removed: Vec<RemovedItem>,
}

#[derive(Template)]
#[template(path = "source_new.html")]
struct SignInPage {
    frame: Frame,
    base: String,
    name: String,
    login: String,
    altegio: bool,
    by_token: bool,
}

#[derive(Template)]
#[template(path = "source_choose.html")]
struct ChoosePage {
    frame: Frame,
    base: String,
    credential: String,
    name: String,
    companies: Vec<CompanyChoice>,
}

struct CompanyChoice {
    id: i64,
    title: String,
    city: String,
    connected: bool,
    /// Whether a source of it was removed with its rows kept, and would go on with them.
    kept: bool,
}

/// `GET /s/{subscription}/sources`: every source, with its state and how fresh it is.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let sources = app.services.control.sources(member.id());
    let tables = sources.all_tables().await?;
    let found = sources.list().await?;
    let removed = sources.removed().await?;
    let outlook = pull::outlook(&app.services, member.id()).await?;
    let still = storage::used(&app.services, member.id())
        .await?
        .stands_still;
    let item = |source| SourceItem::of(&member, source, &tables, still, &outlook);
    let frame = Frame::inside(&member, Section::Sources, "console-sources-title");
    page(&SourcesPage {
        frame: done.told(frame, "good", &DONE),
        base: member.base(),
        may_change: member.may_change(),
        items: found.iter().map(item).collect(),
        removed: removed
            .iter()
            .map(|source| RemovedItem::of(&member, source))
            .collect(),
    })
}

/// `GET /s/{subscription}/sources/new`: where to sign in.
pub(super) async fn form(State(_): State<App>, member: Member) -> Result<Response, Failure> {
    member.must_change()?;
    page(&SignInPage {
        frame: Frame::inside(&member, Section::Sources, "console-source-new"),
        base: member.base(),
        name: String::new(),
        login: String::new(),
        altegio: false,
        by_token: false,
    })
}

/// `POST /s/{subscription}/sources`: signs in, and goes on to the choice of a company. What was typed stays in the form when
/// the vendor does not let it in, but for the secrets.
pub(super) async fn sign_in(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let vendor: VendorName = typed.text("vendor").parse().unwrap_or(VendorName::Yclients);
    let refused = match entry(&member, &typed) {
        Err(text) => text,
        Ok(entry) => {
            let order = SignIn {
                subscription: member.id().clone(),
                vendor,
                base_url: None,
                entry,
                by: member.actor(),
            };
            match connect::sign_in(&app.services, &order).await {
                Ok((credential, _)) => return Ok(to_choice(&member, &credential.id, &typed)),
                Err(error) => told(&member, error)?,
            }
        }
    };
    let frame = Frame::inside(&member, Section::Sources, "console-source-new");
    page(&SignInPage {
        frame: frame.say("bad", refused),
        base: member.base(),
        name: typed.text("name").to_owned(),
        login: typed.text("login").to_owned(),
        altegio: vendor == VendorName::Altegio,
        by_token: typed.text("entry") == "token",
    })
}

fn to_choice(member: &Member, credential: &CredentialId, typed: &Fields) -> Response {
    let name: String = form_urlencoded::byte_serialize(typed.text("name").as_bytes()).collect();
    let to = format!("{}/sources/choose/{credential}?name={name}", member.base());
    Redirect::to(&to).into_response()
}

/// What lets somebody in, as typed into a form; what is missing is told.
pub(super) fn entry(member: &Member, typed: &Fields) -> Result<Entry, String> {
    let missing = |field| wrong_input(member.visitor.locale, field);
    if typed.text("entry") == "token" {
        let token = typed.optional("token").ok_or_else(|| missing("token"))?;
        return Ok(Entry::Token(VendorToken::new(token)));
    }
    let login = typed.optional("login").ok_or_else(|| missing("login"))?;
    match typed.raw("password") {
        "" => Err(missing("password")),
        password => Ok(Entry::Password {
            login: login.to_owned(),
            password: password.to_owned(),
        }),
    }
}

/// What a refusal says to the person; what is no matter of theirs stays a failure.
pub(super) fn told(member: &Member, error: impl Into<Failure>) -> Result<String, Failure> {
    match error.into() {
        failure if matches!(failure.kind, Kind::Refused(_)) => {
            Ok(failure.reason(member.visitor.locale))
        }
        other => Err(other),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    name: String,
}

/// `GET /s/{subscription}/sources/choose/{credential}`: the companies that an account sees.
pub(super) async fn choose(
    State(app): State<App>,
    member: Member,
    Path((_, credential)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let credential: CredentialId = credential.parse().map_err(|_| Kind::NotFound)?;
    choice(&app, &member, &credential, &wanted.name, None).await
}

async fn choice(
    app: &App,
    member: &Member,
    credential: &CredentialId,
    name: &str,
    refusal: Option<String>,
) -> Result<Response, Failure> {
    let seen = connect::companies(&app.services, member.id(), credential).await?;
    let known = app.services.control.credentials(member.id());
    let vendor = known.get(credential).await?.vendor;
    let sources = app.services.control.sources(member.id());
    let (sources, removed) = (sources.list().await?, sources.removed().await?);
    let is_of = |source: &Source, company: &Company| {
        source.vendor == vendor && source.company_id == company.id
    };
    let item = |company: Company| CompanyChoice {
        connected: sources.iter().any(|source| is_of(source, &company)),
        kept: removed
            .iter()
            .any(|source| is_of(source, &company) && source.rows_left() == Some(RowsLeft::Kept)),
        id: company.id,
        title: company.title,
        city: company.city.unwrap_or_default(),
    };
    let mut frame = Frame::inside(member, Section::Sources, "console-source-choose");
    if let Some(refusal) = refusal {
        frame = frame.say("bad", refusal);
    }
    page(&ChoosePage {
        frame,
        base: member.base(),
        credential: credential.to_string(),
        name: name.to_owned(),
        companies: seen.into_iter().map(item).collect(),
    })
}

/// `POST /s/{subscription}/sources/connect`: connects the chosen company.
pub(super) async fn connect(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let credential: CredentialId = typed
        .text("credential")
        .parse()
        .map_err(|_| Kind::NotFound)?;
    let company = typed.text("company").parse();
    let order = Add {
        subscription: member.id().clone(),
        credential: credential.clone(),
        company: company.map_err(|_| Failure::field("company"))?,
        name: typed.optional("name").map(ToOwned::to_owned),
        by: member.actor(),
    };
    match connect::add(&app.services, &order).await {
        Ok(added) => {
            let done = match added.taken_up {
                true => "taken-up",
                false => "added",
            };
            let to = format!("{}/sources/{}?done={done}", member.base(), added.source.id);
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) => {
            let text = told(&member, error)?;
            choice(&app, &member, &credential, typed.text("name"), Some(text)).await
        }
    }
}

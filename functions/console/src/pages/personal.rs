use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use futures::StreamExt;
use serde::Deserialize;
use wynos::{
    control::Actor,
    i18n::text,
    warehouse::{Filter, Scan, ValueRef, internal},
};

use crate::{
    App,
    http::{Failure, Kind, Member},
    view::{Frame, People, Section, moment, page},
};

/// Lines that the page shows.
const SHOWN: u64 = 500;

/// Kinds of what can happen to a customer's data that have words of their own.
const KINDS: [&str; 6] = ["export", "import", "merge", "undo", "api", "erasure"];

#[derive(Template)]
#[template(path = "personal.html")]
struct PersonalPage {
    frame: Frame,
    base: String,
    customer: String,
    lines: Vec<Line>,
}

struct Line {
    at: String,
    when: String,
    what: String,
    purpose: String,
    file: String,
    who: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    customer: String,
}

/// `GET /s/{subscription}/personal-data`: what happened to one customer's data, newest first.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let customer = wanted.customer.trim().to_owned();
    if customer.contains('\0') {
        return Err(Failure::field("customer"));
    }
    let lines = match customer.as_str() {
        "" => Vec::new(),
        id => lines(&app, &member, id).await?,
    };
    page(&PersonalPage {
        frame: Frame::inside(&member, Section::Personal, "console-personal-title"),
        base: member.base(),
        customer,
        lines,
    })
}

async fn lines(app: &App, member: &Member, customer: &str) -> Result<Vec<Line>, Failure> {
    let people = People::of(app, member).await?;
    let unavailable = |error| Failure::noted(Kind::Unavailable, &error);
    let warehouse = app.services.warehouses.open(member.id());
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let scan = Scan::of(internal::personal_data_log())
        .columns(["at", "kind", "purpose", "file", "actor"])
        .filter(Filter::equal("customer_id", customer))
        .limit(SHOWN);
    let mut batches = snapshot.scan(scan).await.map_err(unavailable)?;
    let mut lines = Vec::new();
    while let Some(rows) = batches.next().await {
        for row in rows.map_err(unavailable)?.iter() {
            let at = match row.get(0) {
                ValueRef::Timestamp(at) => Some(at),
                _ => None,
            };
            let said = |column: usize| row.get(column).as_str().unwrap_or_default().to_owned();
            let actor: Option<Actor> = said(4).parse().ok();
            let kind = KINDS.into_iter().find(|kind| *kind == said(1));
            let key = format!("console-personal-{}", kind.unwrap_or("other"));
            lines.push(Line {
                at: at.map(|at| at.to_rfc3339()).unwrap_or_default(),
                when: at.map(|at| moment(member, at)).unwrap_or_default(),
                what: text(member.visitor.locale, &key),
                purpose: said(2),
                file: said(3),
                who: actor.map_or_else(String::new, |actor| people.actor(&actor)),
            });
        }
    }
    lines.sort_by(|one, other| other.at.cmp(&one.at));
    Ok(lines)
}

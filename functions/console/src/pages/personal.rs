use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::DateTime;
use futures::StreamExt;
use serde::Deserialize;
use wynos::{
    control::{Actor, Role},
    i18n::text,
    retention::{self, RetentionError},
    warehouse::{Filter, Scan, Value, ValueRef, internal},
};

use super::address::Done;
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{Frame, People, Section, moment, page},
};

/// Lines that the page shows.
const SHOWN: usize = 200;

/// Kinds of what can happen to a customer's data that have words of their own.
const KINDS: [&str; 6] = ["export", "import", "merge", "undo", "api", "erasure"];

#[derive(Template)]
#[template(path = "personal.html")]
struct PersonalPage {
    frame: Frame,
    base: String,
    customer: String,
    lines: Vec<Line>,
    /// Where older lines are.
    older: Option<String>,
    /// People of that id whom an owner can erase.
    people: Vec<Erasable>,
}

struct Erasable {
    word: &'static str,
    name: String,
    /// Why it was not begun.
    wrong: Option<String>,
}

struct Line {
    place: Place,
    when: String,
    what: String,
    purpose: String,
    file: String,
    who: String,
}

/// Where a line stands among the others: its time in microseconds, and its event.
type Place = (i64, String);

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    customer: String,
    /// The page shows what is older than this line.
    before: Option<i64>,
    event: Option<String>,
}

/// `GET /s/{subscription}/personal-data`: what happened to one customer's data, newest first.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let customer = wanted.customer.trim().to_owned();
    if customer.contains('\0') {
        return Err(Failure::field("customer"));
    }
    let known = [("erasing", "console-personal-erasing")];
    let before = wanted.before.zip(wanted.event);
    looked_at(&app, &member, (customer, before), None, |frame| {
        done.told(frame, "good", &known)
    })
    .await
}

/// `POST /s/{subscription}/personal-data`: erases one customer, when an owner confirms it by the id.
pub(super) async fn erase(
    State(app): State<App>,
    member: Member,
    fields: Fields,
) -> Result<Response, Failure> {
    if member.role != Role::Owner {
        return Err(Kind::Forbidden.into());
    }
    let customer = fields.text("customer").to_owned();
    if fields.text("confirm") != customer {
        let people = Some(fields.text("people"));
        return looked_at(&app, &member, (customer, None), people, |frame| frame).await;
    }
    let person = retention::possible_people(&customer)
        .into_iter()
        .find(|person| person.people.as_str() == fields.text("people"));
    let person = person.ok_or(Kind::NotFound)?;
    retention::order_erasure(&app.services, member.id(), &person, &member.actor())
        .await
        .map_err(failed)?;
    let shown = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("customer", &customer)
        .append_pair("done", "erasing")
        .finish();
    Ok(Redirect::to(&format!("{}/personal-data?{shown}", member.base())).into_response())
}

fn failed(error: RetentionError) -> Failure {
    match error {
        RetentionError::Control(error) => error.into(),
        error => Failure::noted(Kind::Unavailable, &error),
    }
}

/// The page about the customer of this id; `unconfirmed` says among whom an erasure was not confirmed.
async fn looked_at(
    app: &App,
    member: &Member,
    (customer, before): (String, Option<Place>),
    unconfirmed: Option<&str>,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let locale = member.visitor.locale;
    let (mut noted, mut people) = (Vec::new(), Vec::new());
    if !customer.is_empty() {
        let possible = retention::possible_people(&customer);
        // Lines are under a hash also where no row of the person is left.
        let proofs = possible
            .iter()
            .flat_map(|person| retention::proofs(&app.services, member.id(), person));
        let names = proofs.chain([customer.clone()]).collect();
        noted = lines(app, member, names, before.as_ref()).await?;
        if member.role == Role::Owner {
            let known = retention::known_people(&app.services, member.id(), &customer).await;
            let known = known.map_err(failed)?;
            // Others may name somebody who has no row: only the owner knows who is meant.
            let erasable = if known.is_empty() { possible } else { known };
            people.extend(erasable.iter().map(|person| {
                let word = person.people.as_str();
                let name = format!("console-personal-of-{}", word.replace('_', "-"));
                let unconfirmed = unconfirmed == Some(word);
                Erasable {
                    word,
                    name: text(locale, &name),
                    wrong: unconfirmed.then(|| text(locale, "console-personal-unconfirmed")),
                }
            }));
        }
    }
    let frame = Frame::inside(member, Section::Personal, "console-personal-title");
    let more = noted.len() > SHOWN;
    noted.truncate(SHOWN);
    let older = noted.last().filter(|_| more);
    page(&PersonalPage {
        frame: say(frame),
        base: member.base(),
        older: older.map(|last| link_to_older(member, &last.place, &customer)),
        customer,
        lines: noted,
        people,
    })
}

fn link_to_older(member: &Member, (before, event): &Place, customer: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("customer", customer)
        .append_pair("before", &before.to_string())
        .append_pair("event", event)
        .finish();
    format!("{}/personal-data?{query}", member.base())
}

/// The newest lines of a person before a place, under their id and under the hashes that may stand for it. All of the
/// person's lines are read, since the warehouse keeps them by event, and as many are held as a page shows.
async fn lines(
    app: &App,
    member: &Member,
    names: Vec<String>,
    before: Option<&Place>,
) -> Result<Vec<Line>, Failure> {
    let people = People::of(app, member).await?;
    let unavailable = |error| Failure::noted(Kind::Unavailable, &error);
    let warehouse = app.services.warehouses.open(member.id());
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let scan = Scan::of(internal::personal_data_log())
        .columns(["at", "event_id", "kind", "purpose", "file", "actor"])
        .filter(Filter::In {
            column: "customer_id".to_owned(),
            values: names.into_iter().map(Value::Text).collect(),
        });
    let mut batches = snapshot.scan(scan).await.map_err(unavailable)?;
    let mut newest: BTreeMap<Place, [String; 4]> = BTreeMap::new();
    while let Some(rows) = batches.next().await {
        for row in rows.map_err(unavailable)?.iter() {
            let said = |column: usize| row.get(column).as_str().unwrap_or_default().to_owned();
            let ValueRef::Timestamp(at) = row.get(0) else {
                continue;
            };
            let place = (at.timestamp_micros(), said(1));
            if before.is_none_or(|before| place < *before) {
                newest.insert(place, [2, 3, 4, 5].map(said));
            }
            // One more than is shown tells that there are older ones.
            if newest.len() > SHOWN + 1 {
                newest.pop_first();
            }
        }
    }
    let line = |(place, [kind, purpose, file, actor]): (Place, [String; 4])| {
        let at = DateTime::from_timestamp_micros(place.0);
        let actor: Option<Actor> = actor.parse().ok();
        let known = KINDS.into_iter().find(|known| *known == kind);
        let key = format!("console-personal-{}", known.unwrap_or("other"));
        Line {
            place,
            when: at.map(|at| moment(member, at)).unwrap_or_default(),
            what: text(member.visitor.locale, &key),
            purpose,
            file,
            who: actor.map_or_else(String::new, |actor| people.actor(&actor)),
        }
    };
    Ok(newest.into_iter().rev().map(line).collect())
}

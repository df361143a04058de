//! What a source reads on request: everything now, and periods of the past.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use wynos::{
    control::{RunKind, Source},
    yclients::pull::{self, Ordered, PullError},
};

use super::{
    source::{kept, shown, to_change},
    sources::told,
};
use crate::{
    App,
    http::{Failure, Fields, Member},
    view::ReadingItem,
};

/// Readings and periods that a page shows.
const SHOWN: usize = 10;

/// The latest readings and periods of a source, newest first.
pub(super) async fn latest(
    app: &App,
    member: &Member,
    source: &Source,
) -> Result<Vec<ReadingItem>, Failure> {
    let runs = app.services.control.runs(member.id());
    let mut found = Vec::new();
    for kind in [RunKind::Pull, RunKind::History] {
        let page = runs.list(Some(&source.id), Some(kind), None, SHOWN).await?;
        found.extend(page.items);
    }
    found.sort_by_key(|run| std::cmp::Reverse(run.created_at));
    let latest = found.iter().take(SHOWN);
    Ok(latest.map(|run| ReadingItem::of(member, run)).collect())
}

/// `POST /s/{subscription}/sources/{id}/pull`: reads all tables that are on, due or not.
pub(super) async fn now(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let asked = pull::order_now(&app.services, &source.id, member.actor()).await;
    answer(&app, &member, &source, asked.map(|_| ())).await
}

/// `POST /s/{subscription}/sources/{id}/history`: loads a period of the past.
pub(super) async fn history(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let day = |name: &str| -> Result<NaiveDate, Failure> {
        typed.text(name).parse().map_err(|_| Failure::field(name))
    };
    let table = Some(typed.text("table")).filter(|table| !table.is_empty());
    let ordered = Ordered {
        from: day("from")?,
        to: day("to")?,
        tables: table.into_iter().map(ToOwned::to_owned).collect(),
        actor: member.actor(),
    };
    let asked = pull::order(&app.services, &source.id, ordered).await;
    answer(&app, &member, &source, asked.map(|_| ())).await
}

/// The page of the source with what was asked for, or with the reason why it cannot be.
async fn answer(
    app: &App,
    member: &Member,
    source: &Source,
    asked: Result<(), PullError>,
) -> Result<Response, Failure> {
    let Err(error) = asked else {
        let page = format!("{}/sources/{}", member.base(), source.id);
        return Ok(Redirect::to(&format!("{page}?done=asked")).into_response());
    };
    let words = told(member, error)?;
    shown(app, member, source, &kept(source), |frame| {
        frame.say("bad", words)
    })
    .await
}

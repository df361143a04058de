use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use chrono::TimeDelta;
use wynos::{
    SourceId,
    control::{RowsLeft, Source, SourceState, SourceTable},
    i18n::{Args, text_with},
    storage,
    yclients::{
        connect::{self, Change, Renewed},
        pull,
    },
};

use super::{
    address::Done,
    documents::cost_words,
    failure::wrong_input,
    reading,
    sources::{entry, told},
};
use crate::{
    App,
    http::{Failure, Fields, Kind, Member},
    view::{
        Fact, Frame, Named, ReadingItem, Section, SourceItem, SourceTableItem, moment, number,
        page, table_label,
    },
};

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage {
    frame: Frame,
    base: String,
    id: String,
    may_change: bool,
    item: SourceItem,
    facts: Vec<Fact>,
    tables: Vec<SourceTableItem>,
    readings: Vec<ReadingItem>,
    active: bool,
    /// Tables that have a history and are on.
    histories: Vec<Named>,
    today: String,
    name: String,
    time_zone: String,
    zones: Vec<&'static str>,
    hints: bool,
    paused: bool,
    refused: bool,
    /// What the details of documents would cost, where there are any to be read.
    documents: Option<String>,
}

/// The source of this id, if it is one of the member's subscription and not removed.
pub(super) async fn own_source(app: &App, member: &Member, id: &str) -> Result<Source, Failure> {
    let id: SourceId = id.parse().map_err(|_| Kind::NotFound)?;
    let source = app.services.control.sources(member.id()).get(&id).await?;
    match source.state {
        SourceState::Removed => Err(Kind::NotFound.into()),
        _ => Ok(source),
    }
}

/// The same, for whoever may change it.
pub(super) async fn to_change(app: &App, member: &Member, id: &str) -> Result<Source, Failure> {
    member.must_change()?;
    own_source(app, member, id).await
}

/// `GET /s/{subscription}/sources/{id}`: one source.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let source = own_source(&app, &member, &id).await?;
    let known = [
        ("added", "console-source-done-added"),
        ("taken-up", "console-source-done-taken-up"),
        ("saved", "console-saved"),
        ("asked", "console-reading-asked"),
    ];
    shown(&app, &member, &source, &kept(&source), |frame| {
        done.told(frame, "good", &known)
    })
    .await
}

/// The settings as they are kept.
pub(super) fn kept(source: &Source) -> Change {
    Change {
        name: Some(source.name.clone()),
        time_zone: Some(source.time_zone.clone()),
        hints: Some(source.hints),
        base_url: None,
    }
}

/// The zones that are proposed; others can be typed.
fn zones() -> Vec<&'static str> {
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let near = names.filter(|name| name.starts_with("Europe/") || name.starts_with("Asia/"));
    near.collect()
}

/// The page of a source, with these settings in its form.
pub(super) async fn shown(
    app: &App,
    member: &Member,
    source: &Source,
    settings: &Change,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let views = connect::tables(&app.services, &source.id).await?;
    let states: Vec<_> = views.iter().map(|view| view.state.clone()).collect();
    let mut frame = say(Frame::inside(
        member,
        Section::Sources,
        "console-sources-title",
    ));
    frame.title.clone_from(&source.name);
    let outlook = pull::outlook(&app.services, member.id()).await?;
    let still = storage::used(&app.services, member.id())
        .await?
        .stands_still;
    let item = SourceItem::of(member, source, &states, still, &outlook);
    let readings = reading::latest(app, member, source).await?;
    frame.busy = item.is_reading() || readings.iter().any(ReadingItem::is_busy);
    let zone = source.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let cost = pull::details_cost(&app.services, &source.id, None).await?;
    let cost = Some(cost).filter(|cost| cost.calls > 0 || cost.unreadable > 0);
    let documents = cost.map(|cost| cost_words(frame.locale(), "console-documents-cost", cost));
    let facts = facts(app, member, source, &frame).await?;
    let poorer = pull::poorer(&app.services, &source.id, &views).await?;
    page(&SourcePage {
        base: member.base(),
        id: source.id.to_string(),
        may_change: member.may_change(),
        item,
        facts,
        documents,
        tables: views
            .iter()
            .map(|view| SourceTableItem::of(member, view, source.state, &outlook, &poorer))
            .collect(),
        readings,
        active: source.state == SourceState::Active,
        histories: histories(member, &states),
        today: outlook.now.with_timezone(&zone).date_naive().to_string(),
        name: settings.name.clone().unwrap_or_default(),
        time_zone: settings.time_zone.clone().unwrap_or_default(),
        zones: zones(),
        hints: settings.hints.unwrap_or_default(),
        paused: source.state == SourceState::Paused,
        refused: source.state == SourceState::NeedsCredential,
        frame,
    })
}

/// The tables of which a period of the past can be loaded.
fn histories(member: &Member, tables: &[SourceTable]) -> Vec<Named> {
    let on = tables.iter().filter(|table| table.enabled);
    on.filter(|table| pull::has_history(&table.table_name))
        .map(|table| Named {
            name: table.table_name.clone(),
            label: table_label(member.visitor.locale, &table.table_name),
            chosen: false,
        })
        .collect()
}

async fn facts(
    app: &App,
    member: &Member,
    source: &Source,
    frame: &Frame,
) -> Result<Vec<Fact>, Failure> {
    let control = &app.services.control;
    let credential = control
        .credentials(member.id())
        .get(&source.credential_id)
        .await?;
    let since = app.services.clock.now() - TimeDelta::hours(24);
    let spent = control.spending(member.id(), since).await?;
    let own = spent.iter().filter(|row| row.spender == source.id.as_str());
    let calls: i64 = own.map(|row| row.calls).sum();
    let login = credential
        .login_masked
        .unwrap_or_else(|| frame.t("console-source-application"));
    Ok(vec![
        Fact::mono(frame.t("console-source-id"), source.id.as_str()),
        Fact::mono(
            frame.t("console-source-company"),
            source.company_id.to_string(),
        ),
        Fact::new(frame.t("console-source-login"), login),
        Fact::new(
            frame.t("console-source-signed-in"),
            moment(member, credential.renewed_at),
        ),
        Fact::new(
            frame.t("console-source-connected-at"),
            moment(member, source.created_at),
        ),
        Fact::new(
            frame.t("console-source-calls"),
            number(frame.locale(), calls),
        ),
    ])
}

fn saved(member: &Member, source: &Source) -> Response {
    let to = format!("{}/sources/{}?done=saved", member.base(), source.id);
    Redirect::to(&to).into_response()
}

/// `POST /s/{subscription}/sources/{id}/settings`: changes name, zone and the use of webhooks.
pub(super) async fn settings(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let change = Change {
        name: Some(typed.text("name").to_owned()),
        time_zone: Some(typed.text("time_zone").to_owned()),
        hints: Some(typed.ticked("hints")),
        base_url: None,
    };
    let changed = connect::change(&app.services, &source.id, &change, &member.actor()).await;
    match changed.map_err(Failure::from) {
        Ok(source) => Ok(saved(&member, &source)),
        Err(Failure {
            kind: Kind::InvalidField,
            field: Some(field),
            ..
        }) => {
            let text = wrong_input(member.visitor.locale, &field);
            shown(&app, &member, &source, &change, |frame| {
                frame.say("bad", text)
            })
            .await
        }
        Err(failure) => Err(failure),
    }
}

/// `POST /s/{subscription}/sources/{id}/tables`: turns tables on and off, as the boxes of the form are ticked.
pub(super) async fn tables(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let by = member.actor();
    for view in connect::tables(&app.services, &source.id).await? {
        let (table, enabled) = (&view.state.table_name, typed.ticked(&view.state.table_name));
        if enabled != view.state.enabled {
            connect::set_table(&app.services, &source.id, table, Some(enabled), None, &by).await?;
        }
    }
    Ok(saved(&member, &source))
}

/// `POST /s/{subscription}/sources/{id}/state`: pauses or resumes.
pub(super) async fn state(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let by = member.actor();
    match typed.text("state") {
        "paused" => connect::pause(&app.services, &source.id, &by).await?,
        "active" => connect::resume(&app.services, &source.id, &by).await?,
        _ => return Err(Failure::field("state")),
    };
    Ok(saved(&member, &source))
}

/// `POST /s/{subscription}/sources/{id}/renew`: signs in again.
pub(super) async fn renew(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    let source = to_change(&app, &member, &id).await?;
    let text = match entry(&member, &typed) {
        Err(text) => text,
        Ok(entry) => {
            match connect::renew(&app.services, &source.id, entry, &member.actor()).await {
                Ok(renewed) if renewed.closed.is_empty() => {
                    return Ok(saved(&member, &renewed.source));
                }
                Ok(renewed) => {
                    let text = renewed_in_part(&member, &renewed);
                    let source = &renewed.source;
                    return shown(&app, &member, source, &kept(source), |frame| {
                        frame.say("busy", text)
                    })
                    .await;
                }
                Err(error) => told(&member, error)?,
            }
        }
    };
    shown(&app, &member, &source, &kept(&source), |frame| {
        frame.say("bad", text)
    })
    .await
}

/// Names the sources that a sign-in does not reach.
fn renewed_in_part(member: &Member, renewed: &Renewed) -> String {
    let named = |source: &Source| format!("{} ({})", source.name, source.company_id);
    let sources: Vec<String> = renewed.closed.iter().map(named).collect();
    let args = Args::new().with("sources", sources.join(", "));
    text_with(
        member.visitor.locale,
        "console-source-renewed-in-part",
        &args,
    )
}

/// `POST /s/{subscription}/sources/{id}/remove`: removes it, keeping or erasing its rows; or erases those that were kept when it
/// was removed.
pub(super) async fn remove(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let id: SourceId = id.parse().map_err(|_| Kind::NotFound)?;
    let sources = app.services.control.sources(member.id());
    let left = sources.get(&id).await?.rows_left();
    if !typed.ticked("sure") {
        return Err(Failure::field("sure"));
    }
    let rows = match typed.text("rows") {
        "keep" => false,
        "delete" => true,
        _ => return Err(Failure::field("rows")),
    };
    let by = member.actor();
    let done = match left {
        None => {
            connect::remove(&app.services, &id, rows, &by).await?;
            "removed"
        }
        Some(RowsLeft::Kept | RowsLeft::Going) if rows => {
            connect::erase_kept(&app.services, &id, &by).await?;
            "cleared"
        }
        Some(_) => return Err(Kind::NotFound.into()),
    };
    Ok(Redirect::to(&format!("{}/sources?done={done}", member.base())).into_response())
}

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use wynos::{
    catalog::{self, Locale, Table},
    control::Import,
    delivery::human,
    ports::random_text,
};

use super::address::{Onward, older};
use crate::{
    App,
    http::{Failure, Member},
    view::{Choice, Frame, ImportItem, Named, People, Section, page},
};

/// Imports of one page.
const PAGE: usize = 25;

/// The tables that lists can be imported into.
const LISTS: [&str; 4] = ["customers", "repairs", "tickets", "parts"];

#[derive(Template)]
#[template(path = "imports.html")]
struct ImportsPage {
    frame: Frame,
    base: String,
    may_import: bool,
    items: Vec<ImportItem>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "import_new.html")]
struct UploadPage {
    frame: Frame,
    base: String,
    order: String,
    formats: Vec<Choice>,
    tables: Vec<Named>,
    limit: String,
}

/// `GET /s/{subscription}/imports`: every import, newest first.
pub(super) async fn list(
    State(app): State<App>,
    member: Member,
    Query(onward): Query<Onward>,
) -> Result<Response, Failure> {
    let from = onward.cursor()?;
    let found = app
        .services
        .control
        .imports(member.id())
        .list(from.as_ref(), PAGE)
        .await?;
    let people = People::of(&app, &member).await?;
    let item = |import: &Import| ImportItem::of(&member, &people, import);
    let items: Vec<_> = found.items.iter().map(item).collect();
    let mut frame = Frame::inside(&member, Section::Imports, "console-imports-title");
    frame.busy = items.iter().any(|item| item.busy);
    page(&ImportsPage {
        frame,
        base: member.base(),
        may_import: member.may_change(),
        next: older(&member.base(), "/imports?", found.next.as_ref()),
        items,
    })
}

/// `GET /s/{subscription}/imports/new`: what can be imported.
pub(super) async fn form(State(app): State<App>, member: Member) -> Result<Response, Failure> {
    member.must_change()?;
    let frame = Frame::inside(&member, Section::Imports, "console-import-new");
    page(&UploadPage {
        base: member.base(),
        // Sent twice, the form still begins one import.
        order: random_text::<20>(),
        formats: formats(),
        tables: tables(frame.locale()),
        limit: human::size(frame.locale(), app.services.settings.upload_limit),
        frame,
    })
}

fn formats() -> Vec<Choice> {
    let choice = |value, name, text| Choice {
        value,
        name,
        text,
        chosen: value == "exchange",
    };
    vec![
        choice(
            "exchange",
            "console-format-exchange",
            "console-format-exchange-text",
        ),
        choice("csv", "console-format-in-csv", "console-format-in-csv-text"),
        choice(
            "xlsx",
            "console-format-in-xlsx",
            "console-format-in-xlsx-text",
        ),
        choice(
            "ords",
            "console-format-in-ords",
            "console-format-in-ords-text",
        ),
    ]
}

fn tables(locale: Locale) -> Vec<Named> {
    let named = |table: &Arc<Table>| Named {
        name: table.name.to_string(),
        label: table.label.get(locale).to_owned(),
        chosen: table.name == "customers",
    };
    LISTS
        .iter()
        .filter_map(|name| catalog::table(name))
        .map(named)
        .collect()
}

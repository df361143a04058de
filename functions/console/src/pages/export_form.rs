//! The form by which a file is ordered.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use wynos::{
    catalog::{self, Locale, Table, TableGroup},
    control::{FileFormat, Role},
    delivery::{self, human},
    ports::random_text,
    yclients::reports,
};

use super::words::Words;
use crate::{
    App,
    http::{Failure, Member},
    view::{Choice, Form, Frame, Named, Section, page, table_label},
};

/// The tables that are offered first: the lists that shops ask for.
const FIRST: [&str; 3] = ["repairs", "tickets", "customers"];
/// The prepared list that is no table: parts with their deliveries.
const WAREHOUSE: &str = "warehouse";

#[derive(Template)]
#[template(path = "export_new.html")]
struct OrderPage {
    frame: Frame,
    base: String,
    typed: Form,
    owner: bool,
    formats: Vec<Choice>,
    tables: Vec<Named>,
    /// The list whose columns can be ticked.
    ticked: String,
    /// Its own columns.
    own: Vec<Named>,
    /// What else it can have.
    more: Vec<Named>,
    is_more_chosen: bool,
    /// How long a file of each format is going to take.
    expected: Vec<(&'static str, String)>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    /// The table that the list is wanted of.
    #[serde(default)]
    table: String,
}

/// `GET /s/{subscription}/exports/new`: what can be ordered.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    member.must_change()?;
    // A list, where it is known of which table.
    let (format, table) = match wanted.table.as_str() {
        "" => ("xml", "repairs"),
        table => ("xlsx", table),
    };
    let first = Form::default()
        .with("format", format)
        .with("table", table)
        .with("profile", "full")
        // Sent twice, the form still orders once.
        .with("order", random_text::<20>());
    shown(&app, &member, first, |frame| frame).await
}

/// The form as it is filled in.
pub(super) async fn shown(
    app: &App,
    member: &Member,
    typed: Form,
    say: impl FnOnce(Frame) -> Frame,
) -> Result<Response, Failure> {
    let reports = reports::tables(&app.services.control, member.id()).await?;
    let frame = say(Frame::inside(
        member,
        Section::Exports,
        "console-export-new",
    ));
    let mut expected = Vec::new();
    for &format in FileFormat::ALL {
        let expectation = delivery::expected(&app.services, member.id(), format).await?;
        let text = match expectation.expected {
            Some(span) => frame.with(
                "console-export-expected",
                "span",
                &human::span(frame.locale(), span),
            ),
            None => frame.t("console-export-expected-unknown"),
        };
        expected.push((format.as_str(), text));
    }
    let ticked = typed.text("table").to_owned();
    let words = Words::of(app, member, &ticked, &reports).await?;
    // Columns of another list can be called alike.
    let is_same = typed.is("columns_of", &ticked);
    let (own, more) = words.offered();
    let tick = |(label, path): (&str, &str)| Named {
        name: path.to_owned(),
        label: label.to_owned(),
        chosen: is_same && typed.has("column", path),
    };
    let more: Vec<Named> = more.into_iter().map(tick).collect();
    page(&OrderPage {
        base: member.base(),
        own: own.into_iter().map(tick).collect(),
        is_more_chosen: more.iter().any(|column| column.chosen),
        more,
        ticked,
        owner: member.role == Role::Owner,
        formats: formats(&typed),
        tables: tables(frame.locale(), &reports, &typed),
        expected,
        typed,
        frame,
    })
}

fn formats(typed: &Form) -> Vec<Choice> {
    let choice = |value, name, text| Choice {
        value,
        name,
        text,
        chosen: typed.is("format", value),
    };
    vec![
        choice("xml", "console-format-xml", "console-format-xml-text"),
        choice("csv", "console-format-csv", "console-format-csv-text"),
        choice("xlsx", "console-format-xlsx", "console-format-xlsx-text"),
        choice(
            "sqlite",
            "console-format-sqlite",
            "console-format-sqlite-text",
        ),
        choice("ords", "console-format-ords", "console-format-ords-text"),
    ]
}

/// The tables that can leave as a list, those asked for most at the top, those of reports at the end.
fn tables(locale: Locale, reports: &[Arc<Table>], typed: &Form) -> Vec<Named> {
    let first = FIRST.iter().filter_map(|name| catalog::table(name));
    let others = catalog::tables()
        .iter()
        .filter(|table| !FIRST.contains(&table.name.as_ref()));
    let named = |table: &Arc<Table>| Named {
        name: table.name.to_string(),
        label: table.label.get(locale).to_owned(),
        chosen: typed.is("table", &table.name),
    };
    let tables = first.chain(others).chain(reports);
    let tables = tables.filter(|table| table.group != TableGroup::Internal);
    let mut names: Vec<Named> = tables.map(named).collect();
    let warehouse = Named {
        name: WAREHOUSE.to_owned(),
        label: table_label(locale, WAREHOUSE),
        chosen: typed.is("table", WAREHOUSE),
    };
    names.insert(FIRST.len().min(names.len()), warehouse);
    names
}

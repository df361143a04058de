use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use serde_json::Value as Json;
use url::form_urlencoded::Serializer;
use wynos::{
    catalog::{Column, Storage, Table},
    warehouse::People,
    yclients::reports,
};

use crate::{
    App,
    api::{note_read, table_rows, visible_table},
    http::{Failure, Kind, Member},
    view::{Frame, Section, moment, page},
};

/// Rows of one page.
const PAGE: usize = 50;
/// The longest text of a cell, in characters; the list has all of it.
const LONGEST: usize = 200;

#[derive(Template)]
#[template(path = "rows.html")]
struct RowsPage {
    frame: Frame,
    base: String,
    table: String,
    columns: Vec<Heading>,
    rows: Vec<Vec<Cell>>,
    next: Option<String>,
}

struct Heading {
    label: String,
    number: bool,
}

struct Cell {
    text: String,
    number: bool,
    /// Where more about it is.
    href: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    cursor: String,
}

impl Wanted {
    /// What is asked of the table, as programs would ask for it.
    fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        if !self.cursor.is_empty() {
            query.append_pair("cursor", &self.cursor);
        }
        query.finish()
    }
}

/// `GET /s/{subscription}/tables/{table}`: rows as they are kept, for whoever may also take them out.
pub(super) async fn show(
    State(app): State<App>,
    member: Member,
    Path((_, name)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    member.must_change()?;
    let table = of_member(&app, &member, &name).await?;
    note_read(&app, member.id(), &table.name, &member.actor()).await?;
    let warehouse = app.services.warehouses.open(member.id());
    let found = table_rows(&warehouse, &table, &wanted.query()).await?;
    let locale = member.visitor.locale;
    let row = |row: &serde_json::Map<String, Json>| {
        let cells = table.columns.iter();
        cells
            .map(|column| cell(&member, &table, column, row.get(column.name.as_ref())))
            .collect()
    };
    let heading = |column: &Column| Heading {
        label: column.label.get(locale).to_owned(),
        number: is_number(column),
    };
    let mut frame = Frame::inside(&member, Section::Overview, "console-overview-title");
    table.label.get(locale).clone_into(&mut frame.title);
    let onward = |cursor: &String| format!("{}/tables/{name}?cursor={cursor}", member.base());
    page(&RowsPage {
        frame,
        base: member.base(),
        columns: table.columns.iter().map(heading).collect(),
        rows: found.items.iter().map(row).collect(),
        next: found.next.as_ref().map(onward),
        table: name,
    })
}

/// The table of this name, of the catalog or of a report of the member's subscription.
async fn of_member(app: &App, member: &Member, name: &str) -> Result<Arc<Table>, Failure> {
    if let Ok(table) = visible_table(name) {
        return Ok(Arc::clone(table));
    }
    let report = reports::table(&app.services.control, member.id(), name).await?;
    report.ok_or_else(|| Kind::NotFound.into())
}

fn is_number(column: &Column) -> bool {
    matches!(column.ty.storage(), Storage::Integer | Storage::Decimal(_)) && column.name != "id"
}

/// A value as people read it.
fn cell(member: &Member, table: &Table, column: &Column, value: Option<&Json>) -> Cell {
    let written = match value {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) if column.ty.storage() == Storage::Timestamp => {
            let at = text.parse();
            at.map_or_else(|_| text.clone(), |at| moment(member, at))
        }
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let is_of_people = People::ALL
        .iter()
        .any(|people| people.table() == table.name);
    let names_a_person = column.name == "id" && is_of_people;
    let href = names_a_person.then(|| {
        let mut query = Serializer::new(String::new());
        query.append_pair("customer", &written);
        format!("{}/personal-data?{}", member.base(), query.finish())
    });
    Cell {
        number: is_number(column),
        text: shortened(written),
        href,
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

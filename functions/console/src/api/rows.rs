use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
};
use futures::StreamExt;
use serde::Serialize;
use serde_json::{Map, Value as JsonValue};
use url::form_urlencoded;
use utoipa::ToSchema;
use wynos::{
    catalog::{self, Column, Locale, Table, TableGroup},
    journal,
    warehouse::{Filter, Scan, Warehouse, WarehouseError},
    yclients::reports,
};

use super::{List, caller::Reader, cursor, json, note_read, values};
use crate::{
    App,
    http::{About, Failure, Kind},
};

/// Rows of a page when the caller does not say.
const DEFAULT_LIMIT: u64 = 100;

/// The most rows of a page.
const MAX_LIMIT: u64 = 1_000;

/// A page ends early when its texts have this many bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A table of the warehouse.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableInfo {
    /// Its name.
    name: String,
    /// What people read, in English.
    label: String,
    /// Living rows.
    rows: u64,
    /// Its columns, in order.
    columns: Vec<ColumnInfo>,
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnInfo {
    /// Its name.
    name: String,
    /// What people read, in English.
    label: String,
    /// Whether a row needs it.
    required: bool,
    /// The table whose `id` it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Whether it tells something about a person.
    personal: bool,
}

pub(crate) fn unavailable(error: WarehouseError) -> Failure {
    match error {
        WarehouseError::Misuse { .. } => Failure::noted(Kind::Internal, &error),
        WarehouseError::Stored { .. } => Failure {
            about: Some(About::said(|locale| {
                journal::reason(locale, "warehouse.stored", error.unreadable().as_ref())
            })),
            ..Failure::noted(Kind::Conflict, &error)
        },
        _ => Failure::noted(Kind::Unavailable, &error),
    }
}

/// The tables and their columns.
#[utoipa::path(get, path = "/api/v1/tables", tag = "tables", responses((status = 200, body = List<TableInfo>)))]
pub(crate) async fn tables(
    State(app): State<App>,
    caller: Reader,
) -> Result<Json<List<TableInfo>>, Failure> {
    let snapshot = caller
        .warehouse(&app)
        .snapshot()
        .await
        .map_err(unavailable)?;
    let existing = snapshot.tables().await.map_err(unavailable)?;
    let mut items = Vec::new();
    let reports = reports::tables(&app.services.control, caller.subscription()).await?;
    for table in catalog::tables()
        .iter()
        .filter(|table| table.group != TableGroup::Internal)
        .chain(&reports)
    {
        let rows = match existing.contains(table.name.as_ref()) {
            true => snapshot
                .count(table, &Filter::All)
                .await
                .map_err(unavailable)?,
            false => 0,
        };
        items.push(TableInfo {
            name: table.name.to_string(),
            label: table.label.get(Locale::En).to_owned(),
            rows,
            columns: table.columns.iter().map(column_info).collect(),
        });
    }
    Ok(Json(List { items, next: None }))
}

fn column_info(column: &Column) -> ColumnInfo {
    ColumnInfo {
        name: column.name.to_string(),
        label: column.label.get(Locale::En).to_owned(),
        required: column.required,
        reference: column.reference.as_ref().map(ToString::to_string),
        personal: column.personal,
    }
}

/// The rows of a table, in the order of their keys.
///
/// Any column can stand as a parameter of its own: only rows that equal it are given. Values of custom fields of type
/// PASSWORD are masked.
#[utoipa::path(
    get, path = "/api/v1/tables/{name}/rows", tag = "tables",
    params(
        ("name" = String, Path, description = "The table."),
        ("limit" = Option<u64>, Query, description = "Rows of a page, 1 to 1000; 100 when not said."),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before."),
        ("fields" = Option<String>, Query, description = "Only these columns, separated by commas."),
    ),
    responses((status = 200, body = List<Object>), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn rows(
    State(app): State<App>,
    caller: Reader,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<List<Map<String, JsonValue>>>, Failure> {
    let table = of_caller(&app, &caller, &name).await?;
    note_read(&app, caller.subscription(), &table.name, &caller.actor()).await?;
    list(
        &caller.warehouse(&app),
        &table,
        query.as_deref().unwrap_or_default(),
    )
    .await
    .map(Json)
}

/// The table of this name, of the catalog or of a report of the caller.
async fn of_caller(app: &App, caller: &Reader, name: &str) -> Result<Arc<Table>, Failure> {
    if let Ok(table) = visible(name) {
        return Ok(Arc::clone(table));
    }
    let report = reports::table(&app.services.control, caller.subscription(), name).await?;
    report.ok_or_else(|| Kind::NotFound.into())
}

/// The table of this name, when it is one that leaves.
pub(crate) fn visible(name: &str) -> Result<&'static Arc<Table>, Failure> {
    let table = catalog::table(name).filter(|table| table.group != TableGroup::Internal);
    table.ok_or_else(|| Kind::NotFound.into())
}

struct Question {
    limit: u64,
    after: Option<Vec<wynos::warehouse::Value>>,
    filter: Filter,
    fields: Vec<String>,
}

/// A page of a table's rows, as the query asks for it.
pub(crate) async fn list(
    warehouse: &Warehouse,
    table: &Arc<Table>,
    query: &str,
) -> Result<List<Map<String, JsonValue>>, Failure> {
    let question = question(table, query)?;
    let key: Vec<String> = table.primary_key().map(ToOwned::to_owned).collect();
    let columns = key.iter().chain(&question.fields).cloned();
    let mut scan = Scan::of(table)
        .columns(columns)
        .filter(question.filter)
        .limit(question.limit + 1);
    scan.after = question.after;
    let snapshot = warehouse.snapshot().await.map_err(unavailable)?;
    let mut batches = snapshot.scan(scan).await.map_err(unavailable)?;
    let (mut items, mut last, mut bytes) = (Vec::new(), None, 0);
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(unavailable)?;
        for row in batch.iter() {
            let full = u64::try_from(items.len()).unwrap_or(u64::MAX) >= question.limit
                || bytes >= MAX_BYTES;
            if full {
                return Ok(List { items, next: last });
            }
            bytes += row
                .values()
                .filter_map(|value| value.as_str())
                .map(str::len)
                .sum::<usize>();
            last = cursor::after(table, row);
            items.push(json::object(&question.fields, row, key.len()));
        }
    }
    Ok(List { items, next: None })
}

fn question(table: &Table, query: &str) -> Result<Question, Failure> {
    let mut question = Question {
        limit: DEFAULT_LIMIT,
        after: None,
        filter: Filter::All,
        fields: table
            .columns
            .iter()
            .map(|column| column.name.to_string())
            .collect(),
    };
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "limit" => {
                let limit = text
                    .parse()
                    .ok()
                    .filter(|limit| (1..=MAX_LIMIT).contains(limit));
                question.limit = limit.ok_or_else(|| Failure::field("limit"))?;
            }
            "cursor" => question.after = Some(cursor::read(table, &text)?),
            "fields" => question.fields = fields(table, &text)?,
            _ => {
                let column = known(table, &name)?;
                let value = values::from_text(column, &text)
                    .ok_or_else(|| Failure::field(name.as_ref()))?;
                question.filter = question.filter.and(Filter::equal(name.as_ref(), value));
            }
        }
    }
    Ok(question)
}

fn fields(table: &Table, text: &str) -> Result<Vec<String>, Failure> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    for (position, name) in names.iter().enumerate() {
        known(table, name)?;
        if names.iter().skip(position + 1).any(|other| other == name) {
            return Err(Failure::field("fields"));
        }
    }
    Ok(names)
}

fn known<'a>(table: &'a Table, name: &str) -> Result<&'a Column, Failure> {
    table.column(name).ok_or_else(|| Failure {
        field: Some(name.to_owned()),
        ..Failure::of(Kind::UnknownColumn)
    })
}

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde_json::{Map, Value as JsonValue, json};
use wynos::{
    access,
    catalog::{Table, repair_shop::LOCAL_SOURCE, system},
    control::Actor,
    jobs,
    journal::{self, Category},
    ports::random_text,
    warehouse::{
        Admit, Filter, Load, Rows, Rule, Scan, Snapshot, Value, Write, internal, is_about_customers,
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    json,
    naming::named,
    note_read,
    rows::{self, unavailable, visible},
};
use crate::{
    App,
    http::{Failure, Kind},
};

/// The collections that programs can change, and the tables behind them.
const COLLECTIONS: [(&str, &str); 8] = [
    ("customers", "customers"),
    ("repairs", "repairs"),
    ("tickets", "tickets"),
    ("parts", "parts"),
    ("deliveries", "part_deliveries"),
    ("employees", "employees"),
    ("dictionaries", "dictionaries"),
    ("custom-fields", "custom_fields"),
];

/// The table behind a collection.
pub(crate) fn table_of(collection: &str) -> Result<&'static Arc<Table>, Failure> {
    let known = COLLECTIONS.iter().find(|(name, _)| *name == collection);
    visible(known.ok_or(Kind::NotFound)?.1)
}

/// The records of a collection, in the order of their ids; the parameters are those of the table's rows.
#[utoipa::path(
    get, path = "/api/v1/{collection}", tag = "records",
    params(
        ("collection" = String, Path, description = "customers, repairs, tickets, parts, deliveries, employees, dictionaries or custom-fields."),
        ("limit" = Option<u64>, Query, description = "Records of a page, 1 to 1000; 100 when not said."),
        ("cursor" = Option<String>, Query, description = "Where to go on: `next` of the page before."),
    ),
    responses((status = 200, body = List<Object>))
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Path(collection): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<List<Map<String, JsonValue>>>, Failure> {
    let table = table_of(&collection)?;
    note_read(&app, caller.subscription(), &table.name, &caller.actor()).await?;
    rows::list(
        &caller.warehouse(&app),
        table,
        query.as_deref().unwrap_or_default(),
    )
    .await
    .map(Json)
}

/// One record.
#[utoipa::path(
    get, path = "/api/v1/{collection}/{id}", tag = "records",
    params(("collection" = String, Path, description = "As in the list."), ("id" = String, Path, description = "The record's id, whole or without the subscription's origin.")),
    responses((status = 200, body = Object), (status = 404, body = super::problem::Problem))
)]
pub(crate) async fn show(
    State(app): State<App>,
    caller: Reader,
    Path((collection, id)): Path<(String, String)>,
) -> Result<Json<Map<String, JsonValue>>, Failure> {
    let table = table_of(&collection)?;
    note_read(&app, caller.subscription(), &table.name, &caller.actor()).await?;
    let snapshot = caller
        .warehouse(&app)
        .snapshot()
        .await
        .map_err(unavailable)?;
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| column.name.to_string())
        .collect();
    let id = named(&snapshot, table, caller.subscription(), &id)
        .await?
        .id;
    let found = find(&snapshot, table, &columns, &id)
        .await?
        .ok_or(Kind::NotFound)?;
    let row = found.get(0).ok_or(Kind::NotFound)?;
    Ok(Json(json::object(&columns, row, 0)))
}

/// These columns of the shop's own row of this id.
pub(crate) async fn find(
    snapshot: &Snapshot,
    table: &Arc<Table>,
    columns: &[String],
    id: &str,
) -> Result<Option<Rows>, Failure> {
    let filter = Filter::equal(system::SOURCE_ID, LOCAL_SOURCE).and(Filter::equal("id", id));
    let scan = Scan::of(table)
        .columns(columns.iter().cloned())
        .filter(filter)
        .limit(1);
    let mut batches = snapshot.scan(scan).await.map_err(unavailable)?;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(unavailable)?;
        if !batch.is_empty() {
            return Ok(Some(batch));
        }
    }
    Ok(None)
}

/// What a program did to a record.
pub(crate) struct Changed<'a> {
    /// The code of the entry in the journal.
    pub(crate) code: &'static str,
    /// The record.
    pub(crate) id: &'a str,
    /// The program.
    pub(crate) by: &'a Actor,
    /// When, in UTC.
    pub(crate) at: DateTime<Utc>,
}

/// Has the entry of a change brought to the journal. Where that fails it comes with the next housekeeping.
pub(crate) async fn told(app: &App, caller: &Writer) {
    if let Err(error) = jobs::request_relay(&app.services, caller.subscription()).await {
        tracing::warn!(%error, "the entry of a change waits for the next housekeeping");
    }
}

/// Rows of one table as a program wants them.
pub(crate) struct Change {
    /// The table.
    pub(crate) table: &'static Arc<Table>,
    /// Its columns, in the order of the rows' values.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Rows,
}

/// A program's change of a record and of what goes with it, with its entry in the journal and its line in the
/// personal-data log of the customers that the rows speak of.
pub(crate) fn change(
    changed: &Changed<'_>,
    table: &Arc<Table>,
    changes: Vec<Change>,
) -> Result<Load, Failure> {
    let event = random_text::<20>();
    let is_logged = changes
        .iter()
        .any(|change| is_about_customers(change.table));
    let mut writes = Vec::with_capacity(changes.len() + 2);
    for change in changes {
        let about_customers = is_about_customers(change.table);
        writes.push(Write::Admit(Admit {
            table: Arc::clone(change.table),
            source_id: LOCAL_SOURCE.to_owned(),
            columns: change.columns,
            rows: change.rows,
            rule: Rule::Change,
            undo: None,
            personal_data_event: about_customers.then(|| event.clone()),
            children: Vec::new(),
            filter: None,
        }));
    }
    if is_logged {
        writes.push(logged(&event, changed.by, table, changed.at));
    }
    let details = json!({ "table": table.name, "record": changed.id });
    let mut entry = access::entry(changed.code, details, changed.by, changed.at);
    entry.category = Category::Load;
    let told = journal::emit(&entry).map_err(|error| Failure::noted(Kind::Internal, &error))?;
    writes.push(told);
    Ok(Load {
        origin: "api",
        run: event,
        observed_at: changed.at,
        writes,
        quota: None,
    })
}

/// The line of the personal-data log: it shows for whoever the change turned out to touch.
fn logged(event: &str, actor: &Actor, table: &Table, now: DateTime<Utc>) -> Write {
    let mut rows = Rows::new(internal::personal_data_events().columns.len());
    rows.push_values(&[
        Value::from(event),
        Value::Timestamp(now),
        Value::from("api"),
        Value::Null,
        Value::Null,
        Value::Text(actor.to_string()),
        Value::Json(json!({ "table": table.name }).to_string()),
    ]);
    Write::Insert {
        table: Arc::clone(internal::personal_data_events()),
        rows,
    }
}

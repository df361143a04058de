use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wynos::{
    catalog::Locale,
    control::SourceState,
    yclients::{
        connect::{self, ConnectError, TableView},
        pull::{self, Outlook, Poorer},
        selection::{self, ComesBack},
    },
};

use super::{
    List,
    caller::{Reader, Writer},
    problem::Problem,
    source_shapes::said,
    sources::own_source,
};
use crate::{
    App,
    http::{Failure, Kind, language_from_header},
};

/// A table of a source: whether it is loaded, by which filter, and how fresh it is. Times are in UTC.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoadedTable {
    /// Its name among the tables.
    name: String,
    /// Whether it is loaded.
    enabled: bool,
    /// Which rows are kept; `null` for all.
    #[schema(value_type = Option<Object>)]
    filter: Option<serde_json::Value>,
    /// Tables that come with it.
    children: Vec<String>,
    /// What stays empty in it because another table is off.
    lacks: Vec<Lack>,
    /// When it was last read to its end.
    last_at: Option<DateTime<Utc>>,
    /// Rows that came then.
    last_rows: Option<i64>,
    /// When it will be read next, as far as is known; nothing where it will not be by itself.
    next_at: Option<DateTime<Utc>>,
    /// Since when that reading is due and waits for its turn, or is under way; nothing while it is not due.
    due_since: Option<DateTime<Utc>>,
    /// How the last attempt ended: done, or the code of a problem.
    outcome: Option<String>,
    /// Since when the vendor denies it to the account.
    forbidden_since: Option<DateTime<Utc>>,
    /// What may be missing where the vendor lets the account read only a list that tells less; `null` where the full one is
    /// read. With the right at the vendor, or after signing in by an account that has it, the full one is read again.
    poorer: Option<PoorerList>,
}

/// What may be missing of a table that is read from a list which tells less.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoorerList {
    /// When the vendor last refused the full list.
    refused_at: Option<DateTime<Utc>>,
    /// Columns that stay empty in rows that are new, and as they were in others; none where it is not known which.
    columns: Vec<&'static str>,
    /// Whether rows may be missing too: those below the first level.
    rows: bool,
    /// This and what to do, in the language of the request.
    text: String,
}

/// What a loaded table lacks because another one is off.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lack {
    /// The table that is off.
    table: String,
    /// The column that stays empty; `null` for the whole table.
    column: Option<&'static str>,
}

/// What to change of a table of a source; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableChange {
    /// Whether it is loaded.
    enabled: Option<bool>,
    /// Which rows are kept, as a condition; `null` for all. A condition is `{"column": C, "is": OPERATOR, "value": V}` with
    /// `equal`, `not_equal`, `less`, `at_most`, `greater`, `at_least` or `contains`; `{"column": C, "in": [V]}`;
    /// `{"column": C, "has": V}` for lists; `{"null": C}`; `{"not_null": C}`; `{"and": [CONDITION]}`; `{"or": [CONDITION]}`;
    /// or `{"not": CONDITION}`. Values have the type of the column; moments are RFC 3339.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Object>, example = json!({"column": "staff_id", "is": "equal", "value": 5}))]
    filter: Option<Option<serde_json::Value>>,
}

/// A filter to be looked at before it is saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterOrder {
    /// Which rows would be kept: a condition, as in `TableChange`; `null` for all.
    #[schema(value_type = Option<Object>, example = json!({"column": "staff_id", "is": "equal", "value": 5}))]
    filter: Option<serde_json::Value>,
}

/// What a filter would do to the rows that are there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilterEffect {
    /// Rows of the source in the table now.
    held: u64,
    /// Rows of these that would stay.
    kept: u64,
    /// Rows of these that would become tombstones.
    gone: u64,
    /// Which rows that it lets in come back by themselves: `all`, or those of the `last_month`.
    comes_back: &'static str,
}

impl LoadedTable {
    /// A table of a source in this state; `poorer` are those of the source that are read from lists which tell less.
    fn of(
        view: TableView,
        state: SourceState,
        outlook: &Outlook,
        poorer: &[Poorer],
        locale: Locale,
    ) -> Self {
        let poorer = poorer
            .iter()
            .find(|poorer| poorer.table == view.state.table_name);
        let next_at = pull::next_reading(&view.state, state, outlook);
        let due_since = pull::due_since(&view.state, state, outlook);
        let children = view.children.iter().map(|table| table.name.to_string());
        let lacks = view.lacks.into_iter().map(|need| Lack {
            table: need.on,
            column: need.for_column,
        });
        Self {
            children: children.collect(),
            lacks: lacks.collect(),
            name: view.state.table_name,
            enabled: view.state.enabled,
            filter: view.state.filter,
            last_at: view.state.last_at,
            last_rows: view.state.last_rows,
            next_at,
            due_since,
            outcome: view.state.outcome,
            forbidden_since: view.state.forbidden_since,
            poorer: poorer.map(|poorer| PoorerList::of(poorer, locale)),
        }
    }
}

impl PoorerList {
    fn of(poorer: &Poorer, locale: Locale) -> Self {
        Self {
            refused_at: poorer.refused_at,
            columns: poorer.columns.clone(),
            rows: poorer.rows,
            text: poorer.words(locale),
        }
    }
}

/// The tables of a source.
#[utoipa::path(
    get, path = "/api/v1/sources/{id}/tables", tag = "sources",
    params(("id" = String, Path, description = "The source.")),
    responses((status = 200, body = List<LoadedTable>), (status = 404, body = Problem))
)]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<List<LoadedTable>>, Failure> {
    let source = own_source(&app, &caller, &id).await?;
    let views = connect::tables(&app.services, &source.id).await?;
    let outlook = pull::outlook(&app.services, caller.subscription()).await?;
    let poorer = pull::poorer(&app.services, &source.id, &views).await?;
    let locale = language_from_header(&headers);
    let shown = |view| LoadedTable::of(view, source.state, &outlook, &poorer, locale);
    Ok(Json(List {
        items: views.into_iter().map(shown).collect(),
        next: None,
    }))
}

/// What a filter would do to the rows that are there; nothing is changed.
#[utoipa::path(
    post, path = "/api/v1/sources/{id}/tables/{table}/preview", tag = "sources", request_body = FilterOrder,
    params(("id" = String, Path, description = "The source."), ("table" = String, Path, description = "The table.")),
    responses((status = 200, body = FilterEffect), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn preview(
    State(app): State<App>,
    caller: Reader,
    Path((id, table)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<FilterEffect>, Failure> {
    let wanted: FilterOrder = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let source = own_source(&app, &caller, &id).await?;
    let filter = wanted.filter.unwrap_or_else(|| "all".into());
    let seen = selection::preview(&app.services, &source.id, &table, &filter).await;
    let seen = seen.map_err(ConnectError::from)?;
    Ok(Json(FilterEffect {
        held: seen.held,
        kept: seen.kept,
        gone: seen.held.saturating_sub(seen.kept),
        comes_back: match seen.comes_back {
            ComesBack::All => "all",
            ComesBack::LastMonth => "last_month",
        },
    }))
}

/// Turns a table of a source on or off, and changes its filter.
#[utoipa::path(
    patch, path = "/api/v1/sources/{id}/tables/{table}", tag = "sources", request_body = TableChange,
    params(("id" = String, Path, description = "The source."), ("table" = String, Path, description = "The table.")),
    responses((status = 200, body = LoadedTable), (status = 404, body = Problem), (status = 422, body = Problem))
)]
pub(crate) async fn change(
    State(app): State<App>,
    caller: Writer,
    Path((id, table)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<LoadedTable>, Failure> {
    let wanted: TableChange = serde_json::from_slice(&body).map_err(Failure::unreadable)?;
    let source = own_source(&app, &caller, &id).await?;
    let filter = wanted.filter.as_ref().map(Option::as_ref);
    let (services, by) = (&app.services, caller.actor());
    connect::set_table(services, &source.id, &table, wanted.enabled, filter, &by).await?;
    let views = connect::tables(services, &source.id).await?;
    let outlook = pull::outlook(services, caller.subscription()).await?;
    let poorer = pull::poorer(services, &source.id, &views).await?;
    let locale = language_from_header(&headers);
    let changed = views
        .into_iter()
        .find(|view| view.state.table_name == table);
    changed
        .map(|view| {
            Json(LoadedTable::of(
                view,
                source.state,
                &outlook,
                &poorer,
                locale,
            ))
        })
        .ok_or(Kind::NotFound.into())
}

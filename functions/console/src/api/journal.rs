use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wynos::{
    control::Cursor,
    journal::{Entry, JournalFilter},
};

use super::{List, caller::Reader};
use crate::{
    App,
    http::{Failure, Kind},
};

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JournalEntry {
    /// The entry.
    id: String,
    /// When, in UTC.
    at: DateTime<Utc>,
    /// What it is about: export, import, load, access, settings, problem …
    category: &'static str,
    /// info, warning or error.
    severity: &'static str,
    /// Who did it: `account:ID`, `token:ID`, `cli` or `system`.
    actor: String,
    /// What happened: a stable name.
    code: String,
    /// Numbers by name.
    counts: BTreeMap<String, i64>,
    /// What else is known.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<Entry> for JournalEntry {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at,
            category: entry.category.as_str(),
            severity: entry.severity.as_str(),
            actor: entry.actor.to_string(),
            code: entry.code,
            counts: entry.counts,
            details: entry.details,
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
pub(crate) struct Wanted {
    /// Only those of this category.
    category: Option<String>,
    /// Entries of a page, 1 to 200; 50 when not said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The journal, newest first.
#[utoipa::path(get, path = "/api/v1/journal", tag = "journal", params(Wanted), responses((status = 200, body = List<JournalEntry>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Reader,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<JournalEntry>>, Failure> {
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Failure::field("limit"));
    }
    let from = wanted
        .cursor
        .as_deref()
        .map(Cursor::decode)
        .transpose()
        .map_err(|_| Kind::InvalidCursor)?;
    let category = wanted.category.as_deref().map(str::parse).transpose();
    let filter = JournalFilter {
        category: category.map_err(|_| Failure::field("category"))?,
        ..JournalFilter::default()
    };
    let found = app
        .services
        .control
        .journal(caller.subscription())
        .list(&filter, from.as_ref(), limit)
        .await?;
    Ok(Json(List {
        items: found.items.into_iter().map(JournalEntry::from).collect(),
        next: found.next.map(|cursor| cursor.encode()),
    }))
}

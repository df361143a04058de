//! Tables of which only a list can be read that tells less, since the vendor does not let the account read their own.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{PullError, TableCursor};
use crate::{
    SourceId,
    catalog::{self, Locale},
    i18n::{Args, text, text_with},
    services::Services,
    yclients::{
        connect::TableView,
        streams::{self, Endpoint, Reach, Stream},
    },
};

/// A table that is read from a list which tells less than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poorer {
    /// The table.
    pub table: &'static str,
    /// When the vendor last refused its own list, in UTC. It is asked for again every day, and at once after a new sign-in.
    pub refused_at: Option<DateTime<Utc>>,
    /// Columns that this list never tells; none where that is not known beforehand: older shapes of a body say less, and not
    /// always the same.
    pub columns: Vec<&'static str>,
    /// Whether rows may be missing too: those below the first level of a tree.
    pub rows: bool,
}

/// What a search is asked for in its body.
#[derive(Deserialize)]
struct Wanted {
    /// The fields that it is to tell.
    #[serde(default)]
    fields: Vec<String>,
}

/// Those of these tables of a source, as [`tables()`](crate::yclients::connect::tables()) gives them, that are on and were last
/// read from a list that tells less. A table of which nothing can be read says so itself and is none of them.
pub async fn poorer(
    services: &Services,
    id: &SourceId,
    views: &[TableView],
) -> Result<Vec<Poorer>, PullError> {
    let warehouse = services.warehouses.open(id.subscription());
    let mut found = Vec::new();
    for view in views {
        let state = &view.state;
        let is_read = state.enabled && state.forbidden_since.is_none();
        let stream = streams::stream(&state.table_name);
        let Some(stream) = stream.filter(|stream| is_read && !stream.fallbacks.is_empty()) else {
            continue;
        };
        let kept = warehouse.state(&TableCursor::key(id, stream.table)).await?;
        let cursor = kept.and_then(|kept| serde_json::from_value::<TableCursor>(kept).ok());
        found.extend(cursor.and_then(|cursor| Poorer::of(stream, &cursor)));
    }
    Ok(found)
}

impl Poorer {
    /// The table of a stream that is read so far; `None` where its own list is read, or none was read to its end yet.
    fn of(stream: &'static Stream, cursor: &TableCursor) -> Option<Self> {
        cursor.loaded_to?;
        let at = cursor.endpoint.checked_sub(1)?;
        let endpoint = stream.fallbacks.get(at)?;
        Some(Self {
            table: stream.table,
            refused_at: cursor.turned_away_at,
            columns: not_told(stream, endpoint),
            rows: matches!(stream.endpoint.reach, Reach::Tree { .. }),
        })
    }

    /// What may be missing and what to do, in the reader's language: whole sentences.
    pub fn words(&self, locale: Locale) -> String {
        let missing = if self.rows {
            text(locale, "source-poorer-rows")
        } else if self.columns.is_empty() {
            text(locale, "source-poorer-some")
        } else {
            let args = Args::new().with("columns", self.labels(locale).join(", "));
            text_with(locale, "source-poorer-columns", &args)
        };
        let begin = text(locale, "source-poorer");
        let remedy = text(locale, "source-poorer-remedy");
        format!("{begin} {missing} {remedy}")
    }

    fn labels(&self, locale: Locale) -> Vec<String> {
        let Some(table) = catalog::table(self.table) else {
            return Vec::new();
        };
        let missing = table
            .columns
            .iter()
            .filter(|column| self.columns.contains(&&*column.name));
        missing
            .map(|column| column.label.get(locale).to_owned())
            .collect()
    }
}

/// Columns that an endpoint which is asked for certain fields does not tell.
fn not_told(stream: &Stream, endpoint: &Endpoint) -> Vec<&'static str> {
    let wanted = endpoint
        .body
        .and_then(|body| serde_json::from_str::<Wanted>(body).ok());
    let fields = wanted.map(|wanted| wanted.fields).unwrap_or_default();
    let (Some(table), false) = (stream.declaration(), fields.is_empty()) else {
        return Vec::new();
    };
    let is_told = |column: &str| {
        // What is computed from another column is told with it.
        let computed = ["_raw", "_local"];
        let from = computed.iter().find_map(|end| column.strip_suffix(end));
        let column = from.unwrap_or(column);
        let declared = stream.fields.iter().find(|field| field.column == column);
        match declared.map(|field| field.paths) {
            Some(paths) if !paths.is_empty() => paths
                .iter()
                .any(|path| fields.iter().any(|field| field == path)),
            _ => fields.iter().any(|field| field == column),
        }
    };
    let columns = table.columns.iter().map(|column| &*column.name);
    columns.filter(|column| !is_told(column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(table: &str, cursor: TableCursor) -> Option<Poorer> {
        Poorer::of(streams::stream(table).unwrap(), &cursor)
    }

    #[test]
    fn what_a_poorer_list_does_not_tell_is_said_with_what_to_do() {
        let at: DateTime<Utc> = "2026-05-10T10:00:00Z".parse().unwrap();
        let read = TableCursor {
            loaded_to: Some(at),
            endpoint: 1,
            turned_away_at: Some(at),
            ..TableCursor::default()
        };
        let clients = of("yclients_clients", read.clone()).unwrap();
        assert_eq!((clients.refused_at, clients.rows), (Some(at), false));
        for (column, missing) in [
            ("surname", true),
            ("spent", true),
            ("id", false),
            ("name", false),
            // It comes under another name.
            ("visits", false),
            ("last_visit_date_local", false),
            ("last_change_date_local", true),
        ] {
            assert_eq!(clients.columns.contains(&column), missing, "{column}");
        }
        let categories = of("yclients_goods_categories", read.clone()).unwrap();
        assert!(categories.rows && categories.columns.is_empty());
        let staff = of("yclients_staff", read.clone()).unwrap();
        assert!(!staff.rows && staff.columns.is_empty());
        for locale in Locale::ALL {
            let all = [&clients, &categories, &staff].map(|poorer| poorer.words(locale));
            assert!(
                all.iter().all(|words| !words.contains("source-poorer")),
                "{all:?}"
            );
            assert!(all[0] != all[1] && all[1] != all[2], "{all:?}");
        }
        assert!(clients.words(Locale::Pl).contains("Nazwisko"));
        let own = TableCursor {
            endpoint: 0,
            ..read.clone()
        };
        let unread = TableCursor {
            loaded_to: None,
            ..read
        };
        assert_eq!(of("yclients_clients", own), None);
        assert_eq!(of("yclients_clients", unread), None);
    }
}

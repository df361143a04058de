use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value as Json, json};

use super::{FilterProblem, Need, from_json, needs, to_json, written::told};
use crate::{
    SourceId,
    catalog::{self, Table, TableGroup, system},
    control::{Actor, ControlError},
    journal::{Category, NewEntry, Severity},
    ports::{Disposition, QueueError},
    services::Services,
    warehouse::{Filter, WarehouseError},
    yclients::{
        pull::{
            self,
            messages::{self, PullMessage},
        },
        streams,
    },
};

/// Why a selection was not looked at or changed.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// There is no such table of the vendor's.
    #[error("there is no table {table} of the vendor's")]
    Table {
        /// The table.
        table: String,
    },
    /// Rows that come and go with those of other tables: lines with what they are of, documents with what names them. A filter
    /// belongs there.
    #[error("rows of {table} come with those of {of}: set the filter there")]
    Child {
        /// The table.
        table: String,
        /// The tables that its rows come with, by commas.
        of: String,
    },
    /// The filter cannot be understood.
    #[error("the filter of {table}: {problem}")]
    Filter {
        /// The table.
        table: String,
        /// What is wrong.
        problem: FilterProblem,
    },
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The work could not be queued; it will be found by time.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl SelectionError {
    /// The code of the error; what it says to people has the key `problem-` and the code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Table { .. } => "selection.table",
            Self::Child { .. } => "selection.child",
            Self::Filter { .. } => "selection.filter",
            Self::Control(_) | Self::Warehouse(_) | Self::Queue(_) => "pull.internal",
        }
    }

    /// The arguments of the code.
    pub fn details(&self) -> Json {
        match self {
            Self::Table { table } => json!({ "table": table }),
            Self::Child { table, of } => json!({ "table": table, "of": of }),
            Self::Filter { problem, .. } => json!({ "problem": problem.to_string() }),
            Self::Control(_) | Self::Warehouse(_) | Self::Queue(_) => json!({}),
        }
    }

    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Table { .. } | Self::Child { .. } | Self::Filter { .. } => Disposition::Park,
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
        }
    }
}

/// What a filter would do to the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPreview {
    /// Living rows of the table.
    pub held: u64,
    /// Of these, rows that meet the filter. The others become tombstones when it is saved.
    pub kept: u64,
    /// How rows that the filter lets in and the present one keeps out come back.
    pub comes_back: ComesBack,
}

/// How rows come in that a filter kept out before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComesBack {
    /// All of them: the list is read whole again.
    All,
    /// Those of the last month and of the time to come; older ones by ordering their period.
    LastMonth,
}

/// What the filter would do, without doing it.
pub async fn preview(
    services: &Services,
    source: &SourceId,
    table: &str,
    filter: &Json,
) -> Result<FilterPreview, SelectionError> {
    let declared = filterable(table)?;
    let filter = from_json(declared, filter)?;
    let own = Filter::equal(system::SOURCE_ID, source.as_str());
    let snapshot = services
        .warehouses
        .open(source.subscription())
        .snapshot()
        .await?;
    let held = snapshot.count(declared, &own).await?;
    let kept = snapshot.count(declared, &own.and(filter)).await?;
    let by_day = streams::stream(table).is_some_and(|stream| stream.window.is_some());
    Ok(FilterPreview {
        held,
        kept,
        comes_back: if by_day {
            ComesBack::LastMonth
        } else {
            ComesBack::All
        },
    })
}

/// Sets or takes away the filter of a table. The table is due at once: its next reading first makes tombstones of the rows
/// that are kept out from now on, and then reads again what may be let in. The journal tells the filter, but for values of
/// personal columns.
pub async fn set_filter(
    services: &Services,
    source: &SourceId,
    table: &str,
    filter: Option<&Json>,
    actor: Actor,
) -> Result<(), SelectionError> {
    let filter = match filter {
        None => vendor_table(table).map(|_| None)?,
        Some(json) => {
            Some(from_json(filterable(table)?, json)?).filter(|filter| *filter != Filter::All)
        }
    };
    let now = services.clock.now();
    let kept = filter.as_ref().map(to_json);
    let mut tx = services.control.begin().await?;
    let mut sources = tx.sources(source.subscription());
    sources
        .set_filter(source, table, kept.as_ref(), now)
        .await?;
    pull::make_due(&mut sources, source, table, now).await?;
    let name = sources.get(source).await?.name;
    let mut entry = settings_entry((source, &name), table, "source.filtered", actor, now);
    let shown = catalog::table(table).zip(filter.as_ref());
    let shown = shown.map_or(Json::Null, |(declared, filter)| told(declared, filter));
    entry.details = json!({ "source": name, "table": table, "filter": shown });
    tx.append_journal(source.subscription(), &entry).await?;
    tx.commit().await?;
    wake(services, source).await
}

/// Turns a table on or off; what it needs from others comes back, so that what is missing can be told. Rows that are there
/// stay.
pub async fn set_enabled(
    services: &Services,
    source: &SourceId,
    table: &str,
    enabled: bool,
    actor: Actor,
) -> Result<Vec<Need>, SelectionError> {
    vendor_table(table)?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut sources = tx.sources(source.subscription());
    sources.enable_table(source, table, enabled, now).await?;
    if !pull::is_read(table) {
        pull::make_due(&mut sources, source, table, now).await?;
    }
    let name = sources.get(source).await?.name;
    let code = if enabled {
        "source.table-on"
    } else {
        "source.table-off"
    };
    let entry = settings_entry((source, &name), table, code, actor, now);
    tx.append_journal(source.subscription(), &entry).await?;
    tx.commit().await?;
    let tables = services
        .control
        .sources(source.subscription())
        .tables(source)
        .await?;
    if enabled {
        wake(services, source).await?;
    }
    Ok(needs(table, |name| {
        let known = tables.iter().find(|table| table.table_name == name);
        known.is_none_or(|table| table.enabled)
    }))
}

async fn wake(services: &Services, source: &SourceId) -> Result<(), SelectionError> {
    let message = PullMessage::due(source.clone());
    Ok(messages::send(
        &*services.queue,
        messages::PULL,
        &message,
        Duration::ZERO,
        None,
    )
    .await?)
}

fn vendor_table(table: &str) -> Result<&'static std::sync::Arc<Table>, SelectionError> {
    catalog::table(table)
        .filter(|declared| declared.group == TableGroup::Yclients)
        .ok_or_else(|| SelectionError::Table {
            table: table.to_owned(),
        })
}

fn filterable(table: &str) -> Result<&'static std::sync::Arc<Table>, SelectionError> {
    let declared = vendor_table(table)?;
    if !is_filterable(declared) {
        return Err(SelectionError::Child {
            table: table.to_owned(),
            of: comes_with(declared),
        });
    }
    Ok(declared)
}

/// The tables that the rows of one without a filter come with, by commas.
fn comes_with(table: &Table) -> String {
    let whole = streams::dependencies(&table.name).into_iter();
    let tables: Vec<_> = whole
        .filter(|needed| needed.for_column.is_none())
        .map(|needed| needed.on)
        .collect();
    tables.join(", ")
}

/// Whether the table can have a filter of its own: its rows are no lines of others, and no documents, of which others tell the
/// ids and nothing else is known until somebody asks.
pub fn is_filterable(table: &Table) -> bool {
    table.parent.is_none() && pull::is_read(&table.name)
}

fn settings_entry(
    (source, name): (&SourceId, &str),
    table: &str,
    code: &str,
    actor: Actor,
    at: chrono::DateTime<chrono::Utc>,
) -> NewEntry {
    NewEntry {
        at,
        category: Category::Settings,
        severity: Severity::Info,
        source_id: Some(source.to_string()),
        actor,
        code: code.to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "source": name, "table": table }),
        dedupe_key: format!("{code}:{source}:{table}:{}", at.timestamp_micros()),
    }
}

//! How fresh each table of a source is, and when it will be fresh next.

use chrono::{DateTime, Utc};

use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, SourceState, SourceTable},
    plans::next_month,
    services::Services,
    yclients::streams::{self, Cadence},
};

/// How fresh a table is. Times are in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// The source.
    pub source: SourceId,
    /// What its owner calls it.
    pub source_name: String,
    /// The table.
    pub table: String,
    /// Whether it is loaded.
    pub enabled: bool,
    /// When it was last read to its end.
    pub last_at: Option<DateTime<Utc>>,
    /// Rows that came then.
    pub last_rows: Option<i64>,
    /// When it will be read next, as far as is known; `None` when nothing will happen by itself.
    pub next_at: Option<DateTime<Utc>>,
    /// How the last attempt ended: `done`, or the code of a failure.
    pub outcome: Option<String>,
    /// Since when the vendor denies it.
    pub forbidden_since: Option<DateTime<Utc>>,
}

/// How fresh every table of the subscription's sources is, by source and table. Sources that are paused or wait for a
/// credential will not be fresh by themselves, and say so.
pub async fn freshness(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Vec<Freshness>, ControlError> {
    let now = services.clock.now();
    let sources = services.control.sources(subscription).list().await?;
    let tables = services.control.sources(subscription).all_tables().await?;
    let told = tables.into_iter().filter_map(|table| {
        let source = sources.iter().find(|source| source.id == table.source_id)?;
        Some(Freshness {
            source: source.id.clone(),
            source_name: source.name.clone(),
            next_at: next_reading(&table, source.state, now),
            table: table.table_name,
            enabled: table.enabled,
            last_at: table.last_at,
            last_rows: table.last_rows,
            outcome: table.outcome,
            forbidden_since: table.forbidden_since,
        })
    });
    Ok(told.collect())
}

/// Whether a table is read by itself; rows of others come with those that mention them.
pub fn is_read(table: &str) -> bool {
    streams::carrier(table).is_some_and(|stream| stream.cadence != Cadence::OnDemand)
}

/// When a table of a source in this state will be read next, as far as is known; `None` when nothing will happen by itself.
/// Times are in UTC.
pub fn next_reading(
    table: &SourceTable,
    state: SourceState,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if !table.enabled || !is_read(&table.table_name) || state != SourceState::Active {
        return None;
    }
    match table.outcome.as_deref() {
        Some("plan.ended" | "plan.storage-used") => None,
        Some("plan.rows-used") => Some(next_month(now)),
        _ => table.next_at.map(|at| at.max(now)),
    }
}

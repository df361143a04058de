//! Companies that are no longer open to an account whose token is good. Only their sources stand still, are tried every day,
//! and go on by themselves; sources that share the account go on as before.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{fresh::is_read, freshness};
use crate::{
    SourceId,
    control::{Actor, ControlError, Source, SourceTable, Tx},
    journal::{Category, NewEntry, Severity},
    services::Services,
    yclients::client::COMPANY_CLOSED,
};

/// Whether these are tables of a source whose company is closed to its account, as far as was found: one of those that are
/// read says so.
pub fn is_closed<'t>(tables: impl IntoIterator<Item = &'t SourceTable>) -> bool {
    tables.into_iter().any(says_closed)
}

/// Whether the source's company is closed to its account and is not to be tried again by now.
pub(crate) async fn stays_closed(services: &Services, id: &SourceId) -> Result<bool, ControlError> {
    let now = services.clock.now();
    let sources = services.control.sources(id.subscription());
    let tables = sources.tables(id).await?;
    let mut closed = tables.iter().filter(|table| says_closed(table)).peekable();
    Ok(closed.peek().is_some() && closed.all(|table| table.next_at.is_some_and(|at| at > now)))
}

fn says_closed(table: &SourceTable) -> bool {
    table.enabled && is_read(&table.table_name) && table.outcome.as_deref() == Some(COMPANY_CLOSED)
}

/// Notes that the company of a source is closed to its account: all of its tables that are on say so, and are tried again in
/// a day. The journal tells of it when that is news.
pub(in crate::yclients) async fn close(
    tx: &mut Tx,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let mut sources = tx.sources(&source.subscription_id);
    let news = sources
        .stop_tables(&source.id, COMPANY_CLOSED, now + freshness::DENIED)
        .await?;
    if news {
        let entry = entry(source, "load.company-closed", Severity::Warning, now);
        tx.append_journal(&source.subscription_id, &entry).await?;
    }
    Ok(())
}

/// Notes that the company of a source is open to its account: what stood still is due, and the journal says that it goes on.
/// Nothing happens where the company was not closed.
pub(in crate::yclients) async fn reopen(
    tx: &mut Tx,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let mut sources = tx.sources(&source.subscription_id);
    let news = sources
        .restart_tables(&source.id, COMPANY_CLOSED, now)
        .await?;
    if news {
        let entry = entry(source, "load.company-open", Severity::Info, now);
        tx.append_journal(&source.subscription_id, &entry).await?;
    }
    Ok(())
}

fn entry(source: &Source, code: &str, severity: Severity, now: DateTime<Utc>) -> NewEntry {
    NewEntry {
        at: now,
        category: Category::Problem,
        severity,
        source_id: Some(source.id.to_string()),
        actor: Actor::System,
        code: code.to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "source": source.name, "failure": COMPANY_CLOSED }),
        dedupe_key: format!("{code}:{}:{}", source.id, now.timestamp_micros()),
    }
}

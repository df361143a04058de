//! Companies that are no longer open to an account whose token is good. Only their sources stand still, are tried every day,
//! and go on by themselves; sources that share the account go on as before. The vendor may go on showing such a company itself
//! to everybody who asks: that alone does not say that it is open.
//!
//! Companies whose licence at the vendor has run out stand still alike: they too may be read themselves, and nothing in them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{fresh::is_read, freshness};
use crate::{
    SourceId,
    control::{Actor, ControlError, Source, SourceTable, Tx},
    journal::{Category, NewEntry, Severity},
    services::Services,
    yclients::client::{COMPANY_CLOSED, LICENCE_EXPIRED, OF_COMPANY},
};

/// The table of the company itself.
const ITSELF: &str = "yclients_companies";

/// Whether these are tables of a source whose company is closed to its account, as far as was found: one of those that are
/// read says so.
pub fn is_closed<'t>(tables: impl IntoIterator<Item = &'t SourceTable>) -> bool {
    let mut tables = tables.into_iter();
    tables.any(|table| problem_of(table) == Some(COMPANY_CLOSED))
}

/// What keeps the source with these tables alone from being read, as far as was found: the code of a problem, which one of
/// those that are read says.
pub fn problem<'t>(tables: impl IntoIterator<Item = &'t SourceTable>) -> Option<&'static str> {
    tables.into_iter().find_map(problem_of)
}

/// The same of one table, which says it for all.
pub(super) fn problem_of(table: &SourceTable) -> Option<&'static str> {
    let outcome = table.outcome.as_deref();
    let said = OF_COMPANY.into_iter().find(|code| Some(*code) == outcome);
    said.filter(|_| table.enabled && is_read(&table.table_name))
}

/// What keeps the source alone from being read, where that is not to be tried again by now: the code of the problem.
pub(crate) async fn kept_out_by(
    services: &Services,
    id: &SourceId,
) -> Result<Option<&'static str>, ControlError> {
    let now = services.clock.now();
    let sources = services.control.sources(id.subscription());
    let tables = sources.tables(id).await?;
    Ok(not_tried(&tables, now))
}

/// The same of a source with these tables: none of those that say so is to be tried by now.
pub(super) fn not_tried<'t>(
    tables: impl IntoIterator<Item = &'t SourceTable>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let mut said = None;
    for table in tables {
        let Some(problem) = problem_of(table) else {
            continue;
        };
        if table.next_at.is_none_or(|at| at <= now) {
            return None;
        }
        said = said.or(Some(problem));
    }
    said
}

/// The problem that these tables say, where the vendor's answer for this one proves that it is over: that of the company itself
/// does so only where nothing else of it is read.
pub(super) fn ended_by<'t>(
    tables: impl IntoIterator<Item = &'t SourceTable>,
    answered: &str,
) -> Option<&'static str> {
    let told = tables.into_iter().filter_map(|table| {
        let problem = problem_of(table)?;
        Some((table.table_name.as_str(), problem))
    });
    let mut told = told.peekable();
    let (_, problem) = *told.peek()?;
    (answered != ITSELF || told.all(|(table, _)| table == ITSELF)).then_some(problem)
}

/// Notes that the company of a source was found closed to its account, by somebody who called with that version of its
/// credential. `false` where somebody signed in anew meanwhile, perhaps with an account that sees the company: then nothing is
/// noted.
pub(in crate::yclients) async fn found_closed(
    services: &Services,
    source: &Source,
    credential_version: i64,
) -> Result<bool, ControlError> {
    let credentials = services.control.credentials(&source.subscription_id);
    let present = credentials.get(&source.credential_id).await?;
    if present.version != credential_version {
        return Ok(false);
    }
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    close(&mut tx, source, now).await?;
    tx.commit().await?;
    Ok(true)
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

/// Notes that the licence of the company of a source has run out: all of its tables that are on say so, and are tried again in
/// a day.
pub(super) async fn licence_expired(
    services: &Services,
    source: &Source,
) -> Result<(), ControlError> {
    let until = services.clock.now() + freshness::DENIED;
    let mut tx = services.control.begin().await?;
    tx.sources(&source.subscription_id)
        .stop_tables(&source.id, LICENCE_EXPIRED, until)
        .await?;
    tx.commit().await
}

/// Notes that the company of a source is open to its account: what stood still is due, and the journal says that it goes on.
/// Nothing happens where the company was not closed.
pub(in crate::yclients) async fn reopen(
    tx: &mut Tx,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    go_on(tx, source, COMPANY_CLOSED, now).await
}

/// The same of either problem: it is over.
pub(super) async fn go_on(
    tx: &mut Tx,
    source: &Source,
    problem: &str,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let mut sources = tx.sources(&source.subscription_id);
    let news = sources.restart_tables(&source.id, problem, now).await?;
    if news {
        let code = match problem {
            LICENCE_EXPIRED => "load.licence-good",
            _ => "load.company-open",
        };
        let entry = NewEntry {
            details: json!({ "source": source.name, "failure": problem }),
            ..entry(source, code, Severity::Info, now)
        };
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

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    ConnectError,
    account::Note,
    manage::moment,
    removal::{self, Removed},
};
use crate::{
    SourceId,
    catalog::{self, Table, TableGroup},
    control::Actor,
    journal::{Category, Severity},
    services::Services,
    warehouse::{Filter, Load, Write, internal},
    yclients::reports,
};

/// Rows that one load erases.
const BATCH: u64 = 2_000;

/// How long one lease lasts; it is taken again for every load.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A load that was on its way when the source was removed has ended by then: what it wrote is erased too.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Sources that one round of the housekeeping clears.
const ROUND: usize = 20;

/// What became of a removed source's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// They are gone for good.
    Done,
    /// They are gone; what was on its way when the source was removed is looked for later.
    ForNow,
    /// Somebody still works on the source; it is done when they end.
    Waiting,
}

/// Erases the rows of a removed source, if it was removed with its rows, in loads of bounded size. Doing it again, and
/// going on after it broke off, change nothing that is done.
pub async fn clear(services: &Services, id: &SourceId) -> Result<Cleared, ConnectError> {
    let source = services.control.source(id).await?;
    let Some(removed_at) = source.removed_at else {
        return Err(ConnectError::NotActive {
            state: source.state.as_str(),
        });
    };
    if !source.remove_rows || source.rows_removed_at.is_some() {
        return Ok(Cleared::Done);
    }
    let settled = services.clock.now() >= removed_at + SETTLED_AFTER;
    let holder = format!("removal-{}", crate::ports::random_text::<8>());
    let mut counts = BTreeMap::new();
    let reports = reports::tables(&services.control, id.subscription()).await?;
    for table in catalog::tables().iter().chain(&reports) {
        if !matches!(table.group, TableGroup::Yclients | TableGroup::Report) {
            continue;
        }
        loop {
            if !lease(services, id, &holder).await? {
                return Ok(Cleared::Waiting);
            }
            let erased = erase(services, id, table).await?;
            *counts.entry(table.name.to_string()).or_insert(0) += erased;
            if erased == 0 {
                break;
            }
        }
    }
    forget_raw(services, id).await?;
    finish(services, id, &holder, settled, counts).await?;
    Ok(if settled {
        Cleared::Done
    } else {
        Cleared::ForNow
    })
}

/// Has the rows go that were kept of a removed source, as if it had been removed with them: [`clear()`] erases them, now or by
/// the housekeeping, and its reports and jobs end. Asked for again, it changes nothing.
///
/// # Errors
///
/// [`crate::control::ControlError::NotFound`] for a source that is not removed, or was taken up again meanwhile.
pub async fn erase_kept(
    services: &Services,
    id: &SourceId,
    by: &Actor,
) -> Result<Removed, ConnectError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut sources = tx.sources(id.subscription());
    let before = sources.get(id).await?;
    let source = sources.give_up_rows(id, now).await?;
    let ended = removal::end(&mut tx, id, true, now).await?;
    if !before.remove_rows {
        let note = Note {
            details: ended.details(&source.name, None),
            once: moment(source.removed_at).to_string(),
            ..Note::settings("source.rows-given-up", id, &source.name, by, now)
        };
        note.write(&mut tx, now).await?;
    }
    tx.commit().await?;
    removal::clear_reports(services, id, ended, now).await;
    Ok(Removed { source, ended })
}

async fn lease(services: &Services, id: &SourceId, holder: &str) -> Result<bool, ConnectError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let taken = tx
        .lease_removed_source(id, holder, now + LEASE, now)
        .await?;
    tx.commit().await?;
    Ok(taken)
}

async fn erase(
    services: &Services,
    id: &SourceId,
    table: &Arc<Table>,
) -> Result<i64, ConnectError> {
    let remove = Write::RemoveSource {
        table: Arc::clone(table),
        source_id: id.to_string(),
        limit: BATCH,
    };
    let committed = services
        .warehouses
        .open(id.subscription())
        .commit(load(services, id, vec![remove]))
        .await?;
    let erased = committed
        .counts
        .get(table.name.as_ref())
        .and_then(|counts| counts.get("erased"))
        .copied();
    Ok(erased.map_or(0, |rows| i64::try_from(rows).unwrap_or(i64::MAX)))
}

/// Records that were set aside and events that wait hold the same people's data; what was swept, and what comparisons came
/// to, is of no use any more.
async fn forget_raw(services: &Services, id: &SourceId) -> Result<(), ConnectError> {
    let warehouse = services.warehouses.open(id.subscription());
    let own = Filter::equal("source_id", id.as_str());
    for table in [
        internal::parked(),
        internal::inbox(),
        internal::swept(),
        internal::differences(),
        internal::reconciled_days(),
    ] {
        let snapshot = warehouse.snapshot().await?;
        let rows = snapshot.count(table, &own).await?;
        drop(snapshot);
        for _ in 0..rows.div_ceil(BATCH) {
            let remove = Write::Remove {
                table: Arc::clone(table),
                filter: own.clone(),
                limit: Some(BATCH),
            };
            warehouse.commit(load(services, id, vec![remove])).await?;
        }
    }
    Ok(())
}

fn load(services: &Services, id: &SourceId, writes: Vec<Write>) -> Load {
    Load {
        origin: "source-removal",
        run: id.to_string(),
        observed_at: services.clock.now(),
        writes,
        quota: None,
    }
}

async fn finish(
    services: &Services,
    id: &SourceId,
    holder: &str,
    settled: bool,
    counts: BTreeMap<String, i64>,
) -> Result<(), ConnectError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let source = tx.sources(id.subscription()).get(id).await?;
    if counts.values().any(|rows| *rows > 0) {
        let note = Note {
            category: Category::Load,
            severity: Severity::Info,
            code: "source.cleared",
            source: id,
            by: &Actor::System,
            counts: counts.into_iter().filter(|(_, rows)| *rows > 0).collect(),
            details: json!({ "source": source.name }),
            once: now.timestamp_micros().to_string(),
        };
        note.write(&mut tx, now).await?;
    }
    if settled {
        tx.sources(id.subscription()).cleared(id, now).await?;
    } else {
        tx.release_source(id, holder).await?;
    }
    Ok(tx.commit().await?)
}

/// Clears removed sources whose rows are still to go. One that fails does not keep the others from being cleared.
pub async fn clear_removed(services: &Services) -> Result<(), ConnectError> {
    let waiting = services
        .control
        .housekeeping()
        .sources_to_clear(ROUND)
        .await?;
    let mut failed = None;
    for id in waiting {
        if let Err(error) = clear(services, &id).await {
            tracing::warn!(source = %id, error = %error, "a removed source was not cleared");
            failed = Some(error);
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

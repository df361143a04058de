use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Definition, ReportError, kept::declared, manage::entry, refresh::exchange_key, target::Output,
};
use crate::{
    SourceId, SubscriptionId,
    control::{Actor, ControlError, Report, ReportId, RowsLeft},
    planner::WorkError,
    ports::random_text,
    services::Services,
    warehouse::{Filter, Load, WarehouseError, Write},
};

/// A run that was on its way when the report was removed has ended by then: what it wrote is erased too.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Rows that one load erases.
const BATCH: u64 = 2_000;

/// How long whoever removes a source waits for its reports to go with it.
const AT_ONCE: TimeDelta = TimeDelta::seconds(5);

/// Reports that one round of the housekeeping clears.
const ROUND: usize = 20;

/// What becomes of the rows of a report that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedRows {
    /// They stay, and can be listed, exported and swept as before; their tables keep their names.
    Kept,
    /// They are erased, and the names of their tables are free again.
    Deleted,
}

/// Removes a report and its job, and its rows if that is wished; what became of the rows. Those of a report that was under way
/// go some minutes later, by [`clear_removed`]. A report that was removed before and whose rows were kept loses them where they
/// are to be deleted.
pub async fn remove(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ReportId,
    rows: RemovedRows,
    by: &Actor,
) -> Result<RowsLeft, ReportError> {
    let now = services.clock.now();
    let delete = rows == RemovedRows::Deleted;
    let mut tx = services.control.begin().await?;
    let report = match tx.reports(subscription).remove(id, delete, now).await {
        Err(ControlError::NotFound { .. }) if delete => {
            tx.rollback().await?;
            return give_up_rows(services, subscription, id, by).await;
        }
        removed => removed?,
    };
    let mut under_way = false;
    if let Some(job) = &report.job_id {
        let mut jobs = tx.planned_jobs(subscription);
        match jobs.locked(job).await {
            Ok(found) => {
                under_way = found.current_run.is_some();
                jobs.remove(job).await?;
            }
            Err(ControlError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if !under_way {
        tx.reports(subscription).forget_job(id).await?;
    }
    let mut noted = entry(&report, "report.removed", by, now);
    if let Some(details) = noted.details.as_object_mut() {
        let word = if delete { "deleted" } else { "kept" };
        details.insert("rows".to_owned(), word.into());
    }
    tx.append_journal(subscription, &noted).await?;
    tx.commit().await?;
    Ok(match (delete, under_way) {
        (false, _) => RowsLeft::Kept,
        (true, true) => RowsLeft::Going,
        (true, false) => cleared(services, &report).await,
    })
}

/// Erases the rows of a report that was removed and whose rows were kept, or are still to go.
async fn give_up_rows(
    services: &Services,
    subscription: &SubscriptionId,
    id: &ReportId,
    by: &Actor,
) -> Result<RowsLeft, ReportError> {
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let report = tx.reports(subscription).give_up_rows(id, now).await?;
    // Asked for again, it is the same entry.
    let noted = entry(&report, "report.rows-given-up", by, now);
    tx.append_journal(subscription, &noted).await?;
    tx.commit().await?;
    let settled = now - SETTLED_AFTER;
    let is_late = report.removed_at.is_some_and(|removed| removed > settled);
    if is_late && report.job_id.is_some() {
        // A run that was under way when it was removed may be writing still.
        return Ok(RowsLeft::Going);
    }
    Ok(cleared(services, &report).await)
}

/// Clears a removed report; what is left of its rows. Where it breaks off, the housekeeping goes on.
async fn cleared(services: &Services, report: &Report) -> RowsLeft {
    match clear(services, report, None).await {
        Ok(()) => RowsLeft::Gone,
        Err(error) => {
            tracing::warn!(report = %report.id, error = %error, "rows of a removed report wait for the housekeeping");
            RowsLeft::Going
        }
    }
}

/// Clears the reports that were removed with their source at that time, and those removed long before it, as far as whoever
/// removes it waits for. The first that fails ends it: the housekeeping goes on.
pub(in crate::yclients) async fn clear_of_source(
    services: &Services,
    source: &SourceId,
    removed_at: DateTime<Utc>,
) -> Result<(), ReportError> {
    let settled = removed_at - SETTLED_AFTER;
    let until = services.clock.now() + AT_ONCE;
    while services.clock.now() < until {
        let housekeeping = services.control.housekeeping();
        let waiting = housekeeping.reports_of_source_to_clear(source, removed_at, settled, ROUND);
        let waiting = waiting.await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for report in waiting {
            clear(services, &report, Some(until)).await?;
        }
    }
    Ok(())
}

/// Clears removed reports whose rows are still to go. One that fails does not keep the others from being cleared.
pub async fn clear_removed(services: &Services) -> Result<(), ReportError> {
    let settled = services.clock.now() - SETTLED_AFTER;
    let housekeeping = services.control.housekeeping();
    let waiting = housekeeping.reports_to_clear(settled, ROUND).await?;
    let mut failed = None;
    for report in waiting {
        if let Err(error) = clear(services, &report, None).await {
            tracing::warn!(report = %report.id, error = %error, "a removed report was not cleared");
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Erases the rows of a removed report, in loads of bounded size, and frees the names of its tables. Doing it again, and
/// going on after it broke off or had no more time, change nothing that is done.
async fn clear(
    services: &Services,
    report: &Report,
    until: Option<DateTime<Utc>>,
) -> Result<(), ReportError> {
    let subscription = &report.subscription_id;
    let definition: Definition = serde_json::from_value(report.definition.clone())?;
    let kept = services.control.reports(subscription);
    let tables = kept.tables_of(&report.id).await?;
    let mut erased = BTreeMap::new();
    match Output::new(&definition, &report.id, Vec::new()) {
        Some(Output::Json { table, .. }) => loop {
            if until.is_some_and(|until| services.clock.now() >= until) {
                return Ok(());
            }
            let some = Write::RemoveReport {
                table: Arc::clone(&table),
                scope: Filter::equal("report", report.id.as_str()),
                limit: BATCH,
            };
            let rows = commit(services, report, vec![some]).await?;
            if rows == 0 {
                break;
            }
            *erased.entry(table.name.to_string()).or_default() += rows;
        },
        _ => {
            let shapes = tables.iter().filter_map(declared);
            let drops = shapes.map(|table| Write::DropReport { table });
            commit(services, report, drops.collect()).await?;
        }
    }
    let told = Write::PutState {
        key: exchange_key(&report.id),
        value: None,
    };
    commit(services, report, vec![told]).await?;
    let now = services.clock.now();
    let mut noted = entry(report, "report.cleared", &Actor::System, now);
    noted.counts = erased;
    noted.dedupe_key = format!("report.cleared:{}:{}", report.id, random_text::<12>());
    let mut tx = services.control.begin().await?;
    if tx.reports(subscription).cleared(&report.id, now).await? {
        tx.append_journal(subscription, &noted).await?;
    }
    Ok(tx.commit().await?)
}

/// Does a part of the removal; how many rows it erased.
async fn commit(
    services: &Services,
    report: &Report,
    writes: Vec<Write>,
) -> Result<i64, ReportError> {
    let load = Load {
        origin: "report-removal",
        run: format!("removal-{}", report.id),
        observed_at: services.clock.now(),
        writes,
        quota: None,
    };
    let warehouse = services.warehouses.open(&report.subscription_id);
    let committed = warehouse.commit(load).await.map_err(stopped)?;
    let erased = committed.counts.values();
    let erased = erased
        .filter_map(|counts| counts.get("erased"))
        .sum::<u64>();
    Ok(i64::try_from(erased).unwrap_or(i64::MAX))
}

fn stopped(error: WarehouseError) -> ReportError {
    WorkError::from(error).into()
}

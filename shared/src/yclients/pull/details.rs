//! What details of documents would cost, told before they are read, and orders of them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use futures::TryStreamExt;
use serde_json::json;

use super::{DOCUMENTS, PullError, messages, page::of_source, work};
use crate::{
    SourceId,
    catalog::{self, system},
    control::{Actor, NewRun, Run, RunKind},
    journal::{Category, NewEntry, Severity},
    planner::Period,
    services::Services,
    warehouse::{Filter, Operator, Scan, Snapshot, Value},
    yclients::streams,
    zone::start_of_day,
};

/// What only the details tell.
const DETAIL: &str = "create_date";
/// Documents that are looked up at a time.
const AT_ONCE: usize = 100;

/// What the details of a source's documents would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailsCost {
    /// A call for each document.
    pub calls: u64,
    /// How long that many calls take at least, at the pace that the vendor allows.
    pub minutes: u64,
    /// Documents of which nothing is known but what is no id, which somebody wrote into a file of SQLite by hand. They cannot
    /// be asked for, and are passed by.
    pub unreadable: u64,
}

impl DetailsCost {
    fn of(services: &Services, calls: u64, unreadable: u64) -> Self {
        let limits = services.vendor.settings().limits;
        let a_minute = u64::from(limits.per_minute) * u64::from(limits.share) / 100;
        Self {
            calls,
            minutes: calls.div_ceil(a_minute.max(1)),
            unreadable,
        }
    }
}

/// The days of a period as moments, the end excluded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Days {
    /// These days in that zone.
    pub(super) fn of(period: Period, zone: Tz) -> Self {
        Self {
            from: start_of_day(period.from, zone),
            until: start_of_day(period.to + TimeDelta::days(1), zone),
        }
    }

    fn filter(self, column: &str) -> Filter {
        Filter::compare(column, Operator::AtLeast, self.from).and(Filter::compare(
            column,
            Operator::Less,
            self.until,
        ))
    }
}

/// What reading the details of the documents would cost of which only the id is known: of all, or of those that a movement
/// of these days of the branch speaks of. [`PullError::Period`] for a period that is none.
pub async fn details_cost(
    services: &Services,
    id: &SourceId,
    period: Option<Period>,
) -> Result<DetailsCost, PullError> {
    let days = days_of(services, id, period).await?;
    let snapshot = services
        .warehouses
        .open(id.subscription())
        .snapshot()
        .await?;
    let calls = bare_ones(&snapshot, id, days).await?;
    let unreadable = without_id(&snapshot, id).await?;
    Ok(DetailsCost::of(services, calls, unreadable))
}

/// What a report of the documents of these days would cost, as far as the copy knows: a call for each, whether its details
/// are known or not. Documents of days that were not loaded are not among them.
pub async fn report_cost(
    services: &Services,
    id: &SourceId,
    period: Period,
) -> Result<DetailsCost, PullError> {
    let days = days_of(services, id, Some(period)).await?;
    let snapshot = services
        .warehouses
        .open(id.subscription())
        .snapshot()
        .await?;
    let mut calls = bare_ones(&snapshot, id, days).await?;
    if let (Some(table), Some(days)) = (catalog::table(DOCUMENTS), days) {
        let known = standing(id).and(days.filter(DETAIL));
        calls += snapshot.count(table, &known).await?;
    }
    let unreadable = without_id(&snapshot, id).await?;
    Ok(DetailsCost::of(services, calls, unreadable))
}

/// Orders the details of the documents of which only the id is known: of all, or of those that a movement of these days of
/// the branch speaks of. The work is queued.
///
/// [`PullError::NotActive`], [`PullError::PlanEnded`], [`PullError::RowsUsed`] and [`PullError::StorageUsed`] where loading
/// stands still; [`PullError::Period`] for a period that is none.
pub async fn order_details(
    services: &Services,
    id: &SourceId,
    period: Option<Period>,
    actor: Actor,
) -> Result<Run, PullError> {
    let run = begin_details(services, id, period, actor).await?;
    messages::send_ordered(&*services.queue, messages::PULL, &run).await?;
    Ok(run)
}

/// Notes such an order, for whoever reads right away: as [`super::run()`] of the run.
pub async fn begin_details(
    services: &Services,
    id: &SourceId,
    period: Option<Period>,
    actor: Actor,
) -> Result<Run, PullError> {
    let source = services.control.source(id).await?;
    work::terms(services, &source).await?;
    let cost = details_cost(services, id, period).await?;
    // Those passed by are told of where there are any.
    let passed = (cost.unreadable > 0).then_some(("unreadable", cost.unreadable));
    let counts: BTreeMap<String, i64> = [("calls", cost.calls)]
        .into_iter()
        .chain(passed)
        .map(|(name, number)| (name.to_owned(), i64::try_from(number).unwrap_or(i64::MAX)))
        .collect();
    let new = NewRun {
        kind: RunKind::Pull,
        tables: vec![DOCUMENTS.to_owned()],
        period: period.map(|period| (period.from, period.to)),
        windows_total: 0,
        created_by: actor.clone(),
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let run = tx.runs(id.subscription()).create(id, &new, now).await?;
    let entry = NewEntry {
        at: now,
        category: Category::Load,
        severity: Severity::Info,
        source_id: Some(id.to_string()),
        actor,
        code: "documents.ordered".to_owned(),
        counts,
        details: json!({
            "source": source.name,
            "from": period.map(|period| period.from.to_string()),
            "to": period.map(|period| period.to.to_string()),
        }),
        dedupe_key: format!("documents.ordered:{}", run.id),
    };
    tx.append_journal(id.subscription(), &entry).await?;
    tx.commit().await?;
    Ok(run)
}

async fn days_of(
    services: &Services,
    id: &SourceId,
    period: Option<Period>,
) -> Result<Option<Days>, PullError> {
    let Some(period) = period else {
        return Ok(None);
    };
    if period.to < period.from {
        return Err(PullError::Period);
    }
    let source = services.control.source(id).await?;
    let zone = source.time_zone.parse().unwrap_or(Tz::UTC);
    Ok(Some(Days::of(period, zone)))
}

/// Documents that are there, whose id compares so with the greatest that there can be. What somebody wrote in the place of
/// one is greater than all numbers.
fn with_id(source: &SourceId, operator: Operator) -> Filter {
    of_source(source.as_str())
        .and(Filter::IsNull(system::DELETED_AT.to_owned()))
        .and(Filter::compare("id", operator, Value::Integer(i64::MAX)))
}

/// Documents that are there and can be asked for.
fn standing(source: &SourceId) -> Filter {
    with_id(source, Operator::AtMost)
}

/// Those of which only the id is known.
fn bare(source: &SourceId) -> Filter {
    standing(source).and(Filter::IsNull(DETAIL.to_owned()))
}

/// How many there are that cannot be asked for, of which nothing else is known either.
async fn without_id(snapshot: &Snapshot, source: &SourceId) -> Result<u64, PullError> {
    let Some(table) = catalog::table(DOCUMENTS) else {
        return Ok(0);
    };
    let bare = Filter::IsNull(DETAIL.to_owned());
    let these = with_id(source, Operator::Greater).and(bare);
    Ok(snapshot.count(table, &these).await?)
}

async fn bare_ones(
    snapshot: &Snapshot,
    source: &SourceId,
    days: Option<Days>,
) -> Result<u64, PullError> {
    let Some(table) = catalog::table(DOCUMENTS) else {
        return Ok(0);
    };
    if days.is_none() {
        return Ok(snapshot.count(table, &bare(source)).await?);
    }
    let mut count = 0;
    let mut after = None;
    loop {
        let ids = bare_after(snapshot, source, after).await?;
        let Some(last) = ids.last() else {
            return Ok(count);
        };
        after = Some(*last);
        count += of_days(snapshot, source, ids, days).await?.len() as u64;
    }
}

/// The next documents of which only the id is known, in their order; none after the last.
pub(super) async fn bare_after(
    snapshot: &Snapshot,
    source: &SourceId,
    after: Option<i64>,
) -> Result<Vec<i64>, PullError> {
    let Some(table) = catalog::table(DOCUMENTS) else {
        return Ok(Vec::new());
    };
    let mut scan = Scan::of(table)
        .columns(["id"])
        .filter(bare(source))
        .limit(AT_ONCE as u64)
        .named();
    if let Some(after) = after {
        scan = scan.after(vec![source.as_str().into(), Value::Integer(after)]);
    }
    let mut batches = snapshot.scan(scan).await?;
    let mut ids = Vec::new();
    while let Some(rows) = batches.try_next().await? {
        ids.extend(rows.iter().filter_map(|row| row.get(0).as_integer()));
    }
    Ok(ids)
}

/// Those of these documents, at most [`AT_ONCE`], that a movement of the days speaks of; all where no days are named. Records
/// tell more of their documents than the id.
pub(super) async fn of_days(
    snapshot: &Snapshot,
    source: &SourceId,
    ids: Vec<i64>,
    days: Option<Days>,
) -> Result<Vec<i64>, PullError> {
    let Some(days) = days else {
        return Ok(ids);
    };
    let mut found = BTreeSet::new();
    let naming = streams::streams()
        .iter()
        .filter(|stream| !stream.document_ids.is_empty());
    for stream in naming {
        let (Some(table), Some(window)) = (stream.declaration(), stream.window) else {
            continue;
        };
        for column in stream.document_ids {
            let named = Filter::In {
                column: (*column).to_owned(),
                values: ids.iter().map(|id| Value::Integer(*id)).collect(),
            };
            let filter = of_source(source.as_str())
                .and(named)
                .and(days.filter(window.column));
            let scan = Scan::of(table).columns([*column]).filter(filter);
            let mut batches = snapshot.scan(scan).await?;
            while let Some(rows) = batches.try_next().await? {
                found.extend(rows.iter().filter_map(|row| row.get(0).as_integer()));
            }
        }
    }
    Ok(ids.into_iter().filter(|id| found.contains(id)).collect())
}

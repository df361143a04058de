//! Orders.

use std::{collections::BTreeMap, time::Duration};

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde_json::json;

use super::{
    gauge::Subject,
    messages::{self, RECONCILE, ReconcileMessage},
};
use crate::{
    SourceId,
    control::{Actor, ControlError, NewRun, Run, RunId, RunKind, Source},
    journal::{Category, NewEntry, Severity},
    planner::Period,
    services::Services,
    yclients::pull::PullError,
};

/// On connecting, the day before is loaded too.
const FIRST_DAYS: u64 = 1;
/// Runs that are looked through for periods of history.
const RUNS: usize = 200;

/// A comparison that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The first day, at the branch.
    pub from: NaiveDate,
    /// The last day, at the branch.
    pub to: NaiveDate,
    /// Only these tables, of those that [`tables`] names; none for all that are on.
    pub tables: Vec<String>,
    /// Who wants it.
    pub actor: Actor,
}

/// The tables that can be compared, lines of records included.
pub fn tables() -> Vec<String> {
    let subjects = Subject::of(&[], |_| true);
    let gauges = subjects.iter().flat_map(Subject::gauges);
    gauges.map(|gauge| gauge.table.name.to_string()).collect()
}

/// Orders a comparison; the work is queued. Errors as of [`begin`].
pub async fn order(services: &Services, id: &SourceId, ordered: Ordered) -> Result<Run, PullError> {
    let run = begin(services, id, ordered, RunId::random()).await?;
    let message = ReconcileMessage {
        source: run.source_id.clone(),
        run: run.id.clone(),
    };
    let dedupe = format!("{RECONCILE}:{}", run.id);
    messages::send(&*services.queue, &message, Duration::ZERO, Some(dedupe)).await?;
    Ok(run)
}

/// Notes a comparison under an id, for whoever does it right away; one of that id that is there is given as it is.
///
/// [`PullError::TooFarBack`] where the plan does not go so far, [`PullError::Period`] for a period that is none, and
/// [`PullError::Table`] for a table that is not compared.
pub async fn begin(
    services: &Services,
    id: &SourceId,
    ordered: Ordered,
    run: RunId,
) -> Result<Run, PullError> {
    match services.control.runs(id.subscription()).get(&run).await {
        Err(ControlError::NotFound { .. }) => {}
        found => return Ok(found?),
    }
    let source = services.control.source(id).await?;
    let business = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let today = today(services, &source);
    let terms = services.settings.plans.terms(business.plan);
    if let Some(from) = terms
        .history_from(today)
        .filter(|first| ordered.from < *first)
    {
        return Err(PullError::TooFarBack { from });
    }
    let period = Period::new(ordered.from, ordered.to, today).map_err(|_| PullError::Period)?;
    let known = tables();
    if let Some(table) = ordered.tables.iter().find(|table| !known.contains(table)) {
        return Err(PullError::Table {
            table: table.clone(),
        });
    }
    let subjects = Subject::of(&ordered.tables, |_| true).len();
    let days = (period.to - period.from).num_days() + 1;
    let new = NewRun {
        kind: RunKind::Reconciliation,
        tables: ordered.tables,
        period: Some((ordered.from, ordered.to)),
        windows_total: days * i64::try_from(subjects).unwrap_or(1),
        created_by: ordered.actor,
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let run = tx
        .runs(&source.subscription_id)
        .create_as(run, &source.id, &new, now)
        .await?;
    let entry = NewEntry {
        at: now,
        category: Category::Reconciliation,
        severity: Severity::Info,
        source_id: Some(source.id.to_string()),
        actor: run.created_by.clone(),
        code: "reconciliation.asked".to_owned(),
        counts: BTreeMap::new(),
        details: json!({
            "source": source.name, "run": run.id, "from": ordered.from, "to": ordered.to,
        }),
        dedupe_key: format!("reconciliation.asked:{}", run.id),
    };
    tx.append_journal(&source.subscription_id, &entry).await?;
    tx.commit().await?;
    Ok(run)
}

fn today(services: &Services, source: &Source) -> NaiveDate {
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    services.clock.now().with_timezone(&zone).date_naive()
}

/// The part of a job's period that was ever asked for: days before the source was connected, and before the first period of
/// history, are not held on purpose. `None` where nothing of it was.
pub(crate) async fn since_connected(
    services: &Services,
    id: &SourceId,
    period: Period,
) -> Result<Option<Period>, PullError> {
    let source = services.control.source(id).await?;
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    let connected = source.created_at.with_timezone(&zone).date_naive();
    let runs = services.control.runs(&source.subscription_id);
    let kind = Some(RunKind::History);
    let runs = runs.list(Some(id), kind, None, RUNS).await?.items;
    let done = runs.iter().filter(|run| run.finished_at.is_some());
    let history = done.filter_map(|run| run.period_from);
    let business = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let terms = services.settings.plans.terms(business.plan);
    let asked = history.chain([connected - Days::new(FIRST_DAYS)]).min();
    let allowed = terms.history_from(today(services, &source));
    let from = asked.into_iter().chain(allowed).max();
    let from = from.map_or(period.from, |from| from.max(period.from));
    Ok((from <= period.to).then_some(Period { from, ..period }))
}

//! Orders.

use std::{collections::BTreeMap, time::Duration};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use super::{
    gauge::Subject,
    messages::{self, RECONCILE, ReconcileMessage},
};
use crate::{
    SourceId,
    control::{Actor, ControlError, NewRun, Run, RunId, RunKind, Source, SourceState},
    journal::{Category, NewEntry, Severity},
    planner::Period,
    services::Services,
    yclients::pull::PullError,
};

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
/// [`PullError::NotActive`] for a source that is paused or waits for a credential, [`PullError::TooFarBack`] where the plan does not go so far, [`PullError::Period`] for a period that is none, and
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
    if source.state != SourceState::Active {
        return Err(PullError::NotActive);
    }
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

pub(super) fn today(services: &Services, source: &Source) -> NaiveDate {
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    services.clock.now().with_timezone(&zone).date_naive()
}

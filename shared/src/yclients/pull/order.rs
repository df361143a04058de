//! Orders of periods of the past.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use super::{
    PullError, messages,
    windows::{MOST_MONTHS, has_history, readings_per_window, streams_of, windows},
};
use crate::{
    SourceId,
    control::{Actor, ControlError, NewRun, Run, RunId, RunKind, SourceState},
    journal::{Category, NewEntry, Severity},
    services::Services,
};

/// A period that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The first day, at the branch.
    pub from: NaiveDate,
    /// The last day, at the branch.
    pub to: NaiveDate,
    /// Only these tables; none for all that have a history and are on.
    pub tables: Vec<String>,
    /// Who wants it.
    pub actor: Actor,
}

/// Orders a period of the past; the work is queued. Lists of things have no history: their pull reads them whole. Errors as
/// of `begin`.
pub async fn order(services: &Services, id: &SourceId, ordered: Ordered) -> Result<Run, PullError> {
    let run = begin(services, id, ordered, RunId::random()).await?;
    messages::send_ordered(&*services.queue, messages::HISTORY, &run).await?;
    Ok(run)
}

/// Notes a period to be read under an id, for whoever reads it right away; one of that id that is there is given as it is.
///
/// [`PullError::NotActive`] for a source that is paused or waits for a credential, [`PullError::TooFarBack`] where the plan does not go so far, [`PullError::Period`] for a period that is none, and
/// [`PullError::Table`] for a table without a history.
pub(super) async fn begin(
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
    // As of any other order: what nobody reads is not taken in. One that was taken in before the source was paused waits.
    if source.state != SourceState::Active {
        return Err(PullError::NotActive);
    }
    let subscription = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let terms = services.settings.plans.terms(subscription.plan);
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    let today = services.clock.now().with_timezone(&zone).date_naive();
    if let Some(from) = terms
        .history_from(today)
        .filter(|first| ordered.from < *first)
    {
        return Err(PullError::TooFarBack { from });
    }
    let windows = windows(ordered.from, ordered.to).len();
    if windows == 0 || windows > MOST_MONTHS || ordered.from > today {
        return Err(PullError::Period);
    }
    for table in &ordered.tables {
        if !has_history(table) {
            return Err(PullError::Table {
                table: table.clone(),
            });
        }
    }
    let readings: usize = streams_of(&ordered.tables).map(readings_per_window).sum();
    let new = NewRun {
        kind: RunKind::History,
        tables: ordered.tables,
        period: Some((ordered.from, ordered.to)),
        windows_total: i64::try_from(windows * readings).unwrap_or(i64::MAX),
        created_by: ordered.actor.clone(),
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let run = tx
        .runs(&source.subscription_id)
        .create_as(run, &source.id, &new, now)
        .await?;
    let entry = NewEntry {
        at: now,
        category: Category::Load,
        severity: Severity::Info,
        source_id: Some(source.id.to_string()),
        actor: ordered.actor,
        code: "history.ordered".to_owned(),
        counts: BTreeMap::new(),
        details: json!({
            "source": source.name,
            "from": ordered.from.to_string(),
            "to": ordered.to.to_string(),
        }),
        dedupe_key: format!("history.ordered:{}", run.id),
    };
    tx.append_journal(&source.subscription_id, &entry).await?;
    tx.commit().await?;
    Ok(run)
}

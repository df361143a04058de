//! Orders of a reading at once, of tables that are not due yet.

use std::collections::BTreeMap;

use serde_json::json;

use super::{PullError, is_read, messages, work};
use crate::{
    SourceId,
    control::{Actor, NewRun, Run, RunId, RunKind},
    journal::{Category, NewEntry, Severity},
    services::Services,
};

/// Readings of a source that are looked through for one that was asked for and has not ended.
const LOOKED_AT: usize = 20;

/// Orders that every table of the source that is on is read now, due or not; the work is queued. Asked for again before it
/// has ended, it is the same run: a second reading would spend the vendor's allowance and bring nothing.
///
/// [`PullError::NotActive`] and the errors of the plan where loading stands still.
pub async fn order_now(services: &Services, id: &SourceId, actor: Actor) -> Result<Run, PullError> {
    let source = services.control.source(id).await?;
    work::terms(services, &source).await?;
    let runs = services.control.runs(id.subscription());
    let latest = runs.list(Some(id), Some(RunKind::Pull), None, LOOKED_AT);
    let mut latest = latest.await?.items.into_iter();
    let is_same = |run: &Run| run.finished_at.is_none() && run.created_by != Actor::System;
    if let Some(same) = latest.find(is_same) {
        return Ok(same);
    }
    let sources = services.control.sources(id.subscription());
    let read = sources.tables(id).await?.into_iter();
    let read = read.filter(|table| table.enabled && is_read(&table.table_name));
    let new = NewRun {
        kind: RunKind::Pull,
        tables: read.map(|table| table.table_name).collect(),
        period: None,
        windows_total: 0,
        created_by: actor.clone(),
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let mut writer = tx.runs(id.subscription());
    let run = writer.create_as(RunId::random(), id, &new, now).await?;
    let entry = NewEntry {
        at: now,
        category: Category::Load,
        severity: Severity::Info,
        source_id: Some(id.to_string()),
        actor,
        code: "pull.asked".to_owned(),
        counts: BTreeMap::new(),
        details: json!({ "source": source.name }),
        dedupe_key: format!("pull.asked:{}", run.id),
    };
    tx.append_journal(id.subscription(), &entry).await?;
    tx.commit().await?;
    messages::send_ordered(&*services.queue, messages::PULL, &run).await?;
    Ok(run)
}

//! Sources that are removed: with their rows or without them, and what becomes of rows that were kept.

use serde_json::json;
use wynos::{
    SourceId, SubscriptionId,
    control::{Actor, ControlError, RowsLeft, Source},
    services::Services,
    yclients::connect::{self, Cleared, Ended},
};

use super::{failed, known_source};
use crate::{
    args::{OneSource, RemoveSource},
    commands::{known_subscription, moment_or, rows_words, zone_of},
    failure::{Ending, Failure},
    output::{Output, counted},
};

/// Removes a source, and keeps its rows or erases them.
pub(super) async fn remove(
    services: &Services,
    remove: &RemoveSource,
    output: Output,
) -> anyhow::Result<Ending> {
    known_source(services, &remove.source).await?;
    let rows = remove.rows.delete_rows;
    let removed = connect::remove(services, &remove.source, rows, &Actor::CommandLine)
        .await
        .map_err(failed)?;
    let source = &removed.source;
    let cleared = connect::clear(services, &source.id).await.map_err(failed)?;
    let told_of_rows = match rows {
        false => "its rows are kept".to_owned(),
        true => erased(cleared, "its"),
    };
    output.say(format!(
        "The source {} is removed; {told_of_rows}.",
        source.id
    ));
    say_ended(removed.ended, rows, output);
    if !rows {
        output.say(format!(
            "`wynos source clear --source {}` erases them; connecting the company again goes on with them.",
            source.id
        ));
    }
    output.result(&json!({
        "id": source.id, "state": source.state.as_str(), "rows_removed": rows,
        "reports_removed": removed.ended.reports, "jobs_removed": removed.ended.jobs,
    }));
    Ok(Ending::Done)
}

/// Lists removed sources of which rows are still there.
pub(super) async fn list(
    services: &Services,
    subscription: &SubscriptionId,
    output: Output,
) -> anyhow::Result<Ending> {
    let business = known_subscription(services, subscription).await?;
    let zone = zone_of(&business);
    let mut all = Vec::new();
    for source in services.control.sources(&business.id).removed().await? {
        let rows = source.rows_left().unwrap_or(RowsLeft::Kept);
        let told = rows_words(rows);
        output.say(format!(
            "{}  company {}  {}  removed {}, {told}",
            source.id,
            source.company_id,
            source.name,
            moment_or(source.removed_at, zone, "before"),
        ));
        all.push(json!({
            "id": source.id, "name": source.name, "vendor": source.vendor.as_str(), "state": source.state.as_str(),
            "company_id": source.company_id, "title": source.title, "removed_at": source.removed_at,
            "rows": rows.as_str(),
        }));
    }
    if all.is_empty() {
        output.say("There are no rows of removed sources.");
    }
    output.result(&json!({ "sources": all }));
    Ok(Ending::Done)
}

/// Erases the rows that were kept of a removed source.
pub(super) async fn clear(
    services: &Services,
    one: &OneSource,
    output: Output,
) -> anyhow::Result<Ending> {
    let source = removed_source(services, &one.source).await?;
    let removed = connect::erase_kept(services, &source.id, &Actor::CommandLine)
        .await
        .map_err(failed)?;
    let cleared = connect::clear(services, &source.id).await.map_err(failed)?;
    output.say(format!(
        "Of the removed source {} ({}) {}.",
        source.id,
        source.name,
        erased(cleared, "all")
    ));
    say_ended(removed.ended, true, output);
    output.result(&json!({
        "id": source.id, "state": source.state.as_str(), "rows_removed": true,
        "reports_removed": removed.ended.reports, "jobs_removed": removed.ended.jobs,
    }));
    Ok(Ending::Done)
}

/// Says what ended with a source, and what waits where its rows are kept.
fn say_ended(ended: Ended, rows: bool, output: Output) {
    if ended.reports + ended.jobs > 0 {
        output.say(format!(
            "Ended with it: {}, {}.",
            counted(ended.reports, "report"),
            counted(ended.jobs, "job")
        ));
    }
    if !rows {
        output.say("Its reports wait until the company is connected again; retention goes on.");
    }
}

/// What became of rows that were to be erased.
fn erased(cleared: Cleared, whose: &str) -> String {
    match cleared {
        Cleared::Done | Cleared::ForNow => format!("{whose} rows are erased"),
        Cleared::Waiting => format!("{whose} rows are erased when the work on it has ended"),
    }
}

/// The removed source that a command names.
async fn removed_source(services: &Services, id: &SourceId) -> anyhow::Result<Source> {
    match services.control.source(id).await {
        Err(ControlError::NotFound { .. }) => Err(Failure::usage(format!(
            "there is no source {id}; `wynos source list --removed --subscription {}` shows those that were removed",
            id.subscription()
        ))
        .into()),
        Ok(source) if !source.is_removed() => Err(Failure::usage(format!(
            "the source {id} is connected; `wynos source remove --source {id} --delete-rows` removes it with its rows"
        ))
        .into()),
        other => Ok(other?),
    }
}

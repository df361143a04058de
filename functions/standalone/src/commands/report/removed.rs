//! Reports that are removed: with their rows or without them, and what becomes of rows that were kept.

use serde_json::json;
use wynos::{
    SubscriptionId,
    control::{Actor, RowsLeft},
    services::Services,
    yclients::reports::{self, RemovedRows},
};

use super::{failed, names};
use crate::{
    args::RemoveReport,
    commands::{known_subscription, moment_or, rows_words, zone_of},
    failure::Ending,
    output::Output,
};

/// Removes a report, and keeps its rows or erases them; or erases those that were kept when it was removed.
pub(super) async fn remove(
    services: &Services,
    gone: &RemoveReport,
    output: Output,
) -> anyhow::Result<Ending> {
    let one = &gone.report;
    let subscription = known_subscription(services, &one.subscription).await?.id;
    let rows = match gone.delete_rows {
        true => RemovedRows::Deleted,
        false => RemovedRows::Kept,
    };
    let by = Actor::CommandLine;
    let removed = reports::remove(services, &subscription, &one.report, rows, &by).await;
    let left = removed.map_err(failed)?;
    output.say(match left {
        RowsLeft::Kept => {
            "The report is removed. The rows that it brought stay, and its tables keep their names; the same command with --delete-rows erases them."
        }
        RowsLeft::Going => {
            "The report is removed. Its rows go some minutes later, by the housekeeping of `wynos serve`."
        }
        RowsLeft::Gone => "The report is removed, and its rows with it.",
    });
    output.result(&json!({ "id": one.report, "rows": left.as_str() }));
    Ok(Ending::Done)
}

/// Lists removed reports of which rows are still there.
pub(super) async fn list(
    services: &Services,
    subscription: &SubscriptionId,
    output: Output,
) -> anyhow::Result<Ending> {
    let business = known_subscription(services, subscription).await?;
    let zone = zone_of(&business);
    let reports = services.control.reports(&business.id);
    let mut all = Vec::new();
    for report in reports.removed().await? {
        let tables = names(reports.tables_of(&report.id).await?);
        let rows = report.rows_left().unwrap_or(RowsLeft::Kept);
        let told = rows_words(rows);
        output.say(format!(
            "{}  {}  {}  {}  removed {}, {told}",
            report.id,
            report.kind,
            report.name,
            tables.join(", "),
            moment_or(report.removed_at, zone, "before"),
        ));
        all.push(json!({
            "id": report.id, "kind": report.kind, "name": report.name, "source": report.source_id, "tables": tables,
            "removed_at": report.removed_at, "rows": rows.as_str(),
        }));
    }
    if all.is_empty() {
        output.say("There are no rows of removed reports.");
    }
    output.result(&json!({ "reports": all }));
    Ok(Ending::Done)
}

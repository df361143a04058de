//! The tables of a source: which are on, how fresh they are, and what may be missing.

use serde_json::{Value as Json, json};
use wynos::{
    SourceId,
    catalog::{self, Locale},
    control::Actor,
    services::Services,
    yclients::{connect, pull},
};

use super::{failed, known_source};
use crate::{
    args::SourceTables,
    commands::{known_subscription, moment_or, standing, zone_of},
    failure::{Ending, Failure},
    output::{Output, counted},
};

/// Turns tables of a source on and off, and shows all of them: what is read of each, what may be missing and why.
pub(super) async fn choose(
    services: &Services,
    choice: &SourceTables,
    output: Output,
) -> anyhow::Result<Ending> {
    let source = known_source(services, &choice.source).await?;
    pull::used(services, &source.subscription_id, Some(&source.id)).await;
    let mut off_now = Vec::new();
    let on = choice.enable.iter().map(|table| (table, true));
    let off = choice.disable.iter().map(|table| (table, false));
    for (table, enabled) in on.chain(off) {
        if let Some(parent) = parent_of(table) {
            return Err(Failure::usage(format!(
                "rows of {table} come with those of {parent}: turn that one on or off"
            ))
            .into());
        }
        let by = Actor::CommandLine;
        connect::set_table(services, &source.id, table, Some(enabled), None, &by)
            .await
            .map_err(failed)?;
        if !enabled {
            off_now.push(told_off(services, &source.id, table, output).await?);
        }
    }
    let mut all = Vec::new();
    let outlook = pull::outlook(services, &source.subscription_id).await?;
    let business = known_subscription(services, &source.subscription_id).await?;
    let zone = zone_of(&business);
    let views = connect::tables(services, &source.id).await?;
    let read_poorly = pull::poorer(services, &source.id, &views).await?;
    for view in &views {
        let state = &view.state;
        let next_at = pull::next_reading(state, source.state, &outlook);
        let due_since = pull::due_since(state, source.state, &outlook);
        let (name, outcome) = (state.table_name.as_str(), state.outcome.as_deref());
        let filtered = if state.filter.is_some() {
            "  filtered"
        } else {
            ""
        };
        output.say(format!(
            "{name}  {}{filtered}  last read {}  {}",
            if state.enabled { "on" } else { "off" },
            moment_or(state.last_at, zone, "never"),
            standing(
                name,
                next_at,
                due_since,
                outcome,
                state.forbidden_since,
                zone
            ),
        ));
        for need in &view.lacks {
            output.say(match need.for_column {
                Some(column) => format!("  {} is off: {column} stays empty in {name}", need.on),
                None => format!("  {} is off: {name} stays empty", need.on),
            });
        }
        let poorer = read_poorly.iter().find(|poorer| poorer.table == name);
        if let Some(poorer) = poorer {
            output.say(format!("  {}", poorer.words(Locale::En)));
        }
        let poorer = poorer.map(|poorer| {
            json!({ "refused_at": poorer.refused_at, "columns": poorer.columns, "rows": poorer.rows })
        });
        let lacks: Vec<Json> = view
            .lacks
            .iter()
            .map(|need| json!({ "table": need.on, "column": need.for_column }))
            .collect();
        let children: Vec<_> = view.children.iter().map(|table| &table.name).collect();
        all.push(json!({
            "table": state.table_name, "enabled": state.enabled, "filter": state.filter, "children": children,
            "last_at": state.last_at, "last_rows": state.last_rows, "next_at": next_at, "due_since": due_since,
            "outcome": state.outcome, "forbidden_since": state.forbidden_since, "lacks": lacks, "poorer": poorer,
        }));
    }
    output.result(&json!({ "id": source.id, "turned_off": off_now, "tables": all }));
    Ok(Ending::Done)
}

/// Says what stays of a table that was turned off, and what goes on naming it.
async fn told_off(
    services: &Services,
    source: &SourceId,
    table: &str,
    output: Output,
) -> anyhow::Result<Json> {
    let staying = connect::staying(services, source, table)
        .await
        .map_err(failed)?;
    let rows = counted(staying.rows, "row");
    output.say(format!(
        "{table} is off. What was loaded of it stays as it is, {rows}: neither pulls nor webhooks nor comparisons change it, until --enable has it read again. Retention goes on."
    ));
    if !staying.named_by.is_empty() {
        output.say(format!(
            "  These go on naming its rows, which may be old or not here: {}",
            staying.named_by.join(", ")
        ));
    }
    Ok(json!({ "table": table, "rows": staying.rows, "named_by": staying.named_by }))
}

/// The table that a table comes with, where it is not chosen by itself.
fn parent_of(table: &str) -> Option<&'static str> {
    catalog::table(table)?.parent.as_deref()
}

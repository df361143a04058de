use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::RetentionError;
use crate::{
    SubscriptionId,
    catalog::{self, Table, TableGroup},
    planner::RetentionSettings,
    services::Services,
    warehouse::Below,
    yclients::reports,
};

/// What is to be removed.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Whose rows.
    pub sources: Vec<String>,
    /// Of which tables: facts first, so that what they alone refer to can go after them, then dimensions, each before the
    /// ones that refer to it, so that one sweep never takes a whole chain.
    pub tables: Vec<Arc<Table>>,
    /// Tables of reports whose rows go with those of another one, by that one's name.
    pub below: BTreeMap<String, Vec<Below>>,
    /// Only rows that were received before.
    pub before: DateTime<Utc>,
}

/// What a retention job with these settings removes at this time: of its source, or of every source of the subscription,
/// removed ones too. A report's table goes with the one that its rows belong to where that one is chosen too.
/// [`RetentionError::Table`] for names that cannot be chosen.
pub async fn scope(
    services: &Services,
    subscription: &SubscriptionId,
    source: Option<&str>,
    settings: &RetentionSettings,
    now: DateTime<Utc>,
) -> Result<Scope, RetentionError> {
    let control = &services.control;
    let sources = match source {
        Some(source) => vec![source.to_owned()],
        None => {
            let all = control.sources(subscription).with_rows().await?;
            all.iter().map(ToString::to_string).collect()
        }
    };
    let reports = reports::tables(control, subscription).await?;
    let sweepable: Vec<Arc<Table>> = catalog::tables()
        .iter()
        .chain(&reports)
        .filter(|table| problem(table).is_none())
        .cloned()
        .collect();
    for name in &settings.tables {
        if sweepable.iter().all(|table| table.name != *name) {
            let problem = catalog::table(name).and_then(|table| problem(table));
            return Err(RetentionError::Table {
                table: name.clone(),
                problem: problem.unwrap_or("there is no such table"),
            });
        }
    }
    let chosen = |table: &&Arc<Table>| match settings.tables.as_slice() {
        [] => table.facts,
        names => names.iter().any(|name| *name == table.name),
    };
    let (mut facts, dimensions): (Vec<_>, Vec<_>) = sweepable
        .iter()
        .filter(chosen)
        .cloned()
        .partition(|table| table.facts);
    let below = reports::below(control, subscription).await?;
    let names: BTreeSet<String> = facts.iter().map(|table| table.name.to_string()).collect();
    facts.retain(|table| {
        let mut above = below.iter().filter(|(name, _)| names.contains(*name));
        !above.any(|(_, below)| below.iter().any(|each| each.table.name == table.name))
    });
    let days = TimeDelta::days(i64::from(settings.older_than_days));
    Ok(Scope {
        sources,
        tables: facts.into_iter().chain(dimensions).collect(),
        below,
        before: now.checked_sub_signed(days).unwrap_or(DateTime::UNIX_EPOCH),
    })
}

/// Why rows of the table are not removed by age.
fn problem(table: &Table) -> Option<&'static str> {
    match table.group {
        TableGroup::RepairShop => Some("the shop's own rows are not removed by age"),
        TableGroup::Internal => Some("there is no such table"),
        TableGroup::Yclients | TableGroup::Report if table.parent.is_some() => {
            Some("its rows go with the rows that they belong to")
        }
        TableGroup::Yclients | TableGroup::Report => None,
    }
}

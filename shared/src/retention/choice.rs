use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use super::RetentionError;
use crate::{
    SubscriptionId,
    catalog::{self, Table, TableGroup},
    planner::RetentionSettings,
    services::Services,
    warehouse::{Tie, Ties},
    yclients::reports,
};

/// What is to be removed.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Whose rows.
    pub sources: Vec<String>,
    /// Of which tables: facts first, so that what they alone refer to can go after them, of described reports each after the
    /// ones above it; then dimensions, each before the ones that refer to it, so that one sweep never takes a whole chain.
    pub tables: Vec<Arc<Table>>,
    /// Of described reports: what is above and below each of these tables, by its name.
    pub below: BTreeMap<String, Ties>,
    /// Only rows that were received before.
    pub before: DateTime<Utc>,
}

/// What a retention job with these settings removes at this time: of its source, or of every source of the subscription,
/// removed ones too. Rows of a report go with those that they belong to; where the table of these is chosen too, only rows that
/// have none there go by their own age.
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
    let below = ties(&facts, reports::below(control, subscription).await?);
    // Whatever is above a table has fewer above itself.
    facts.sort_by_key(|table| {
        let ties = below.get(table.name.as_ref());
        ties.map_or(0, |ties| ties.upper.len())
    });
    let days = TimeDelta::days(i64::from(settings.older_than_days));
    Ok(Scope {
        sources,
        tables: facts.into_iter().chain(dimensions).collect(),
        below,
        before: now.checked_sub_signed(days).unwrap_or(DateTime::UNIX_EPOCH),
    })
}

/// What is above and below each of the tables that are swept, by its name. `below` has the tables below one, by that one's.
fn ties(swept: &[Arc<Table>], mut below: BTreeMap<String, Vec<Tie>>) -> BTreeMap<String, Ties> {
    let mut all: BTreeMap<String, Ties> = BTreeMap::new();
    for table in swept {
        let Some(lower) = below.remove(table.name.as_ref()) else {
            continue;
        };
        for tie in &lower {
            let own = all.entry(tie.table.name.to_string()).or_default();
            own.upper.push(Tie {
                table: Arc::clone(table),
                link: tie.link.clone(),
            });
        }
        all.entry(table.name.to_string()).or_default().lower = lower;
    }
    all
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

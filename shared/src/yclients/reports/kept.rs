//! The tables of a subscription's reports, beside those of the catalog.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::TableShape;
use crate::{
    SubscriptionId,
    catalog::Table,
    control::{Control, ControlError, ReportTable},
    warehouse::Tie,
};

/// The tables that the subscription's reports fill, by name, those of removed reports too: their rows are still there.
pub async fn tables(
    control: &Control,
    subscription: &SubscriptionId,
) -> Result<Vec<Arc<Table>>, ControlError> {
    let kept = control.reports(subscription).tables().await?;
    Ok(kept.iter().filter_map(declared).collect())
}

/// The table of this name that a report of the subscription fills.
pub async fn table(
    control: &Control,
    subscription: &SubscriptionId,
    name: &str,
) -> Result<Option<Arc<Table>>, ControlError> {
    let kept = control.reports(subscription).table(name).await?;
    Ok(kept.as_ref().and_then(declared))
}

/// The tables of the subscription's reports whose rows belong to those of another one, by that one's name: those right below
/// it, and those below these.
pub async fn below(
    control: &Control,
    subscription: &SubscriptionId,
) -> Result<BTreeMap<String, Vec<Tie>>, ControlError> {
    let kept = control.reports(subscription).tables().await?;
    let shape = |kept: &ReportTable| serde_json::from_value(kept.structure.clone()).ok();
    let shapes: Vec<TableShape> = kept.iter().filter_map(shape).collect();
    let named = |name: &str| shapes.iter().find(|shape| shape.name == name);
    let mut below: BTreeMap<String, Vec<Tie>> = BTreeMap::new();
    for shape in &shapes {
        let mut above = shape.parent.as_deref().and_then(named);
        // No table is above itself; what is kept is not trusted to say so.
        for _ in 0..shapes.len() {
            let Some(parent) = above else {
                break;
            };
            if let Some(link) = shape.link_to(parent) {
                let own = below.entry(parent.name.clone()).or_default();
                own.push(Tie {
                    table: Arc::new(shape.table()),
                    link,
                });
            }
            above = parent.parent.as_deref().and_then(named);
        }
    }
    Ok(below)
}

/// The columns of such a table that hold the id of a client.
pub fn client_columns(kept: &ReportTable) -> BTreeSet<String> {
    let shape = serde_json::from_value::<TableShape>(kept.structure.clone());
    shape.map_or_else(
        |_| BTreeSet::new(),
        |shape| shape.client_columns().collect(),
    )
}

pub(super) fn declared(kept: &ReportTable) -> Option<Arc<Table>> {
    let shape: TableShape = serde_json::from_value(kept.structure.clone()).ok()?;
    Some(Arc::new(shape.table()))
}

//! The tables of a subscription's reports, beside those of the catalog.

use std::{collections::BTreeSet, sync::Arc};

use super::TableShape;
use crate::{
    SubscriptionId,
    catalog::Table,
    control::{Control, ControlError, ReportTable},
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

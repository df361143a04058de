//! The tables of a subscription's reports, beside those of the catalog.

use std::sync::Arc;

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

pub(super) fn declared(kept: &ReportTable) -> Option<Arc<Table>> {
    let shape: TableShape = serde_json::from_value(kept.structure.clone()).ok()?;
    Some(Arc::new(shape.table()))
}

//! The tables that a source is known to have.

use super::{PullError, add_tables, used::used_by_tools};
use crate::{
    catalog::{TableGroup, tables_of},
    control::Source,
    services::Services,
    yclients::connect,
};

/// What there was not yet when the source was connected it is given too: tables that were added to the catalog since are
/// loaded.
pub(super) async fn know_tables(services: &Services, source: &Source) -> Result<(), PullError> {
    connect::keep_up::<PullError>(services, source).await?;
    used_by_tools(services, source).await?;
    let known = services
        .control
        .sources(&source.subscription_id)
        .tables(&source.id)
        .await?;
    let declared: Vec<&str> = tables_of(TableGroup::Yclients)
        .filter(|table| table.parent.is_none())
        .map(|table| table.name.as_ref())
        .filter(|name| known.iter().all(|table| table.table_name != *name))
        .collect();
    if declared.is_empty() {
        return Ok(());
    }
    let mut tx = services.control.begin().await?;
    let mut sources = tx.sources(&source.subscription_id);
    add_tables(&mut sources, &source.id, &declared, services.clock.now()).await?;
    Ok(tx.commit().await?)
}

//! What every source is connected with, for those that were connected before there was any of it.

use tracing::warn;

use crate::{
    SubscriptionId,
    control::{Actor, ControlError, Source, VendorName},
    planner::PlannerError,
    services::Services,
    warehouse::{Load, WarehouseError, of_vendor},
    yclients::reconcile,
};

/// Tells the warehouse whose clients the source counts. Told again, it changes nothing.
pub(super) async fn tell_vendor(
    services: &Services,
    source: &Source,
) -> Result<(), WarehouseError> {
    let Some(vendor) = of_vendor(source.id.as_str(), source.vendor) else {
        return Ok(());
    };
    let load = Load {
        origin: "source",
        run: source.id.to_string(),
        observed_at: services.clock.now(),
        writes: vec![vendor],
        quota: None,
    };
    let warehouse = services.warehouses.open(&source.subscription_id);
    warehouse.commit(load).await?;
    Ok(())
}

/// Tells the warehouse whose clients each source counts that may have rows in it, where it does not know: before a person
/// is erased, who would be taken for a stranger of the same number.
pub(crate) async fn tell_vendors<E>(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<(), E>
where
    E: From<ControlError> + From<WarehouseError>,
{
    let sources = services.control.sources(subscription);
    let warehouse = services.warehouses.open(subscription);
    let known = warehouse.snapshot().await?.elsewhere().await?;
    for id in sources.with_rows().await? {
        let source = sources.get(&id).await?;
        if source.vendor != VendorName::Yclients && !known.contains(source.id.as_str()) {
            tell_vendor(services, &source).await?;
        }
    }
    Ok(())
}

/// Gives the source what it lacks: the vendor's name in the warehouse, and once the comparisons, which stay away where
/// somebody removed them.
pub(in crate::yclients) async fn keep_up<E>(services: &Services, source: &Source) -> Result<(), E>
where
    E: From<ControlError> + From<WarehouseError>,
{
    if source.vendor != VendorName::Yclients {
        let warehouse = services.warehouses.open(&source.subscription_id);
        let known = warehouse.snapshot().await?.elsewhere().await?;
        if !known.contains(source.id.as_str()) {
            tell_vendor(services, source).await?;
        }
    }
    if !source.compared
        && let Err(error) = compare(services, source).await
    {
        // The source is read all the same, and given them the next time.
        warn!(
            source = %source.id,
            error = &error as &dyn std::error::Error,
            "the comparisons of a source were not made"
        );
    }
    Ok(())
}

async fn compare(services: &Services, source: &Source) -> Result<(), PlannerError> {
    let business = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let mut tx = services.control.begin().await?;
    if tx
        .sources(&source.subscription_id)
        .compared(&source.id)
        .await?
    {
        let now = services.clock.now();
        reconcile::add_jobs(&mut tx, &business, source, &Actor::System, now).await?;
    }
    Ok(tx.commit().await?)
}

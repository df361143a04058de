//! Building a file: one snapshot is read, written and stored at once; who is in it is noted on the way.

mod cards;
mod countries;
mod database_file;
mod plan;
mod produce;
mod secrets;
mod spec;
mod to_file;
mod writers;

use futures::TryStreamExt;

use plan::Plan;
use produce::{WorkSpace, Written, into_store};
pub(super) use spec::Spec;
pub use to_file::{Made, build_to, build_to_watched};

use super::{
    DeliveryError, OrderProblem, ReadyFact, names,
    personal_log::{self, Event, SubjectLog},
    settle,
};
use crate::{
    SubscriptionId,
    control::{Delivery, DeliveryId, DeliveryStatus, Started},
    journal,
    ports::{Disposition, ObjectKey},
    services::Services,
    warehouse::{Rows, Scan, Snapshot, Warehouse, WarehouseError, Write},
    yclients::reports,
};

/// Builds the file of a delivery, makes it ready and asks for its mail.
///
/// A message that comes again after that relays what may not have been relayed, and builds nothing. A cause that may
/// pass gives an error to try again with; one that will not, or that came too often, makes the delivery failed, and the
/// message is done.
pub async fn build(
    services: &Services,
    subscription: &SubscriptionId,
    id: &DeliveryId,
) -> Result<(), DeliveryError> {
    // An earlier attempt may have finished and ended before it could tell.
    journal::relay(services, subscription).await?;
    let mut tx = services.control.begin().await?;
    let started = tx
        .deliveries(subscription)
        .start(id, services.clock.now())
        .await?;
    tx.commit().await?;
    let delivery = match started {
        Started::Build(delivery) => delivery,
        Started::Over(delivery) if delivery.status == DeliveryStatus::Failed => {
            return settle::after_failure(services, &delivery).await;
        }
        Started::Over(_) => return Ok(()),
    };
    match attempt(services, &delivery).await {
        Ok(()) => {
            journal::relay(services, subscription).await?;
            Ok(())
        }
        Err(error) if error.disposition() == Disposition::Drop => Ok(()),
        Err(error) if may_pass(services, &delivery, &error) => Err(error),
        Err(error) => settle::give_up(services, &delivery, &error).await,
    }
}

fn may_pass(services: &Services, delivery: &Delivery, error: &DeliveryError) -> bool {
    error.disposition() == Disposition::Retry
        && delivery.attempt < i64::from(services.settings.build_attempts)
}

/// One attempt: a file under a key of its own, an event of its own in the personal-data log.
async fn attempt(services: &Services, delivery: &Delivery) -> Result<(), DeliveryError> {
    if delivery.attempt > i64::from(services.settings.build_attempts) {
        let attempts = delivery.attempt - 1;
        return Err(DeliveryError::BrokenOff { attempts });
    }
    let now = services.clock.now();
    let subscription = services
        .control
        .subscription(&delivery.subscription_id)
        .await?;
    let reports = reports::tables(&services.control, &delivery.subscription_id).await?;
    let spec = Spec::of(delivery, &subscription, reports)?;
    let warehouse = services.warehouses.open(&delivery.subscription_id);
    let event = names::event_id(&delivery.id, delivery.attempt);
    let file_name = spec.file_name(now);
    let key = names::object_key(
        &delivery.subscription_id,
        &delivery.id,
        delivery.attempt,
        &file_name,
    )
    .map_err(|error| DeliveryError::order("format", OrderProblem::FileName(error.to_string())))?;

    let written = write(services, &warehouse, &spec, &event, &key).await;
    let current = match written {
        Ok(written) => still_current(services, delivery).await.map(|()| written),
        Err(error) => Err(error),
    };
    let (Written { digested, counts }, nobody_erased) = match current {
        Ok(written) => written,
        Err(error) => {
            discard(services, &warehouse, event, &key).await;
            return Err(error);
        }
    };
    let log = Event {
        id: &event,
        at: now,
        purpose: delivery.purpose.as_deref(),
        actor: &delivery.ordered_by,
        file_name: &file_name,
        digested: &digested,
        delivery: Some(delivery.id.as_str()),
    }
    .write();
    let fact = ReadyFact::new(delivery, key, file_name.clone(), digested.clone(), counts);
    let writes = vec![nobody_erased, log, fact.emit()];
    match warehouse
        .commit(personal_log::load(&event, now, writes))
        .await
    {
        Ok(_) => Ok(()),
        Err(WarehouseError::Erased) => {
            discard(services, &warehouse, event, &fact.object_key).await;
            Err(DeliveryError::Erased)
        }
        // Nothing is taken back: it may have been done all the same, and then the file counts.
        Err(error) => Err(error.into()),
    }
}

/// What was written, and the condition on which it may be handed over.
async fn write(
    services: &Services,
    warehouse: &Warehouse,
    spec: &Spec,
    event: &str,
    key: &ObjectKey,
) -> Result<(Written, Write), DeliveryError> {
    let now = services.clock.now();
    let snapshot = warehouse.snapshot().await?;
    let nobody_erased = nobody_erased(&snapshot).await?;
    let plan = Plan::of(spec, &snapshot, &services.keys.fields, now).await?;
    let mut subjects = SubjectLog::new(warehouse, event, now);
    let space = WorkSpace::of(services);
    let written = into_store(
        plan,
        &snapshot,
        &mut subjects,
        space,
        services.objects.as_ref(),
        key,
    )
    .await?;
    Ok((written, nobody_erased))
}

/// Refuses to finish an attempt after which another one was begun. Two that finish all the same are told apart when
/// their files are made ready.
async fn still_current(services: &Services, delivery: &Delivery) -> Result<(), DeliveryError> {
    let now = services
        .control
        .deliveries(&delivery.subscription_id)
        .get(&delivery.id)
        .await?;
    if now.attempt == delivery.attempt && now.status == DeliveryStatus::Building {
        Ok(())
    } else {
        Err(DeliveryError::Superseded)
    }
}

/// Refuses to finish a file of rows that were read while, or before, somebody was erased: it may hold them.
async fn nobody_erased(snapshot: &Snapshot) -> Result<Write, WarehouseError> {
    let since = snapshot.erasures().await?;
    Ok(Write::NobodyErased { since })
}

/// Takes back a failed attempt. What cannot be taken back now is invisible, and goes when the delivery is settled.
async fn discard(services: &Services, warehouse: &Warehouse, event: String, key: &ObjectKey) {
    let subjects = personal_log::forget(
        warehouse,
        std::slice::from_ref(&event),
        services.clock.now(),
    )
    .await;
    let object = services.objects.delete(key).await;
    if let Err(error) = subjects {
        tracing::debug!(%event, %error, "noted customers of a failed attempt stay until later");
    }
    if let Err(error) = object {
        tracing::debug!(%key, %error, "the object of a failed attempt stays until later");
    }
}

/// The rows of a scan that has few.
pub(super) async fn first_rows(snapshot: &Snapshot, scan: Scan) -> Result<Rows, WarehouseError> {
    let width = scan.columns.len().max(1);
    let mut batches = snapshot.scan(scan).await?;
    let rows = batches.try_next().await?;
    while batches.try_next().await?.is_some() {}
    Ok(rows.unwrap_or_else(|| Rows::new(width)))
}

//! What is to be done every minute or so, whatever messages come. Doing it twice changes nothing.

use super::JobError;
use crate::{
    delivery, import,
    import::ImportError,
    journal, planner, retention,
    services::{Dispatcher, Services},
    yclients::{connect, pull, reports},
};

/// Both parts of it: [`send_off_due`], then [`clear_up`].
pub async fn housekeep(services: &Services) -> Result<(), JobError> {
    let sent_off = send_off_due(&services.dispatcher()).await;
    let cleared_up = clear_up(services).await;
    sent_off.and(cleared_up)
}

/// Sends off what is due: orders and steps of imports whose message was lost, jobs, sources and nightly sweeps whose time has
/// come; forgets what only the shared tables hold. It looks into no warehouse: many of them do not make it slower. One part
/// failing does not keep the others from being done.
pub async fn send_off_due(dispatcher: &Dispatcher) -> Result<(), JobError> {
    let done: [Result<(), JobError>; 7] = [
        planner::tick(dispatcher)
            .await
            .map(drop)
            .map_err(Into::into),
        pull::queue_due(dispatcher)
            .await
            .map(drop)
            .map_err(Into::into),
        delivery::resend_stuck(dispatcher)
            .await
            .map(drop)
            .map_err(Into::into),
        import::resend_stuck(dispatcher)
            .await
            .map(drop)
            .map_err(Into::into),
        retention::fan_out(dispatcher)
            .await
            .map(drop)
            .map_err(Into::into),
        connect::tidy(dispatcher).await.map_err(Into::into),
        forget_requests(dispatcher).await.map_err(Into::into),
    ];
    done.into_iter().collect()
}

/// Clears up: facts whose relay was lost are relayed, objects and rows that are due go, those of removed sources and reports
/// too. It looks into every warehouse. One part failing does not keep the others from being done.
pub async fn clear_up(services: &Services) -> Result<(), JobError> {
    let done: [Result<(), JobError>; 5] = [
        journal::relay_all(services)
            .await
            .map(drop)
            .map_err(Into::into),
        delivery::sweep(services)
            .await
            .map(drop)
            .map_err(Into::into),
        import::sweep(services).await.map(drop).map_err(Into::into),
        connect::clear_removed(services).await.map_err(Into::into),
        Box::pin(reports::clear_removed(services))
            .await
            .map_err(JobError::Report),
    ];
    done.into_iter().collect()
}

async fn forget_requests(dispatcher: &Dispatcher) -> Result<(), ImportError> {
    let now = dispatcher.clock.now();
    let mut tx = dispatcher.control.begin().await?;
    tx.forget_requests(now).await?;
    tx.forget_sent(now).await?;
    Ok(tx.commit().await?)
}

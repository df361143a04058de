//! What a warehouse takes up of what its plan allows.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    SubscriptionId,
    control::{ControlError, Source, SourceState},
    plans::{Terms, month_of},
    services::Services,
    warehouse::WarehouseError,
};

/// While loading stands still, a warehouse is looked at again after so long at the earliest.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// What a subscription uses of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Bytes that its warehouse takes up now.
    pub bytes: u64,
    /// Bytes that its plan allows.
    pub bytes_allowed: u64,
    /// Rows that were loaded in the month, as `YYYY-MM` in UTC.
    pub month: String,
    /// Those rows.
    pub rows: u64,
    /// Rows that its plan allows in a month.
    pub rows_allowed: u64,
    /// When its plan ends, in UTC; `None` where it does not.
    pub plan_ends: Option<DateTime<Utc>>,
    /// Why loading stands still: the code of a problem; `None` where it goes on.
    pub stands_still: Option<&'static str>,
}

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
}

/// What a subscription uses of its plan, looked at now.
pub async fn used(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Used, StorageError> {
    let now = services.clock.now();
    let owner = services.control.subscription(subscription).await?;
    let terms = services.settings.plans.terms(owner.plan);
    let month = month_of(now);
    let usage = services.control.usage(subscription, &month).await?;
    let rows = u64::try_from(usage.rows).unwrap_or(0);
    let bytes = services
        .warehouses
        .open(subscription)
        .stored_bytes()
        .await?;
    let stands_still = if !terms.runs(&owner, now) {
        Some("plan.ended")
    } else if rows >= terms.rows {
        Some("plan.rows-used")
    } else if bytes >= terms.bytes {
        Some("plan.storage-used")
    } else {
        refused(services, subscription).await?
    };
    Ok(Used {
        bytes,
        bytes_allowed: terms.bytes,
        month,
        rows,
        rows_allowed: terms.rows,
        plan_ends: terms.ends(&owner),
        stands_still,
    })
}

/// Why tables were refused last, where any was: near a limit a page of rows is more than what is left below it, and loading
/// stands still although the limit is not reached.
async fn refused(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<Option<&'static str>, ControlError> {
    let sources = services.control.sources(subscription);
    let active: Vec<Source> = sources.list().await?;
    let tables = sources.all_tables().await?;
    let mut own = tables.iter().filter(|table| {
        let source = active.iter().find(|source| source.id == table.source_id);
        table.enabled && source.is_some_and(|source| source.state == SourceState::Active)
    });
    // A plan that had ended and runs again is no reason any more.
    Ok(own.find_map(|table| {
        stands_still(table.outcome.as_deref()).filter(|code| *code != "plan.ended")
    }))
}

/// Why a table stands still whose last attempt ended so; `None` where the plan let it in.
pub fn stands_still(outcome: Option<&str>) -> Option<&'static str> {
    let known = ["plan.ended", "plan.rows-used", "plan.storage-used"];
    known.into_iter().find(|code| Some(*code) == outcome)
}

/// Whether the plan has room for more. What was noted is believed while it is below the limit, since every load looks for
/// itself; at the limit the warehouse is looked at again, so that loading goes on by itself when there is room.
pub(crate) async fn has_room<E: From<ControlError> + From<WarehouseError>>(
    services: &Services,
    subscription: &SubscriptionId,
    terms: &Terms,
) -> Result<bool, E> {
    let now = services.clock.now();
    let Some(noted) = services.control.stored(subscription).await? else {
        return Ok(true);
    };
    if below(noted.bytes, terms) {
        return Ok(true);
    }
    if now - noted.measured_at < LOOK_AGAIN {
        return Ok(false);
    }
    let bytes = note::<E>(services, subscription, now).await?;
    Ok(below(bytes, terms))
}

/// Looks at the warehouse and notes what it takes up, in bytes.
async fn note<E: From<ControlError> + From<WarehouseError>>(
    services: &Services,
    subscription: &SubscriptionId,
    now: DateTime<Utc>,
) -> Result<i64, E> {
    let warehouse = services.warehouses.open(subscription);
    let bytes = i64::try_from(warehouse.stored_bytes().await?).unwrap_or(i64::MAX);
    let mut tx = services.control.begin().await?;
    tx.note_stored(subscription, bytes, now).await?;
    tx.commit().await?;
    Ok(bytes)
}

fn below(bytes: i64, terms: &Terms) -> bool {
    u64::try_from(bytes).unwrap_or(0) < terms.bytes
}

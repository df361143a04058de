//! What a warehouse tells control: its outbox, relayed in order, each entry with effect once.

use data_encoding::HEXLOWER;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::NewEntry;
use crate::{
    SubscriptionId,
    catalog::repair_shop::LOCAL_SOURCE,
    control::ControlError,
    delivery::{DeliveryError, READY, ReadyFact},
    ports::{Disposition, QueueError},
    services::Services,
    warehouse::{
        Load, OutboxEntry, Rows, USAGE, Value, Warehouse, WarehouseError, Write, internal,
    },
    yclients::pull::{UsageFact, request_mail},
};

/// The kind of an outbox entry that is a journal entry.
const JOURNAL: &str = "journal";

/// Entries relayed before they are forgotten together.
const PAGE: u64 = 100;

/// Pages relayed in one go; whoever is called again goes on.
const PAGES: usize = 1_000;

/// Marks are kept for this many entries after theirs was forgotten: another relay that read an entry before it was
/// forgotten still finds that it took effect.
const MARKS_KEPT: i64 = 10_000;

/// Subscriptions looked at in one page.
const SUBSCRIPTIONS: usize = 500;

/// Why the outbox was not relayed to its end. What was relayed before stays.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// What follows from a file that is ready could not be done.
    #[error(transparent)]
    Delivery(Box<DeliveryError>),
    /// A mail could not be asked for.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// An entry of a kind that this version does not know; it and those after it wait for a version that does.
    #[error("outbox entry {id} is of the unknown kind {kind}")]
    UnknownKind {
        /// The entry.
        id: i64,
        /// Its kind.
        kind: String,
    },
    /// An entry that does not say what its kind says; it is set aside.
    #[error("outbox entry {id} of the kind {kind} cannot be read")]
    Malformed {
        /// The entry.
        id: i64,
        /// Its kind.
        kind: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl RelayError {
    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Delivery(error) => error.disposition(),
            // While versions are exchanged, one that knows the kind is about to come.
            Self::UnknownKind { .. } | Self::Queue(_) => Disposition::Retry,
            Self::Malformed { .. } => Disposition::Park,
        }
    }
}

impl From<DeliveryError> for RelayError {
    fn from(error: DeliveryError) -> Self {
        Self::Delivery(Box::new(error))
    }
}

/// What an outbox entry asks control to do.
enum Fact {
    Journal(NewEntry),
    Ready(ReadyFact),
    Usage(UsageFact),
}

/// Writes a journal entry in a warehouse's own transaction; [`relay`] brings it to the journal.
pub fn emit(entry: &NewEntry) -> Result<Write, serde_json::Error> {
    Ok(Write::Emit {
        kind: JOURNAL,
        payload: serde_json::to_value(entry)?,
    })
}

/// Relays the outbox of the subscription's warehouse to control, oldest entry first; how many entries.
///
/// Each entry takes effect in one control transaction with its mark, then what follows from it is done, then it is
/// forgotten. A crash between any two of these, two relays at once, or doing it all again end in the same.
pub async fn relay(services: &Services, subscription: &SubscriptionId) -> Result<u64, RelayError> {
    let warehouse = services.warehouses.open(subscription);
    let mut relayed = 0;
    for _ in 0..PAGES {
        let entries = warehouse.outbox(0, PAGE).await?;
        if entries.is_empty() {
            break;
        }
        let mut told = None;
        let mut failed = None;
        for entry in entries {
            let id = entry.id;
            let outcome = match tell(services, subscription, &entry).await {
                Err(error @ RelayError::Malformed { .. }) => {
                    set_aside(services, &warehouse, &entry, &error).await
                }
                outcome => outcome,
            };
            match outcome {
                Ok(()) => {
                    told = Some(id);
                    relayed += 1;
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if let Some(up_to) = told {
            warehouse.forget_outbox(up_to).await?;
            forget_marks(services, subscription, up_to).await?;
        }
        if let Some(error) = failed {
            return Err(error);
        }
    }
    Ok(relayed)
}

/// Relays the outboxes of all warehouses: finds what was committed by a process that ended before it could relay. Gives
/// how many entries; a warehouse that cannot be relayed is told in the log and does not hold up the others.
pub async fn relay_all(services: &Services) -> Result<u64, RelayError> {
    let mut after: Option<SubscriptionId> = None;
    let mut relayed = 0;
    loop {
        let page = services
            .control
            .housekeeping()
            .subscriptions(after.as_ref(), SUBSCRIPTIONS)
            .await?;
        for subscription in &page {
            match relay(services, subscription).await {
                Ok(entries) => relayed += entries,
                Err(error) => {
                    tracing::warn!(%subscription, error = &error as &dyn std::error::Error, "the outbox waits");
                }
            }
        }
        if page.len() < SUBSCRIPTIONS {
            return Ok(relayed);
        }
        after = page.into_iter().next_back();
    }
}

async fn tell(
    services: &Services,
    subscription: &SubscriptionId,
    entry: &OutboxEntry,
) -> Result<(), RelayError> {
    let id = entry.id;
    let digest = digest_of(entry);
    let fact = read(entry.clone())?;
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    if tx.mark_relayed(subscription, id, &digest, now).await? {
        match &fact {
            Fact::Journal(entry) => {
                tx.append_journal(subscription, entry).await?;
            }
            Fact::Ready(ready) => ready.apply(services, subscription, &mut tx, now).await?,
            Fact::Usage(usage) => {
                for mail in usage.apply(subscription, &mut tx, now).await? {
                    request_mail(services, subscription, &mail).await?;
                }
            }
        }
    }
    tx.commit().await?;
    match fact {
        Fact::Journal(_) | Fact::Usage(_) => Ok(()),
        Fact::Ready(ready) => Ok(ready.follow_up(services, subscription).await?),
    }
}

/// Tells entries of one number apart: after a warehouse was restored or made anew, numbers come again.
fn digest_of(entry: &OutboxEntry) -> String {
    let said = format!("{} {}", entry.kind, entry.payload);
    HEXLOWER.encode(&Sha256::digest(said))
}

/// Keeps an entry that does not say what its kind says among the parked records, so that those after it are told.
async fn set_aside(
    services: &Services,
    warehouse: &Warehouse,
    entry: &OutboxEntry,
    error: &RelayError,
) -> Result<(), RelayError> {
    let now = services.clock.now();
    let (id, digest) = (entry.id, digest_of(entry));
    tracing::error!(subscription = %warehouse.subscription(), id, error = error as &dyn std::error::Error, "set aside");
    let mut rows = Rows::new(internal::parked().columns.len());
    rows.push_values(&[
        format!("outbox:{id}:{digest}").into(),
        internal::outbox().name.as_ref().into(),
        LOCAL_SOURCE.into(),
        error.to_string().into(),
        Value::Json(json!({ "kind": entry.kind, "payload": entry.payload }).to_string()),
        now.into(),
    ]);
    let load = Load {
        origin: "relay",
        run: format!("outbox:{id}"),
        observed_at: now,
        writes: vec![Write::Insert {
            table: internal::parked().clone(),
            rows,
        }],
        quota: None,
    };
    warehouse.commit(load).await?;
    Ok(())
}

fn read(entry: OutboxEntry) -> Result<Fact, RelayError> {
    let OutboxEntry { id, kind, payload } = entry;
    let fact = match kind.as_str() {
        JOURNAL => parse(payload).map(Fact::Journal),
        READY => parse(payload).map(Fact::Ready),
        USAGE => parse(payload).map(Fact::Usage),
        _ => return Err(RelayError::UnknownKind { id, kind }),
    };
    fact.map_err(|source| RelayError::Malformed { id, kind, source })
}

fn parse<T: serde::de::DeserializeOwned>(payload: Json) -> Result<T, serde_json::Error> {
    serde_json::from_value(payload)
}

async fn forget_marks(
    services: &Services,
    subscription: &SubscriptionId,
    up_to: i64,
) -> Result<(), ControlError> {
    // Now and then is often enough, and spares most relays a transaction.
    if up_to % 100 != 0 || up_to <= MARKS_KEPT {
        return Ok(());
    }
    let mut tx = services.control.begin().await?;
    tx.forget_relayed(subscription, up_to - MARKS_KEPT).await?;
    tx.commit().await
}

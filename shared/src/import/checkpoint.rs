use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Counts, ImportError, steps::state_key};
use crate::{
    SubscriptionId,
    control::{Import, ImportId},
    services::Services,
    warehouse::{Warehouse, Write},
};

/// How far applying has come. The warehouse keeps it, and it moves only in the transaction that commits the rows it
/// speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    /// When applying began: the time of observation of all its loads.
    pub started_at: DateTime<Utc>,
    /// Tables that had no row then: all that comes into them is new.
    pub empty: HashSet<String>,
    /// Rows of the file that are settled, rejected ones included.
    pub seen: u64,
    /// Rows that could not be read and are settled.
    pub refused: u64,
    /// Findings written.
    pub findings: u64,
    /// Rejected rows kept aside.
    pub parked: u64,
    /// Whether the event of the personal-data log is written.
    #[serde(default)]
    pub logged: bool,
    /// What became of the rows.
    pub counts: Counts,
    /// Whether everything is done.
    pub done: bool,
}

/// The step whose checkpoint this is.
pub(super) const STEP: &str = "apply";

impl Checkpoint {
    /// The one that the warehouse keeps, as it keeps it.
    pub async fn load(
        warehouse: &Warehouse,
        import: &ImportId,
    ) -> Result<Option<(Self, Json)>, ImportError> {
        let Some(kept) = warehouse.state(&state_key(import, STEP)).await? else {
            return Ok(None);
        };
        let checkpoint = serde_json::from_value(kept.clone()).map_err(ImportError::Checkpoint)?;
        Ok(Some((checkpoint, kept)))
    }
}

/// Moves the checkpoint of a step with the load that these writes are, from what was kept of it before: where two workers
/// have one message, one of them finds it moved.
pub(super) fn moved(
    import: &ImportId,
    step: &str,
    kept: Option<Json>,
    to: Json,
    writes: &mut Vec<Write>,
) {
    let key = state_key(import, step);
    let expected = Write::Expect {
        key: key.clone(),
        value: kept,
    };
    writes.insert(0, expected);
    let value = Some(to);
    writes.push(Write::PutState { key, value });
}

/// Tells the shared database how far applying has come.
pub(super) async fn tell(
    services: &Services,
    subscription: &SubscriptionId,
    import: &Import,
    checkpoint: &Checkpoint,
) -> Result<(), ImportError> {
    let counts = serde_json::to_value(&checkpoint.counts).map_err(ImportError::Checkpoint)?;
    let place = json!({ "seen": checkpoint.seen, "refused": checkpoint.refused });
    let mut tx = services.control.begin().await?;
    tx.imports(subscription)
        .checkpoint(&import.id, &place, &counts, services.clock.now())
        .await?;
    tx.commit().await?;
    Ok(())
}

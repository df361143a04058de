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
    /// The one that the warehouse keeps.
    pub async fn load(
        warehouse: &Warehouse,
        import: &ImportId,
    ) -> Result<Option<Self>, ImportError> {
        let kept = warehouse.state(&state_key(import, STEP)).await?;
        kept.map(serde_json::from_value)
            .transpose()
            .map_err(ImportError::Checkpoint)
    }

    /// Keeps it, in the load that it is a part of.
    pub fn write(&self, import: &ImportId) -> Result<Write, ImportError> {
        Ok(Write::PutState {
            key: state_key(import, STEP),
            value: Some(self.to_json()?),
        })
    }

    /// As the shared database and the warehouse keep it.
    pub fn to_json(&self) -> Result<Json, ImportError> {
        serde_json::to_value(self).map_err(ImportError::Checkpoint)
    }
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

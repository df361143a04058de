//! What was erased is taken out of the database's files too, at once or in the next night.

use serde_json::{Value as Json, json};

use super::{Erasure, RetentionError};
use crate::{
    SubscriptionId,
    services::Services,
    warehouse::{Load, Write},
};

/// Kept while the files may still hold what was erased.
const NEEDED: &str = "erased/scrub";
/// A file of at most so many bytes is written anew at once: it takes some seconds. Larger ones wait for the night.
const AT_ONCE: u64 = 256 * 1_024 * 1_024;

impl Erasure<'_> {
    /// Clears the files, where that is soon done; else the next night does.
    pub(super) async fn scrub(&self) -> Result<(), RetentionError> {
        if self.warehouse.scrub(AT_ONCE).await? {
            return Ok(());
        }
        let asked = json!({ "run": self.run });
        self.commit(vec![needed(Some(asked))]).await
    }
}

/// Clears the files, however large, where erasures left that to be done.
pub(crate) async fn scrub_again(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<(), RetentionError> {
    let warehouse = services.warehouses.open(subscription);
    let asked = warehouse.state(NEEDED).await?;
    if asked.is_none() || !warehouse.scrub(u64::MAX).await? {
        return Ok(());
    }
    // Another erasure may have come to its end meanwhile.
    if warehouse.state(NEEDED).await? != asked {
        return Ok(());
    }
    let now = services.clock.now();
    let load = Load {
        origin: "erasure",
        run: now.to_rfc3339(),
        observed_at: now,
        writes: vec![needed(None)],
        quota: None,
    };
    warehouse.commit(load).await?;
    Ok(())
}

fn needed(asked: Option<Json>) -> Write {
    Write::PutState {
        key: NEEDED.to_owned(),
        value: asked,
    }
}

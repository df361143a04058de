//! What a run did, counted over all of its commits.

use std::collections::BTreeMap;

use futures::TryStreamExt;

use super::{Filter, Scan, Warehouse, WarehouseError, internal};

/// Per table, how many rows met which end, in the words of [`Committed::counts`](super::Committed::counts).
pub(crate) type RunCounts = BTreeMap<String, BTreeMap<String, i64>>;

impl Warehouse {
    /// What all commits of a run did that have this origin, whichever worker made them: one that was killed after a commit
    /// told nobody else of it.
    pub(crate) async fn counts_of_run(
        &self,
        origin: &str,
        run: &str,
    ) -> Result<RunCounts, WarehouseError> {
        let own = Filter::equal("run", run).and(Filter::equal("origin", origin));
        let scan = Scan::of(internal::loads()).columns(["counts"]).filter(own);
        let snapshot = self.snapshot().await?;
        let mut batches = snapshot.scan(scan).await?;
        let mut all = RunCounts::new();
        while let Some(batch) = batches.try_next().await? {
            for row in batch.iter() {
                let counts = row.get(0).as_str().unwrap_or_default();
                let counts: RunCounts = serde_json::from_str(counts).unwrap_or_default();
                for (table, words) in counts {
                    let sums = all.entry(table).or_default();
                    for (word, rows) in words {
                        *sums.entry(word).or_default() += rows;
                    }
                }
            }
        }
        Ok(all)
    }
}

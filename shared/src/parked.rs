//! What could not become a row, kept aside with its reason.

use chrono::{DateTime, Utc};
use futures::StreamExt;
use serde_json::Value as Json;

use crate::warehouse::{
    Filter, Operator, Scan, Value, ValueRef, Warehouse, WarehouseError, internal,
};

/// A record that was kept aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Parked {
    /// Its name among them.
    pub id: String,
    /// The table that it was for.
    pub table: String,
    /// The source that it came from; `local` for the shop's own.
    pub source: String,
    /// Why: `import.` and the code of the finding, or the vendor's reader in words.
    pub reason: String,
    /// The record as far as it is kept; secrets are masked.
    pub body: Json,
    /// When, in UTC.
    pub at: DateTime<Utc>,
}

impl Parked {
    /// Whether it can be tried again by itself. Of what was no JSON only the length is kept.
    pub fn is_replayable(&self) -> bool {
        self.is_of_import() || (self.source != "local" && self.reason != "webhook.unreadable")
    }

    /// Whether an import keeps it, which can be tried again with other values.
    pub fn is_of_import(&self) -> bool {
        is_of_import(&self.id)
    }
}

/// Whether what is kept aside under this name is an import's.
pub fn is_of_import(id: &str) -> bool {
    id.starts_with("import:")
}

/// Records that were kept aside, in the order of their names, after this one; at most so many.
pub async fn records(
    warehouse: &Warehouse,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Parked>, WarehouseError> {
    let beyond = after.map_or(Filter::All, |id| {
        Filter::compare("id", Operator::Greater, Value::from(id))
    });
    let scan = Scan::of(internal::parked())
        .columns(["id", "table", "source_id", "reason", "body", "at"])
        .filter(beyond)
        .limit(limit);
    let snapshot = warehouse.snapshot().await?;
    let mut batches = snapshot.scan(scan).await?;
    let mut found = Vec::new();
    while let Some(rows) = batches.next().await {
        for row in rows?.iter() {
            let said = |column: usize| row.get(column).as_str().unwrap_or_default();
            let ValueRef::Timestamp(at) = row.get(5) else {
                continue;
            };
            found.push(Parked {
                id: said(0).to_owned(),
                table: said(1).to_owned(),
                source: said(2).to_owned(),
                reason: said(3).to_owned(),
                body: serde_json::from_str(said(4)).unwrap_or_default(),
                at,
            });
        }
    }
    Ok(found)
}

//! The categories of services, by which records are told apart: a record's body names its services only.

use std::collections::HashMap;

use futures::TryStreamExt;

use super::streams::{self, Stream};
use crate::{
    SourceId, catalog,
    warehouse::{Filter, Scan, Snapshot, WarehouseError},
};

/// The table that knows them.
const SERVICES: &str = "yclients_services";
/// More services than this are not looked up for their categories.
const MOST_SERVICES: u64 = 50_000;

/// Whether rows of the stream, or their lines, have categories of services.
pub(super) fn are_needed_by(stream: &Stream) -> bool {
    streams::dependencies(stream.table)
        .iter()
        .any(|needed| needed.on == SERVICES)
}

/// The category of each service of a source, by the vendor's ids, deleted services included; `None` where none is known.
pub(super) async fn of(
    snapshot: &Snapshot,
    source: &SourceId,
) -> Result<Option<HashMap<i64, i64>>, WarehouseError> {
    let Some(services) = catalog::table(SERVICES) else {
        return Ok(None);
    };
    let scan = Scan::of(services)
        .columns(["id", "category_id"])
        .filter(Filter::equal("_source_id", source.as_str()))
        .with_deleted()
        .limit(MOST_SERVICES);
    let mut batches = snapshot.scan(scan).await?;
    let mut categories = HashMap::new();
    while let Some(rows) = batches.try_next().await? {
        for row in rows.iter() {
            if let (Some(id), Some(category)) = (row.get(0).as_integer(), row.get(1).as_integer()) {
                categories.insert(id, category);
            }
        }
    }
    Ok((!categories.is_empty()).then_some(categories))
}

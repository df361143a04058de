use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::json;

use crate::{
    SourceId,
    warehouse::{Filter, Operator, Scan, Snapshot, WarehouseError, Write, internal},
};

/// What the names of marks begin with.
const PREFIX: &str = "webhook.delete/";

/// The most marks that are listed at once.
const MAX_MARKS: u64 = 1_000;

/// A row that a webhook said was deleted. The vendor signs nothing, so it is believed until a reconciliation asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnconfirmedDelete {
    /// The table.
    pub table: String,
    /// The vendor's id of the row.
    pub id: i64,
    /// When the webhook came.
    pub at: DateTime<Utc>,
}

/// Marks that a webhook said that this row was deleted, in the transaction that makes the tombstone.
pub(super) fn mark(source: &SourceId, table: &str, id: i64, at: DateTime<Utc>) -> Write {
    Write::PutState {
        key: mark_of(source, table, id),
        value: Some(json!({ "table": table, "id": id, "at": at })),
    }
}

/// At most 1,000 deletes of this source that came by webhook and that nobody has asked the vendor about yet; those whose
/// marks come after this one, where it is given.
pub async fn unconfirmed_deletes(
    snapshot: &Snapshot,
    source: &SourceId,
    after: Option<&str>,
) -> Result<Vec<UnconfirmedDelete>, WarehouseError> {
    // '0' follows '/': the marks of this source, and of no other whose id begins like it.
    let (from, to) = (format!("{PREFIX}{source}/"), format!("{PREFIX}{source}0"));
    let from = after.map_or(from, ToOwned::to_owned);
    let names = Filter::compare("key", Operator::Greater, from).and(Filter::compare(
        "key",
        Operator::Less,
        to,
    ));
    let scan = Scan::of(internal::state())
        .columns(["value"])
        .filter(names)
        .limit(MAX_MARKS);
    let mut batches = snapshot.scan(scan).await?;
    let mut found = Vec::new();
    while let Some(rows) = batches.try_next().await? {
        found.extend(rows.iter().filter_map(|row| read(row.get(0).as_str()?)));
    }
    Ok(found)
}

/// What the mark is kept under; whoever asked the vendor forgets it with what came of that.
pub(in crate::yclients) fn mark_of(source: &SourceId, table: &str, id: i64) -> String {
    format!("{PREFIX}{source}/{table}/{id}")
}

fn read(mark: &str) -> Option<UnconfirmedDelete> {
    let mark: serde_json::Value = serde_json::from_str(mark).ok()?;
    Some(UnconfirmedDelete {
        table: mark.get("table")?.as_str()?.to_owned(),
        id: mark.get("id")?.as_i64()?,
        at: mark.get("at")?.as_str()?.parse().ok()?,
    })
}

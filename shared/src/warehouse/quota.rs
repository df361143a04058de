//! What a plan lets in, counted in the transaction that lets it in.

use serde_json::{Value as Json, json};

use super::{
    Counts, Outcome, Quota, WarehouseError,
    commit::{last, put_last},
    session::Session,
};

/// What kind of fact the shared database is told:
/// `{"month": "YYYY-MM", "rows": <all so far>, "limit": <rows>, "bytes": <taken up>, "bytes_limit": <bytes>}`.
pub(crate) const USAGE: &str = "usage";

/// How many rows of the month are used, and how many of them by this load.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub rows: u64,
    pub more: u64,
}

/// Adds the load's rows to the month's, or refuses the load. `stored`: the bytes that were taken up before it.
pub(super) async fn count<S: Session>(
    session: &mut S,
    quota: &Quota,
    counts: &Counts,
    stored: Option<u64>,
) -> Result<Used, WarehouseError> {
    let counter = format!("rows {}", quota.month);
    let used = u64::try_from(last(session, &counter).await?).unwrap_or(0);
    let loaded = |words: &std::collections::BTreeMap<&str, u64>| {
        [Outcome::New, Outcome::Changed]
            .iter()
            .filter_map(|outcome| words.get(outcome.name()))
            .sum::<u64>()
    };
    let more = counts.values().map(loaded).sum::<u64>();
    if more == 0 {
        return Ok(Used { rows: used, more });
    }
    if let Some(stored) = stored.filter(|stored| *stored >= quota.bytes) {
        return Err(WarehouseError::OverStorage {
            used: stored,
            bytes: quota.bytes,
        });
    }
    let now = used.saturating_add(more);
    if now > quota.rows {
        return Err(WarehouseError::OverQuota {
            month: quota.month.clone(),
            used,
            rows: quota.rows,
            more,
        });
    }
    put_last(session, &counter, i64::try_from(now).unwrap_or(i64::MAX)).await?;
    Ok(Used { rows: now, more })
}

/// What the shared database is told, where there is something new. Telling it again, or late, does no harm: the greatest
/// number counts.
pub(super) fn fact(quota: &Quota, used: Used, stored: Option<u64>) -> Option<Json> {
    let fact = json!({
        "month": quota.month,
        "rows": used.rows,
        "limit": quota.rows,
        "bytes": stored,
        "bytes_limit": quota.bytes,
    });
    (used.more > 0).then_some(fact)
}

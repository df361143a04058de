//! What a schema takes up. Looking costs a call of the file system for every table and index, so that it is done now and then
//! and believed in between.

use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row as _};

use super::session::failed;
use crate::warehouse::WarehouseError;

/// So long is believed what was seen.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// So many rows may come meanwhile.
const GOOD_FOR_ROWS: u64 = 10_000;

/// Bytes that a row is taken to be at most, with its part of the indexes: near the limit it is looked at before every load.
const ROW: u64 = 64 * 1024;

/// The bytes of a schema: its tables with their indexes and what they keep out of line.
#[derive(Debug, Clone)]
pub(super) struct Size {
    pub bytes: u64,
    at: Instant,
    rows_since: u64,
}

impl Size {
    /// Looks. Space of erased rows counts until PostgreSQL gives it back, which it does at the end of a table alone.
    pub async fn measure(
        connection: &mut PgConnection,
        schema: &str,
    ) -> Result<Self, WarehouseError> {
        let failed = failed("measuring the warehouse");
        let sql = "SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS bigint) FROM pg_class AS c \
                   JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                   WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'm')";
        let row = sqlx::query(sql)
            .bind(schema)
            .fetch_one(connection)
            .await
            .map_err(&failed)?;
        let bytes: i64 = row.try_get(0).map_err(failed)?;
        Ok(Self {
            bytes: u64::try_from(bytes).unwrap_or(0),
            at: Instant::now(),
            rows_since: 0,
        })
    }

    /// The bytes, where they need not be looked at anew to tell whether the limit is reached.
    pub fn still_good(&self, limit: u64) -> Option<u64> {
        let most = self
            .bytes
            .saturating_add(self.rows_since.saturating_mul(ROW));
        let good = most < limit && self.rows_since < GOOD_FOR_ROWS && self.at.elapsed() < GOOD_FOR;
        good.then_some(self.bytes)
    }

    /// Notes rows that came since.
    pub fn add(&mut self, rows: u64) {
        self.rows_since = self.rows_since.saturating_add(rows);
    }
}

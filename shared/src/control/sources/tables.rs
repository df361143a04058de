use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::SourceWriter;
use crate::{
    SourceId,
    control::{ControlError, within},
};

/// The most tables of one source.
const MAX_TABLES: usize = 200;

/// A table of a source: whether it is loaded, by which filter, and how fresh it is. Times are in UTC.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct SourceTable {
    /// The source.
    pub source_id: SourceId,
    /// The table's name in the catalog.
    pub table_name: String,
    /// Whether it is loaded.
    pub enabled: bool,
    /// Which rows are kept; `None` for all. Its shape belongs to whoever evaluates it.
    #[sqlx(json(nullable))]
    pub filter: Option<Json>,
    /// When it is due next; `None` when it never is by itself.
    pub next_at: Option<DateTime<Utc>>,
    /// When it was last read to its end.
    pub last_at: Option<DateTime<Utc>>,
    /// Rows that came then.
    pub last_rows: Option<i64>,
    /// Since when the vendor denies it to this credential.
    pub forbidden_since: Option<DateTime<Utc>>,
    /// How the last attempt ended: `done`, or the code of a failure.
    pub outcome: Option<String>,
    /// When its selection or filter last changed.
    pub changed_at: DateTime<Utc>,
}

/// How an attempt to read a table ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableResult {
    /// `done`, or the code of a failure.
    pub outcome: String,
    /// When it was read to its end; `None` leaves what was before.
    pub last_at: Option<DateTime<Utc>>,
    /// Rows that came; `None` leaves what was before.
    pub last_rows: Option<i64>,
    /// When it is due next.
    pub next_at: Option<DateTime<Utc>>,
    /// Since when the vendor denies it; `None` when it does not.
    pub forbidden_since: Option<DateTime<Utc>>,
}

macro_rules! source_table_columns {
    () => {
        "t.source_id, t.table_name, t.enabled, t.filter, t.next_at, t.last_at, t.last_rows, t.forbidden_since, t.outcome, \
         t.changed_at"
    };
}

pub(super) use source_table_columns;

impl SourceWriter<'_> {
    /// Adds these tables to a source, enabled and due at that time, where it has none of the name yet; `None` for tables
    /// that never are by themselves.
    pub async fn add_tables(
        &mut self,
        id: &SourceId,
        names: &[&str],
        due: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO source_tables (source_id, table_name, enabled, next_at, changed_at) \
                   SELECT id, $3, $4, $5, $6 FROM sources WHERE subscription_id = $1 AND id = $2 \
                   ON CONFLICT (source_id, table_name) DO NOTHING";
        for name in names.iter().take(MAX_TABLES) {
            within!(self.tx, db => sqlx::query(sql)
                .bind(self.subscription)
                .bind(id)
                .bind(*name)
                .bind(true)
                .bind(due)
                .bind(now)
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(ControlError::database("add a table to a source"))?;
        }
        Ok(())
    }

    /// Turns a table on or off. Turned on, it is due at once.
    pub async fn enable_table(
        &mut self,
        id: &SourceId,
        table: &str,
        enabled: bool,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE source_tables SET enabled = $4, changed_at = $5, \
                   next_at = CASE WHEN $4 AND NOT enabled THEN $5 ELSE next_at END \
                   WHERE table_name = $3 AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .bind(enabled)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("turn a table on or off"))?;
        found(changed)
    }

    /// Sets which rows of a table are kept.
    pub async fn set_filter(
        &mut self,
        id: &SourceId,
        table: &str,
        filter: Option<&Json>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE source_tables SET filter = $4, changed_at = $5 \
                   WHERE table_name = $3 AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .bind(filter.map(sqlx::types::Json))
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("set the filter of a table"))?;
        found(changed)
    }

    /// Notes how an attempt to read a table ended that was due at `taken_up` when it began. Where somebody made it due sooner
    /// meanwhile, since its filter or the time zone changed perhaps, it stays so: it was read by what was known before.
    pub async fn table_result(
        &mut self,
        id: &SourceId,
        table: &str,
        result: &TableResult,
        taken_up: Option<DateTime<Utc>>,
    ) -> Result<(), ControlError> {
        // Compared by the statement that writes: whoever makes the table due at this moment comes before or after it.
        let sql = "UPDATE source_tables SET outcome = $4, last_at = COALESCE($5, last_at), \
                   last_rows = COALESCE($6, last_rows), forbidden_since = $8, \
                   next_at = CASE WHEN next_at < $7 AND ($9 IS NULL OR next_at <> $9) THEN next_at ELSE $7 END \
                   WHERE table_name = $3 AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .bind(&result.outcome)
            .bind(result.last_at)
            .bind(result.last_rows)
            .bind(result.next_at)
            .bind(result.forbidden_since)
            .bind(taken_up)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note how a table was read"))?;
        found(changed)
    }

    /// Puts the tables of a source that are on off until that time, for this reason, which all of them say; those that are
    /// never due by themselves say it and stay so. `false` where one of them said so before, or none is on.
    pub async fn stop_tables(
        &mut self,
        id: &SourceId,
        reason: &str,
        until: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let known = "SELECT COUNT(*) FROM source_tables WHERE enabled AND outcome = $3 \
                     AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let known: i64 = within!(self.tx, db => sqlx::query_scalar(known)
            .bind(self.subscription)
            .bind(id)
            .bind(reason)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("look for tables that stand still"))?;
        let sql = "UPDATE source_tables SET outcome = $3, next_at = CASE WHEN next_at IS NULL THEN next_at ELSE $4 END \
                   WHERE enabled AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(reason)
            .bind(until)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("stop the tables of a source"))?;
        Ok(known == 0 && changed > 0)
    }

    /// The tables of a source that said this reason say none any more, and are due at that time; those that are never due by
    /// themselves stay so. `false` where none said it.
    pub async fn restart_tables(
        &mut self,
        id: &SourceId,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE source_tables SET outcome = NULL, next_at = CASE WHEN next_at IS NULL THEN next_at ELSE $4 END \
                   WHERE outcome = $3 \
                   AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(reason)
            .bind(at)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("let the tables of a source go on"))?;
        Ok(changed > 0)
    }

    /// Makes a table due at that time at the latest; one that is off, or never due by itself, stays so.
    pub async fn due_by(
        &mut self,
        id: &SourceId,
        table: &str,
        at: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE source_tables SET next_at = $4 WHERE table_name = $3 AND enabled AND next_at > $4 \
                   AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .bind(at)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("make a table due sooner"))
    }

    /// Makes these tables due at that time, or all where none is named; `None` puts them off until somebody asks.
    pub async fn set_due(
        &mut self,
        id: &SourceId,
        tables: &[&str],
        at: Option<DateTime<Utc>>,
    ) -> Result<(), ControlError> {
        let all = "UPDATE source_tables SET next_at = $3 \
                   WHERE source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        if tables.is_empty() {
            return within!(self.tx, db => sqlx::query(all)
                .bind(self.subscription)
                .bind(id)
                .bind(at)
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(ControlError::database("make tables due"));
        }
        let one = "UPDATE source_tables SET next_at = $3 WHERE table_name = $4 \
                   AND source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        for table in tables.iter().take(MAX_TABLES) {
            within!(self.tx, db => sqlx::query(one)
                .bind(self.subscription)
                .bind(id)
                .bind(at)
                .bind(*table)
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(ControlError::database("make a table due"))?;
        }
        Ok(())
    }
}

fn found(changed: u64) -> Result<(), ControlError> {
    if changed > 0 {
        Ok(())
    } else {
        Err(ControlError::NotFound { what: "table" })
    }
}

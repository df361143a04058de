use chrono::{DateTime, TimeDelta, Utc};

use super::ImportWriter;
use crate::{
    SubscriptionId,
    control::{
        ControlError, Housekeeping, ImportId, ImportStatus, housekeeping::bounded, read, within,
    },
    ports::ObjectKey,
};

/// An import whose step was asked for, and of which nothing was heard for a while.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct UnderWay {
    /// The subscription.
    #[sqlx(rename = "subscription_id")]
    pub subscription: SubscriptionId,
    /// The import.
    #[sqlx(rename = "id")]
    pub import: ImportId,
}

/// How long what belongs to an import is kept once it came no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The uploaded file of an import that is applied, undone or given up: nobody needs it any more.
    pub settled_file: TimeDelta,
    /// The uploaded file of an import that waits for its upload or for a decision, or that failed and could go on.
    pub open_file: TimeDelta,
    /// Its findings, rows kept aside, and what undoing needs.
    pub rows: TimeDelta,
}

/// An import that something is to be removed of.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Unneeded {
    /// The subscription.
    #[sqlx(rename = "subscription_id")]
    pub subscription: SubscriptionId,
    /// The import.
    #[sqlx(rename = "id")]
    pub import: ImportId,
    /// How far it came.
    pub status: ImportStatus,
    /// The uploaded file.
    pub object_key: ObjectKey,
}

impl Housekeeping<'_> {
    /// Imports with a step that was asked for through the queue and that did not change since `before`, longest first.
    pub async fn imports_under_way(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<UnderWay>, ControlError> {
        let sql = "SELECT subscription_id, id FROM imports \
                   WHERE status IN ('uploaded', 'validating', 'applying', 'undoing') AND asked > 0 AND changed_at < $1 \
                   ORDER BY changed_at, id LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql).bind(before).bind(bounded(limit)).fetch_all(db).await)
            .map_err(ControlError::database("list imports that wait"))
    }

    /// Imports whose uploaded file nobody needs any more, by how long they came no further; longest first.
    pub async fn unneeded_uploads(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Unneeded>, ControlError> {
        let sql = "SELECT subscription_id, id, status, object_key FROM imports WHERE file_removed_at IS NULL \
                   AND ((status IN ('applied', 'undone', 'abandoned') AND changed_at <= $1) \
                   OR (status IN ('waiting', 'previewed', 'failed') AND changed_at <= $2)) \
                   ORDER BY changed_at, id LIMIT $3";
        read!(self.control, db => sqlx::query_as(sql)
            .bind(now - retention.settled_file)
            .bind(now - retention.open_file)
            .bind(bounded(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list uploads to remove"))
    }

    /// Imports that are over and of which the warehouse need not keep anything any more, longest first.
    pub async fn unneeded_rows(
        &self,
        retention: &Retention,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Unneeded>, ControlError> {
        let sql = "SELECT subscription_id, id, status, object_key FROM imports WHERE swept_at IS NULL \
                   AND status IN ('applied', 'undone', 'abandoned', 'failed') AND changed_at <= $1 \
                   ORDER BY changed_at, id LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql)
            .bind(now - retention.rows)
            .bind(bounded(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list imports to sweep"))
    }
}

impl ImportWriter<'_> {
    /// The uploaded file is removed.
    pub async fn file_removed(
        &mut self,
        id: &ImportId,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE imports SET file_removed_at = $3 \
                   WHERE subscription_id = $1 AND id = $2 AND file_removed_at IS NULL";
        self.mark(sql, id, now).await.map(|_| ())
    }

    /// What the warehouse keeps of the import may go from now on, if it is still over: it cannot be taken back any more.
    /// Whether it may.
    pub async fn sweeping(
        &mut self,
        id: &ImportId,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE imports SET sweeping_at = COALESCE(sweeping_at, $3) WHERE subscription_id = $1 AND id = $2 \
                   AND status IN ('applied', 'undone', 'abandoned', 'failed')";
        Ok(self.mark(sql, id, now).await? > 0)
    }

    /// It is gone.
    pub async fn swept(&mut self, id: &ImportId, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "UPDATE imports SET swept_at = $3 WHERE subscription_id = $1 AND id = $2";
        self.mark(sql, id, now).await.map(|_| ())
    }

    /// A message for its present step was sent again: it is left alone for a while.
    pub async fn resent(&mut self, id: &ImportId, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "UPDATE imports SET changed_at = $3 WHERE subscription_id = $1 AND id = $2 \
                   AND status IN ('uploaded', 'validating', 'applying', 'undoing')";
        self.mark(sql, id, now).await.map(|_| ())
    }

    async fn mark(
        &mut self,
        sql: &'static str,
        id: &ImportId,
        now: DateTime<Utc>,
    ) -> Result<u64, ControlError> {
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("mark an import"))
    }
}

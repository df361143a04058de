use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use super::{By, Import, ImportStatus, NewImport, import_columns, steps::STEP};
use crate::{
    SubscriptionId,
    control::{
        ControlError, Failure, ImportId, Tx,
        idempotency::{check_key, request_hash},
        within,
    },
};

/// Changes to one subscription's imports, within a transaction.
///
/// Each step checks in its own statement that it may follow on the present state; otherwise it is
/// [`ControlError::Transition`]. A step that a worker takes again after a redelivery (validating, applying, undoing and
/// what ends them) may follow on itself.
#[derive(Debug)]
pub struct ImportWriter<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) subscription: &'a SubscriptionId,
}

/// What a step brings along; what is `None` stays as it was.
#[derive(Default)]
struct Change<'a> {
    size: Option<i64>,
    mapping: Option<&'a Value>,
    counts: Option<&'a Value>,
    failure: Option<&'a Failure>,
    by: By,
    /// The step is taken only while this is what was asked last.
    asked: Option<i64>,
}

impl Tx {
    /// Changes to that subscription's imports.
    pub fn imports<'a>(&'a mut self, subscription: &'a SubscriptionId) -> ImportWriter<'a> {
        ImportWriter {
            tx: self,
            subscription,
        }
    }
}

impl ImportWriter<'_> {
    /// Makes an import that waits for its file. The same request by the same actor under the same idempotency key gives
    /// the import made before; another one under that key is [`ControlError::IdempotencyMismatch`].
    pub async fn create(
        &mut self,
        new: &NewImport,
        idempotency_key: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        check_key(idempotency_key)?;
        let order_hash = request_hash(new)?;
        let sql = concat!(
            "INSERT INTO imports (id, subscription_id, created_by, file_name, object_key, format, table_name, mapping, \
             merge, options, idempotency_key, order_hash, status, counts, created_at, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'waiting', $13, $14, $14) \
             ON CONFLICT (subscription_id, created_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING \
             RETURNING ",
            import_columns!()
        );
        let inserted: Option<Import> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(ImportId::random())
            .bind(self.subscription)
            .bind(&new.created_by)
            .bind(&new.file_name)
            .bind(&new.object_key)
            .bind(new.format)
            .bind(&new.table)
            .bind(Json(&new.mapping))
            .bind(new.merge)
            .bind(Json(&new.options))
            .bind(idempotency_key)
            .bind(&order_hash)
            .bind(Json(serde_json::json!({})))
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("create an import"))?
        .pop();
        match inserted {
            Some(import) => Ok(import),
            None => self.created_before(new, idempotency_key, &order_hash).await,
        }
    }

    async fn created_before(
        &mut self,
        new: &NewImport,
        idempotency_key: Option<&str>,
        order_hash: &str,
    ) -> Result<Import, ControlError> {
        let sql = "SELECT id, order_hash FROM imports \
                   WHERE subscription_id = $1 AND created_by = $2 AND idempotency_key = $3";
        let earlier: Option<(ImportId, String)> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(&new.created_by)
            .bind(idempotency_key)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("find the earlier import"))?;
        match earlier {
            Some((id, hash)) if hash == order_hash => self.get(&id).await,
            Some(_) => Err(ControlError::IdempotencyMismatch),
            None => Err(ControlError::NotFound { what: "import" }),
        }
    }

    /// The file is there, with that many bytes.
    pub async fn uploaded(
        &mut self,
        id: &ImportId,
        size: i64,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Uploaded,
            Change {
                size: Some(size),
                by,
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// Reading and comparing begins, with the column mapping if one was chosen.
    pub async fn validating(
        &mut self,
        id: &ImportId,
        mapping: Option<&Value>,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Validating,
            Change {
                mapping,
                by,
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// The preview is ready, with counts per table, of what was asked last when the reading began. What was asked since
    /// makes this a [`ControlError::Transition`]: the preview is of another mapping.
    pub async fn previewed(
        &mut self,
        id: &ImportId,
        asked: i64,
        counts: &Value,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Previewed,
            Change {
                counts: Some(counts),
                asked: Some(asked),
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// Keeps which column is which, as the headers of the file tell.
    pub async fn guessed(&mut self, id: &ImportId, guess: &Value) -> Result<(), ControlError> {
        let sql = "UPDATE imports SET guess = $3 WHERE subscription_id = $1 AND id = $2";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(Json(guess))
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("keep the guess of a mapping"))
    }

    /// Writing begins, or goes on from the checkpoint.
    pub async fn applying(
        &mut self,
        id: &ImportId,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        let change = Change {
            by,
            ..Change::default()
        };
        self.step(id, ImportStatus::Applying, change, now).await
    }

    /// All rows are written, with counts per table.
    pub async fn applied(
        &mut self,
        id: &ImportId,
        counts: &Value,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Applied,
            Change {
                counts: Some(counts),
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// Taking back begins, or goes on from the checkpoint.
    pub async fn undoing(
        &mut self,
        id: &ImportId,
        by: By,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        let change = Change {
            by,
            ..Change::default()
        };
        self.step(id, ImportStatus::Undoing, change, now).await
    }

    /// All rows that nobody touched are taken back, with counts per table.
    pub async fn undone(
        &mut self,
        id: &ImportId,
        counts: &Value,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Undone,
            Change {
                counts: Some(counts),
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// It broke off; it can be begun again where it was.
    pub async fn fail(
        &mut self,
        id: &ImportId,
        failure: &Failure,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(
            id,
            ImportStatus::Failed,
            Change {
                failure: Some(failure),
                ..Change::default()
            },
            now,
        )
        .await
    }

    /// It is given up; possible while nothing was written.
    pub async fn abandon(
        &mut self,
        id: &ImportId,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        self.step(id, ImportStatus::Abandoned, Change::default(), now)
            .await
    }

    /// Notes where applying or undoing goes on, and the counts so far.
    pub async fn checkpoint(
        &mut self,
        id: &ImportId,
        checkpoint: &Value,
        counts: &Value,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE imports SET checkpoint = $3, counts = $4, changed_at = $5 \
                   WHERE subscription_id = $1 AND id = $2 AND status IN ('applying', 'undoing')";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(Json(checkpoint))
            .bind(Json(counts))
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note a checkpoint"))?;
        if changed > 0 {
            return Ok(());
        }
        let from = self.get(id).await?.status.as_str();
        Err(ControlError::Transition {
            what: "import",
            from,
            to: "checkpointed",
        })
    }

    /// The import as this transaction sees it.
    pub async fn get(&mut self, id: &ImportId) -> Result<Import, ControlError> {
        let sql = concat!(
            "SELECT ",
            import_columns!(),
            " FROM imports WHERE subscription_id = $1 AND id = $2"
        );
        within!(self.tx, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read an import"))?
            .ok_or(ControlError::NotFound { what: "import" })
    }

    async fn step(
        &mut self,
        id: &ImportId,
        to: ImportStatus,
        change: Change<'_>,
        now: DateTime<Utc>,
    ) -> Result<Import, ControlError> {
        let stepped: Option<Import> = within!(self.tx, db => sqlx::query_as(STEP)
            .bind(self.subscription)
            .bind(id)
            .bind(to)
            .bind(change.size)
            .bind(change.mapping.map(Json))
            .bind(change.counts.map(Json))
            .bind(change.failure.map(|failure| &failure.code))
            .bind(change.failure.map(|failure| Json(&failure.details)))
            .bind(now)
            .bind(i64::from(change.by == By::Request))
            .bind(change.asked)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("take an import further"))?
        .pop();
        match stepped {
            Some(import) => Ok(import),
            None => {
                let from = self.get(id).await?.status.as_str();
                Err(ControlError::Transition {
                    what: "import",
                    from,
                    to: to.as_str(),
                })
            }
        }
    }
}

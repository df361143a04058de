use chrono::{DateTime, Utc};

use super::{Source, SourceTable, source_columns, tables::source_table_columns};
use crate::{
    SourceId, SubscriptionId,
    control::{
        Control, ControlError, CredentialId, HEARD_OF, Housekeeping, read,
        runs::under_way::handed_over,
    },
};

/// The most rows of one list.
const MAX_ROWS: i64 = 500;

/// One subscription's sources, to read.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    pub(super) control: &'a Control,
    pub(super) subscription: &'a SubscriptionId,
}

impl Control {
    /// That subscription's sources.
    pub fn sources<'a>(&'a self, subscription: &'a SubscriptionId) -> Sources<'a> {
        Sources {
            control: self,
            subscription,
        }
    }

    /// The source of that id; the id names its subscription. Removed sources are there too.
    pub async fn source(&self, id: &SourceId) -> Result<Source, ControlError> {
        self.sources(id.subscription()).get(id).await
    }
}

impl Sources<'_> {
    /// The source of that id, a removed one too.
    pub async fn get(&self, id: &SourceId) -> Result<Source, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a source"))?
            .ok_or(ControlError::NotFound { what: "source" })
    }

    /// The sources that are not removed, oldest first; at most 500.
    pub async fn list(&self) -> Result<Vec<Source>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND state <> 'removed' ORDER BY created_at, id LIMIT $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list sources"))
    }

    /// The ids of all sources whose rows may be held, oldest first, at most 500: of those that were removed too, unless their
    /// rows went with them.
    pub async fn with_rows(&self) -> Result<Vec<SourceId>, ControlError> {
        let sql = "SELECT id FROM sources WHERE subscription_id = $1 \
                   AND (state <> 'removed' OR NOT remove_rows) ORDER BY created_at, id LIMIT $2";
        read!(self.control, db => sqlx::query_scalar(sql).bind(self.subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list sources with rows"))
    }

    /// The sources that sign in with this credential and are not removed; at most 500.
    pub async fn of_credential(&self, id: &CredentialId) -> Result<Vec<Source>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND credential_id = $2 AND state <> 'removed' \
             ORDER BY created_at, id LIMIT $3"
        );
        read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(MAX_ROWS)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list the sources of a credential"))
    }

    /// Whether this source, or one of all, was not used since that time.
    pub async fn idle(
        &self,
        id: Option<&SourceId>,
        since: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "SELECT COUNT(*) FROM sources WHERE subscription_id = $1 AND ($2 = '' OR id = $2) \
                   AND state <> 'removed' AND (last_used_at IS NULL OR last_used_at < $3)";
        let idle: i64 = read!(self.control, db => sqlx::query_scalar(sql)
            .bind(self.subscription)
            .bind(id.map_or("", SourceId::as_str))
            .bind(since)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("look for sources that are not used"))?;
        Ok(idle > 0)
    }

    /// The tables of a source, by name.
    pub async fn tables(&self, id: &SourceId) -> Result<Vec<SourceTable>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_table_columns!(),
            " FROM source_tables t JOIN sources s ON s.id = t.source_id \
             WHERE s.subscription_id = $1 AND t.source_id = $2 ORDER BY t.table_name LIMIT $3"
        );
        read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(MAX_ROWS)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list the tables of a source"))
    }

    /// The tables of all sources that are not removed, to tell how fresh each is; at most 20,000.
    pub async fn all_tables(&self) -> Result<Vec<SourceTable>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_table_columns!(),
            " FROM source_tables t JOIN sources s ON s.id = t.source_id \
             WHERE s.subscription_id = $1 AND s.state <> 'removed' ORDER BY t.source_id, t.table_name LIMIT 20000"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).fetch_all(db).await)
            .map_err(ControlError::database("list the tables of all sources"))
    }
}

impl Housekeeping<'_> {
    /// Active sources with a table that is due by now and that nobody works on, longest due first; at most 1,000. One whose
    /// last pull waits for its next turn is not among them: that pull reads what is due by then.
    pub async fn sources_due(
        &self,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<SourceId>, ControlError> {
        let sql = concat!(
            "SELECT t.source_id FROM source_tables t JOIN sources s ON s.id = t.source_id \
             WHERE t.enabled AND t.next_at <= $1 AND s.state = 'active' \
             AND (s.lease_until IS NULL OR s.lease_until <= $1) \
             AND t.source_id NOT IN (SELECT runs.source_id FROM runs WHERE ",
            handed_over!(),
            " AND runs.changed_at > $2) \
             GROUP BY t.source_id ORDER BY MIN(t.next_at), t.source_id LIMIT $3"
        );
        let limit = i64::try_from(limit.min(1_000)).unwrap_or(1);
        read!(self.control(), db => sqlx::query_scalar(sql)
            .bind(now)
            .bind(now - HEARD_OF)
            .bind(limit)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list sources that are due"))
    }

    /// Removed sources whose rows are still to go, longest removed first; at most 1,000.
    pub async fn sources_to_clear(&self, limit: usize) -> Result<Vec<SourceId>, ControlError> {
        let sql = "SELECT id FROM sources WHERE remove_rows AND rows_removed_at IS NULL AND state = 'removed' \
                   ORDER BY removed_at, id LIMIT $1";
        let limit = i64::try_from(limit.min(1_000)).unwrap_or(1);
        read!(self.control(), db => sqlx::query_scalar(sql).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("list sources to clear"))
    }
}

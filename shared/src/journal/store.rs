use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Category, Entry, NewEntry, Severity};
use crate::{
    SubscriptionId,
    control::{Control, ControlError, Cursor, JournalId, Page, Tx, read, within},
};

/// The longest dedupe key, in bytes.
const MAX_KEY: usize = 300;

/// One subscription's journal, to read.
#[derive(Debug, Clone, Copy)]
pub struct Journal<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

/// Which entries to list; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalFilter {
    /// Only what is about this.
    pub category: Option<Category>,
    /// Only what matters exactly that much.
    pub severity: Option<Severity>,
    /// Only what concerns this source.
    pub source_id: Option<String>,
    /// Only what happened at that time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only what happened before that time.
    pub until: Option<DateTime<Utc>>,
}

impl Control {
    /// That subscription's journal.
    pub fn journal<'a>(&'a self, subscription: &'a SubscriptionId) -> Journal<'a> {
        Journal {
            control: self,
            subscription,
        }
    }
}

impl Journal<'_> {
    /// The entries from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn list(
        &self,
        filter: &JournalFilter,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Entry>, ControlError> {
        let sql = "SELECT id, subscription_id, at, category, severity, source_id, actor, code, counts, details \
                   FROM journal WHERE subscription_id = $1 AND (at, id) < ($2, $3) AND at >= $4 AND at < $5 \
                   AND ($6 = '' OR category = $6) AND ($7 = '' OR severity = $7) AND ($8 = '' OR source_id = $8) \
                   ORDER BY at DESC, id DESC LIMIT $9";
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(filter.since.unwrap_or(DateTime::UNIX_EPOCH))
            .bind(filter.until.unwrap_or(Cursor::start().at))
            .bind(filter.category.map_or("", Category::as_str))
            .bind(filter.severity.map_or("", Severity::as_str))
            .bind(filter.source_id.as_deref().unwrap_or(""))
            .bind(Page::<Entry>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list the journal"))?;
        Ok(Page::cut(rows, limit, |row: &Entry| Cursor {
            at: row.at,
            id: row.id.to_string(),
        }))
    }
}

impl Tx {
    /// Notes what happened to the subscription; `false` when the same thing was noted before.
    pub async fn append_journal(
        &mut self,
        subscription: &SubscriptionId,
        entry: &NewEntry,
    ) -> Result<bool, ControlError> {
        if entry.dedupe_key.is_empty() || entry.dedupe_key.len() > MAX_KEY {
            return Err(ControlError::Invalid {
                field: "dedupe key",
            });
        }
        let sql = "INSERT INTO journal \
                   (id, subscription_id, at, category, severity, source_id, actor, code, counts, details, dedupe_key) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                   ON CONFLICT (subscription_id, dedupe_key) DO NOTHING";
        let inserted = within!(self, db => sqlx::query(sql)
            .bind(JournalId::random())
            .bind(subscription)
            .bind(entry.at)
            .bind(entry.category)
            .bind(entry.severity)
            .bind(&entry.source_id)
            .bind(&entry.actor)
            .bind(&entry.code)
            .bind(Json(&entry.counts))
            .bind(Json(&entry.details))
            .bind(&entry.dedupe_key)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("append to the journal"))?;
        Ok(inserted > 0)
    }
}

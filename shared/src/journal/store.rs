use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Category, Entry, NewEntry, Severity};
use crate::{
    SubscriptionId,
    control::{Actor, Control, ControlError, Cursor, JournalId, Page, Tx, read, within},
};

/// The longest dedupe key, in bytes.
const MAX_KEY: usize = 300;

/// The longest code that is looked for, in bytes.
const MAX_CODE: usize = 80;

/// Lists entries; the place is that of the condition on the category, `$6`.
macro_rules! listing {
    ($category:literal) => {
        concat!(
            "SELECT id, subscription_id, at, category, severity, source_id, actor, code, counts, details \
             FROM journal WHERE subscription_id = $1 AND (at, id) < ($2, $3) AND at >= $4 AND at < $5 AND ",
            $category,
            " AND ($7 = '' OR severity = $7) AND ($8 = '' OR source_id = $8) \
             AND ($9 = '' OR actor = $9 OR actor LIKE $10) AND ($11 = '' OR code = $11 OR code LIKE $12) \
             ORDER BY at DESC, id DESC LIMIT $13"
        )
    };
}

/// The pattern of what stands below a word; the words that come here hold no signs of patterns.
fn below(word: Option<&str>, mark: char) -> String {
    word.map_or_else(String::new, |word| format!("{word}{mark}%"))
}

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
    /// Only what these did.
    pub actor: Option<ActorFilter>,
    /// Only this code, or those below it: `export` stands for `export.ordered` and its like too.
    pub code: Option<CodeFilter>,
    /// Only what happened at that time or later.
    pub since: Option<DateTime<Utc>>,
    /// Only what happened before that time.
    pub until: Option<DateTime<Utc>>,
}

/// Whose doings to list: one actor as stored (`account:ID`, `token:ID`, `cli`, `system`), or all people or programs
/// (`account`, `token`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorFilter(String);

impl FromStr for ActorFilter {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self, ControlError> {
        let known = matches!(text, "account" | "token") || text.parse::<Actor>().is_ok();
        known
            .then(|| Self(text.to_owned()))
            .ok_or(ControlError::Invalid { field: "actor" })
    }
}

/// The beginning of a code, up to a dot or its end: letters, digits, dots and hyphens, at most 80.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeFilter(String);

impl FromStr for CodeFilter {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self, ControlError> {
        let letter = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
        };
        let known = (1..=MAX_CODE).contains(&text.len()) && text.bytes().all(letter);
        known
            .then(|| Self(text.trim_end_matches('.').to_owned()))
            .filter(|code| !code.0.is_empty())
            .ok_or(ControlError::Invalid { field: "code" })
    }
}

impl fmt::Display for ActorFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for CodeFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
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
        // A condition that need not hold would keep the index by category from being used.
        let sql = match filter.category {
            None => listing!("$6 = ''"),
            Some(_) => listing!("category = $6"),
        };
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
            .bind(filter.actor.as_ref().map_or("", |actor| actor.0.as_str()))
            .bind(below(filter.actor.as_ref().map(|actor| actor.0.as_str()), ':'))
            .bind(filter.code.as_ref().map_or("", |code| code.0.as_str()))
            .bind(below(filter.code.as_ref().map(|code| code.0.as_str()), '.'))
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

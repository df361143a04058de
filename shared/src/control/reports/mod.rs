use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{
    Actor, Control, ControlError, Cursor, Housekeeping, JobId, Page, ReportId, read,
    text_enum::text_enum,
};
use crate::SubscriptionId;

mod kept;
#[cfg(test)]
mod tests;
mod writer;

pub use writer::{NewReport, ReportWriter};

/// The most tables of one subscription's reports that are listed.
const MOST_TABLES: i64 = 2_000;

text_enum! {
    /// What records a report is made of.
    ReportKind {
        /// Documents of the stock.
        Documents = "documents",
        /// Appointments with the consumables that were used.
        Consumables = "consumables",
        /// Movements of goods.
        GoodsTransactions = "goods_transactions",
        /// Movements of money.
        FinanceTransactions = "finance_transactions",
        /// Categories of appointments.
        RecordCategories = "record_categories",
        /// Services.
        Services = "services",
    }
}

/// A user-defined extract. Times are in UTC.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// The job that refreshes it; of a removed one that whose last run may still have been writing then.
    pub job_id: Option<JobId>,
    /// Where its records come from.
    pub source_id: String,
    /// What records it is made of.
    pub kind: ReportKind,
    /// Its name.
    pub name: String,
    /// Which fields it keeps and where: JSON, as reports define it.
    #[sqlx(json)]
    pub definition: Json,
    /// What was met in records so far, as reports define it.
    #[sqlx(json)]
    pub known_paths: Json,
    /// Paths that were met since and are not used, as a list of texts.
    #[sqlx(json)]
    pub offered_paths: Vec<String>,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// When it was removed; its rows may still be there.
    pub removed_at: Option<DateTime<Utc>>,
    /// Whether its rows go with it: set until they are gone.
    pub clear_rows: bool,
    /// When they were gone.
    pub rows_removed_at: Option<DateTime<Utc>>,
}

/// A table that a report fills.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct ReportTable {
    /// Its name.
    pub name: String,
    /// The report.
    pub report_id: ReportId,
    /// How its rows come out of records, as reports define it.
    #[sqlx(json)]
    pub structure: Json,
}

/// One subscription's reports, to read.
#[derive(Debug, Clone, Copy)]
pub struct Reports<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

macro_rules! report_columns {
    () => {
        "id, subscription_id, job_id, source_id, kind, name, definition, known_paths, offered_paths, created_by, \
         created_at, changed_at, removed_at, clear_rows, rows_removed_at"
    };
}

use report_columns;

impl Control {
    /// That subscription's reports.
    pub fn reports<'a>(&'a self, subscription: &'a SubscriptionId) -> Reports<'a> {
        Reports {
            control: self,
            subscription,
        }
    }
}

impl Reports<'_> {
    /// The report of that id; [`ControlError::NotFound`] when this subscription has none.
    pub async fn get(&self, id: &ReportId) -> Result<Report, ControlError> {
        let sql = concat!(
            "SELECT ",
            report_columns!(),
            " FROM reports WHERE subscription_id = $1 AND id = $2 AND removed_at IS NULL"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a report"))?
            .ok_or(ControlError::NotFound { what: "report" })
    }

    /// The reports from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn list(
        &self,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Report>, ControlError> {
        let sql = concat!(
            "SELECT ",
            report_columns!(),
            " FROM reports WHERE subscription_id = $1 AND removed_at IS NULL AND (created_at, id) < ($2, $3) \
             ORDER BY created_at DESC, id DESC LIMIT $4"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(Page::<Report>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list reports"))?;
        Ok(Page::cut(rows, limit, |row: &Report| Cursor {
            at: row.created_at,
            id: row.id.to_string(),
        }))
    }

    /// The tables of a report, in the order of its description.
    pub async fn tables_of(&self, id: &ReportId) -> Result<Vec<ReportTable>, ControlError> {
        let sql = "SELECT name, report_id, structure FROM report_tables WHERE subscription_id = $1 AND report_id = $2 \
                   ORDER BY position, name";
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_all(db).await)
            .map_err(ControlError::database("list tables of a report"))
    }

    /// The tables of all reports, those of removed ones too, by name; at most 2,000.
    pub async fn tables(&self) -> Result<Vec<ReportTable>, ControlError> {
        let sql = "SELECT name, report_id, structure FROM report_tables WHERE subscription_id = $1 ORDER BY name LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MOST_TABLES).fetch_all(db).await)
            .map_err(ControlError::database("list tables of reports"))
    }

    /// The table of this name, of any report, removed ones too.
    pub async fn table(&self, name: &str) -> Result<Option<ReportTable>, ControlError> {
        let sql = "SELECT name, report_id, structure FROM report_tables WHERE subscription_id = $1 AND name = $2";
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(name).fetch_optional(db).await)
            .map_err(ControlError::database("read a table of a report"))
    }

    /// What kind each report is of, those of removed reports too: their rows may still be there. At most 10,000, the newest.
    pub async fn kinds(&self) -> Result<BTreeMap<ReportId, ReportKind>, ControlError> {
        let sql = "SELECT id, kind FROM reports WHERE subscription_id = $1 ORDER BY created_at DESC, id DESC LIMIT 10000";
        let kinds: Vec<(ReportId, ReportKind)> = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list the kinds of reports"))?;
        Ok(kinds.into_iter().collect())
    }

    /// The names of all these tables.
    pub async fn table_names(&self) -> Result<BTreeSet<String>, ControlError> {
        let tables = self.tables().await?;
        Ok(tables.into_iter().map(|table| table.name).collect())
    }
}

impl Housekeeping<'_> {
    /// Reports of all subscriptions that were removed with their rows before that time, and whose rows are still to go.
    pub async fn reports_to_clear(
        &self,
        removed_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Report>, ControlError> {
        let sql = concat!(
            "SELECT ",
            report_columns!(),
            " FROM reports WHERE clear_rows AND removed_at <= $1 ORDER BY removed_at, id LIMIT $2"
        );
        let limit = i64::try_from(limit.min(1_000)).unwrap_or(1);
        read!(self.control(), db => sqlx::query_as(sql).bind(removed_before).bind(limit).fetch_all(db).await)
            .map_err(ControlError::database("list reports to clear"))
    }
}

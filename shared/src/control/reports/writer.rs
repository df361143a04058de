use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

use super::{Report, ReportKind, report_columns};
use crate::{
    SubscriptionId,
    control::{Actor, ControlError, JobId, ReportId, Tx, within},
};

/// Changes to one subscription's reports, within a transaction.
#[derive(Debug)]
pub struct ReportWriter<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) subscription: &'a SubscriptionId,
}

/// A report to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReport {
    /// Where its records come from.
    pub source_id: String,
    /// What records it is made of.
    pub kind: ReportKind,
    /// Its name.
    pub name: String,
    /// Which fields it keeps and where.
    pub definition: Value,
    /// What was met in the sample.
    pub known_paths: Value,
    /// Its tables, by name: how their rows come out of records.
    pub tables: Vec<(String, Value)>,
}

impl Tx {
    /// Changes to that subscription's reports.
    pub fn reports<'a>(&'a mut self, subscription: &'a SubscriptionId) -> ReportWriter<'a> {
        ReportWriter {
            tx: self,
            subscription,
        }
    }
}

impl ReportWriter<'_> {
    /// Keeps a report and takes the names of its tables; [`ControlError::Taken`] where another report has one of them.
    pub async fn create(
        &mut self,
        new: &NewReport,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Report, ControlError> {
        let sql = concat!(
            "INSERT INTO reports (id, subscription_id, source_id, kind, name, definition, known_paths, offered_paths, \
             created_by, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) RETURNING ",
            report_columns!()
        );
        let report: Report = within!(self.tx, db => sqlx::query_as(sql)
            .bind(ReportId::random())
            .bind(self.subscription)
            .bind(&new.source_id)
            .bind(new.kind)
            .bind(&new.name)
            .bind(Json(&new.definition))
            .bind(Json(&new.known_paths))
            .bind(Json(Vec::<String>::new()))
            .bind(by)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("keep a report"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "report" })?;
        for (position, (name, structure)) in (0_i64..).zip(&new.tables) {
            self.take_table(&report.id, name, position, structure)
                .await?;
        }
        Ok(report)
    }

    async fn take_table(
        &mut self,
        report: &ReportId,
        name: &str,
        position: i64,
        structure: &Value,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO report_tables (subscription_id, name, report_id, position, structure) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subscription_id, name) DO NOTHING";
        let taken = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(name)
            .bind(report)
            .bind(position)
            .bind(Json(structure))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("keep a table of a report"))?;
        match taken {
            0 => Err(ControlError::Taken {
                field: "name of a table",
            }),
            _ => Ok(()),
        }
    }

    /// Gives a report another name and definition, and notes what of its fields is still offered.
    pub async fn change(
        &mut self,
        id: &ReportId,
        name: &str,
        definition: &Value,
        offered: &[String],
        now: DateTime<Utc>,
    ) -> Result<Report, ControlError> {
        let sql = concat!(
            "UPDATE reports SET name = $3, definition = $4, offered_paths = $5, changed_at = $6 \
             WHERE subscription_id = $1 AND id = $2 AND removed_at IS NULL RETURNING ",
            report_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(name)
            .bind(Json(definition))
            .bind(Json(offered))
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("change a report"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "report" })
    }

    /// Notes which job refreshes it.
    pub async fn set_job(&mut self, id: &ReportId, job: &JobId) -> Result<(), ControlError> {
        let sql = "UPDATE reports SET job_id = $3 WHERE subscription_id = $1 AND id = $2";
        within!(self.tx, db => sqlx::query(sql).bind(self.subscription).bind(id).bind(job).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("note the job of a report"))
    }

    /// Notes what was met in records so far, and what of it is offered.
    pub async fn note_paths(
        &mut self,
        id: &ReportId,
        known: &Value,
        offered: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE reports SET known_paths = $3, offered_paths = $4, changed_at = $5 \
                   WHERE subscription_id = $1 AND id = $2";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(Json(known))
            .bind(Json(offered))
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note paths of a report"))
    }

    /// How rows of a table come out of records, as this transaction sees it. On PostgreSQL nobody else changes it until the
    /// transaction ends, as on SQLite.
    pub async fn structure(&mut self, id: &ReportId, table: &str) -> Result<Value, ControlError> {
        let sql = "UPDATE report_tables SET name = name WHERE subscription_id = $1 AND report_id = $2 AND name = $3 \
                   RETURNING structure";
        let found: Option<(Json<Value>,)> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("read the structure of a table"))?;
        found
            .map(|(structure,)| structure.0)
            .ok_or(ControlError::NotFound {
                what: "table of a report",
            })
    }

    /// Notes how rows of a table come out of records from now on.
    pub async fn note_structure(
        &mut self,
        id: &ReportId,
        table: &str,
        structure: &Value,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE report_tables SET structure = $4 WHERE subscription_id = $1 AND report_id = $2 AND name = $3";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(table)
            .bind(Json(structure))
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note the structure of a table"))
    }

    /// Removes a report. Its rows stay, and with them the names of its tables, until [`Self::cleared`] where they are to go.
    pub async fn remove(
        &mut self,
        id: &ReportId,
        clear_rows: bool,
        now: DateTime<Utc>,
    ) -> Result<Report, ControlError> {
        let sql = concat!(
            "UPDATE reports SET removed_at = $3, changed_at = $3, clear_rows = $4 WHERE subscription_id = $1 AND id = $2 \
             AND removed_at IS NULL RETURNING ",
            report_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .bind(clear_rows)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("remove a report"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "report" })
    }

    /// Notes that the rows of a removed report are gone, and frees the names of its tables; `false` when that was done before.
    pub async fn cleared(
        &mut self,
        id: &ReportId,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let done = "UPDATE reports SET clear_rows = $3, rows_removed_at = $4 WHERE subscription_id = $1 AND id = $2 AND clear_rows";
        let done = within!(self.tx, db => sqlx::query(done)
            .bind(self.subscription)
            .bind(id)
            .bind(false)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note that a report is cleared"))?;
        let free = "DELETE FROM report_tables WHERE subscription_id = $1 AND report_id = $2";
        if done > 0 {
            within!(self.tx, db => sqlx::query(free).bind(self.subscription).bind(id).execute(db).await.map(|_| ()))
                .map_err(ControlError::database("free the tables of a report"))?;
        }
        Ok(done > 0)
    }
}

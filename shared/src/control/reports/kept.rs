//! Removed reports whose rows may still be there: shown, given up with their rows, and ended with their source.

use chrono::{DateTime, Utc};

use super::{Report, ReportWriter, Reports, report_columns};
use crate::{
    SourceId,
    control::{ControlError, Housekeeping, ReportId, RowsLeft, read, within},
};

/// The most reports of one list.
const MOST_REPORTS: i64 = 200;

impl Report {
    /// What became of its rows, where it is removed; `None` while it is there.
    pub fn rows_left(&self) -> Option<RowsLeft> {
        self.removed_at?;
        Some(match (self.rows_removed_at, self.clear_rows) {
            (Some(_), _) => RowsLeft::Gone,
            (None, true) => RowsLeft::Going,
            (None, false) => RowsLeft::Kept,
        })
    }
}

impl Reports<'_> {
    /// The removed reports of which rows may still be there, latest removed first; at most 200.
    pub async fn removed(&self) -> Result<Vec<Report>, ControlError> {
        let sql = concat!(
            "SELECT ",
            report_columns!(),
            " FROM reports WHERE subscription_id = $1 AND removed_at IS NOT NULL AND rows_removed_at IS NULL \
             ORDER BY removed_at DESC, id LIMIT $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MOST_REPORTS).fetch_all(db).await)
            .map_err(ControlError::database("list removed reports"))
    }
}

impl ReportWriter<'_> {
    /// The rows of a removed report are to go after all, which is done afterwards. Again, it changes nothing.
    /// [`ControlError::NotFound`] for a report that is not removed, and for one whose rows are gone.
    pub async fn give_up_rows(
        &mut self,
        id: &ReportId,
        now: DateTime<Utc>,
    ) -> Result<Report, ControlError> {
        let sql = concat!(
            "UPDATE reports SET clear_rows = $4, changed_at = CASE WHEN clear_rows THEN changed_at ELSE $3 END \
             WHERE subscription_id = $1 AND id = $2 AND removed_at IS NOT NULL AND rows_removed_at IS NULL RETURNING ",
            report_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .bind(true)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("give up the rows of a report"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "report" })
    }

    /// Notes that no run of a removed report's job can be writing any more.
    pub async fn forget_job(&mut self, id: &ReportId) -> Result<(), ControlError> {
        let sql = "UPDATE reports SET job_id = NULL WHERE subscription_id = $1 AND id = $2 AND removed_at IS NOT NULL";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("forget the job of a report"))
    }

    /// Removes the reports of a source with their rows, those too that were removed before and whose rows were kept; how many
    /// there were until now. Their rows go afterwards.
    pub async fn remove_of_source(
        &mut self,
        source: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<u64, ControlError> {
        let kept = "UPDATE reports SET clear_rows = $4, changed_at = $3 WHERE subscription_id = $1 AND source_id = $2 \
                    AND removed_at IS NOT NULL AND rows_removed_at IS NULL";
        let live = "UPDATE reports SET clear_rows = $4, changed_at = $3, removed_at = $3 \
                    WHERE subscription_id = $1 AND source_id = $2 AND removed_at IS NULL";
        let mut removed = 0;
        for sql in [kept, live] {
            removed = within!(self.tx, db => sqlx::query(sql)
                .bind(self.subscription)
                .bind(source)
                .bind(now)
                .bind(true)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))
            .map_err(ControlError::database("remove the reports of a source"))?;
        }
        Ok(removed)
    }
}

impl Housekeeping<'_> {
    /// Reports of a source that were removed with their rows, at `removed_at` or before `settled`, and whose rows are still to
    /// go; at most `limit`.
    pub async fn reports_of_source_to_clear(
        &self,
        source: &SourceId,
        removed_at: DateTime<Utc>,
        settled: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Report>, ControlError> {
        let sql = concat!(
            "SELECT ",
            report_columns!(),
            " FROM reports WHERE source_id = $1 AND clear_rows AND (removed_at = $2 OR removed_at <= $3) \
             ORDER BY removed_at, id LIMIT $4"
        );
        let limit = i64::try_from(limit.min(1_000)).unwrap_or(1);
        read!(self.control(), db => sqlx::query_as(sql)
            .bind(source)
            .bind(removed_at)
            .bind(settled)
            .bind(limit)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list reports of a source to clear"))
    }
}

//! Removed sources whose rows were kept: shown, taken up again, or given up with their rows.

use chrono::{DateTime, Utc};

use super::{NewSource, Source, SourceWriter, Sources, VendorName, source_columns, writer};
use crate::{
    SourceId,
    control::{ControlError, read, within},
};

/// The most rows of one list.
const MAX_ROWS: i64 = 500;

/// What became of the rows of a removed source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsLeft {
    /// They are there, and stay.
    Kept,
    /// They are to go, and some may be there still.
    Going,
    /// They are gone.
    Gone,
}

impl RowsLeft {
    /// The word that programs are told: `kept`, `going` or `gone`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Going => "going",
            Self::Gone => "gone",
        }
    }
}

impl Source {
    /// What became of its rows, where it is removed; `None` while it is connected.
    pub fn rows_left(&self) -> Option<RowsLeft> {
        let rows = match (self.remove_rows, self.rows_removed_at) {
            (false, _) => RowsLeft::Kept,
            (true, None) => RowsLeft::Going,
            (true, Some(_)) => RowsLeft::Gone,
        };
        Some(rows).filter(|_| self.is_removed())
    }
}

impl Sources<'_> {
    /// The removed sources of which rows may still be there, latest removed first; at most 500.
    pub async fn removed(&self) -> Result<Vec<Source>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND state = 'removed' AND rows_removed_at IS NULL \
             ORDER BY removed_at DESC, id LIMIT $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list removed sources"))
    }

    /// The source of this company that was removed with its rows kept, the latest where there are several; `None` where
    /// there is none, and while the company is connected.
    pub async fn kept_of(
        &self,
        vendor: VendorName,
        company: i64,
    ) -> Result<Option<Source>, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND vendor = $2 AND company_id = $3 \
             AND (state <> 'removed' OR NOT remove_rows) \
             ORDER BY CASE WHEN state = 'removed' THEN 1 ELSE 0 END, removed_at DESC, id LIMIT 1"
        );
        let found: Option<Source> = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(vendor)
            .bind(company)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("look for a source that was kept"))?;
        Ok(found.filter(Source::is_removed))
    }
}

impl SourceWriter<'_> {
    /// Connects the company of a removed source again under the source's id, where its rows were kept; its settings stay, but
    /// for the name where one is given. Addresses of its webhook from before let nothing in. `None`, and nothing changes,
    /// where it is not removed, its rows are to go, or the company or the credential is not what `new` says.
    pub async fn take_up(
        &mut self,
        id: &SourceId,
        new: &NewSource,
        name: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Option<Source>, ControlError> {
        name.map_or(Ok(()), writer::check_name)?;
        let sql = concat!(
            "UPDATE sources SET state = 'active', credential_id = $3, base_url = $4, title = $5, name = COALESCE($6, name), \
             webhook_version = webhook_version + 1, webhook_oldest = webhook_version + 1, changed_at = $7, last_used_at = $7, \
             removed_at = NULL, compared = $8 \
             WHERE subscription_id = $1 AND id = $2 AND vendor = $9 AND company_id = $10 \
             AND state = 'removed' AND NOT remove_rows \
             AND EXISTS (SELECT 1 FROM credentials c WHERE c.id = $3 AND c.subscription_id = $1 AND c.state <> 'forgotten') \
             AND NOT EXISTS (SELECT 1 FROM sources other WHERE other.subscription_id = $1 AND other.vendor = $9 \
             AND other.company_id = $10 AND other.state <> 'removed') RETURNING ",
            source_columns!()
        );
        let taken: Vec<Source> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&new.credential_id)
            .bind(&new.base_url)
            .bind(&new.title)
            .bind(name.map(str::trim))
            .bind(now)
            .bind(true)
            .bind(new.vendor)
            .bind(new.company_id)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("take a source up again"))?;
        Ok(taken.into_iter().next())
    }

    /// Forgets how the tables of a source were read: none was read, and the vendor denies none, as far as is known.
    pub async fn forget_readings(&mut self, id: &SourceId) -> Result<(), ControlError> {
        let sql = "UPDATE source_tables SET outcome = NULL, last_at = NULL, last_rows = NULL, forbidden_since = NULL \
                   WHERE source_id = (SELECT id FROM sources WHERE subscription_id = $1 AND id = $2)";
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("forget how tables were read"))
    }

    /// The rows of a removed source are to go after all, which is done afterwards. Again, it changes nothing.
    /// [`ControlError::NotFound`] for a source that is not removed.
    pub async fn give_up_rows(
        &mut self,
        id: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let sql = concat!(
            "UPDATE sources SET remove_rows = $4, changed_at = CASE WHEN remove_rows THEN changed_at ELSE $3 END \
             WHERE subscription_id = $1 AND id = $2 AND state = 'removed' RETURNING ",
            source_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .bind(true)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("give up the rows of a source"))?
        .pop()
        .ok_or(ControlError::NotFound {
            what: "removed source",
        })
    }
}

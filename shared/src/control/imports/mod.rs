use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Actor, ImportId, text_enum::text_enum};
use crate::{SubscriptionId, ports::ObjectKey};

mod lists;
mod steps;
#[cfg(test)]
mod tests;
mod waiting;
mod writer;

pub use lists::Imports;
pub use steps::By;
pub use waiting::{Retention, UnderWay, Unneeded};
pub use writer::ImportWriter;

text_enum! {
    /// The format of a file that comes in.
    ImportFormat {
        /// An exchange file, plain or gzipped.
        Exchange = "exchange",
        /// A list as comma-, semicolon- or tab-separated values.
        Csv = "csv",
        /// A list as a spreadsheet.
        Xlsx = "xlsx",
        /// The Open Repair Data Standard.
        Ords = "ords",
    }
}

text_enum! {
    /// How far an import has come.
    ImportStatus {
        /// The file is awaited.
        Waiting = "waiting",
        /// The file is there.
        Uploaded = "uploaded",
        /// The file is being read and compared; nothing is written.
        Validating = "validating",
        /// The preview can be looked at and confirmed.
        Previewed = "previewed",
        /// Rows are being written.
        Applying = "applying",
        /// All rows are written.
        Applied = "applied",
        /// Rows that nobody touched since are being taken back.
        Undoing = "undoing",
        /// Taken back.
        Undone = "undone",
        /// Broke off; what was under way can be begun again.
        Failed = "failed",
        /// Given up before anything was written.
        Abandoned = "abandoned",
    }
}

/// A file to be imported.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewImport {
    /// Who imports.
    pub created_by: Actor,
    /// The name of the file as it came.
    pub file_name: String,
    /// Where the file is, or will be uploaded to. Part of no comparison: a repeated request has another key.
    #[serde(skip)]
    pub object_key: ObjectKey,
    /// The format.
    pub format: ImportFormat,
    /// The table of a list; `None` where the file names its tables.
    pub table: Option<String>,
    /// Which column of the list is which column of the table: a JSON object.
    pub mapping: serde_json::Value,
    /// Whether rows are also matched by natural keys.
    pub merge: bool,
    /// Further options: a JSON object.
    pub options: serde_json::Value,
}

/// An import, and what has become of it. Times are in UTC.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Where the data goes.
    pub subscription_id: SubscriptionId,
    /// Who imports.
    pub created_by: Actor,
    /// The name of the file as it came.
    pub file_name: String,
    /// Where the file is.
    pub object_key: ObjectKey,
    /// The format.
    pub format: ImportFormat,
    /// The table of a list; `None` where the file names its tables.
    pub table_name: Option<String>,
    /// Which column of the list is which column of the table.
    #[sqlx(json)]
    pub mapping: serde_json::Value,
    /// Whether rows are also matched by natural keys.
    pub merge: bool,
    /// Further options.
    #[sqlx(json)]
    pub options: serde_json::Value,
    /// How far it has come.
    pub status: ImportStatus,
    /// Bytes of the file, once it is there.
    pub size: Option<i64>,
    /// Per table: new, changed, unchanged, in conflict, merged, problems.
    #[sqlx(json)]
    pub counts: serde_json::Value,
    /// Where applying or undoing goes on.
    #[sqlx(json(nullable))]
    pub checkpoint: Option<serde_json::Value>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: the arguments.
    #[sqlx(json(nullable))]
    pub failure_details: Option<serde_json::Value>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last came further.
    pub changed_at: DateTime<Utc>,
    /// When all rows were written.
    pub applied_at: Option<DateTime<Utc>>,
    /// When they were taken back.
    pub undone_at: Option<DateTime<Utc>>,
    /// How often a step was asked for through the queue.
    pub asked: i64,
    /// Which column of a list is which, as its headers told at the last validation.
    #[sqlx(json(nullable))]
    pub guess: Option<serde_json::Value>,
    /// When taking back first began.
    pub undo_at: Option<DateTime<Utc>>,
    /// When the uploaded file was removed.
    pub file_removed_at: Option<DateTime<Utc>>,
    /// When what the warehouse kept for the report and for taking back began to be removed.
    pub sweeping_at: Option<DateTime<Utc>>,
}

impl Import {
    /// Whether some of its rows may have been written.
    pub const fn has_written(&self) -> bool {
        self.checkpoint.is_some() || self.applied_at.is_some()
    }

    /// Whether its file can be read and compared now, or once more.
    pub fn may_validate(&self) -> bool {
        match self.status {
            ImportStatus::Waiting | ImportStatus::Uploaded => true,
            ImportStatus::Failed => !self.has_written() && self.file_removed_at.is_none(),
            _ => false,
        }
    }

    /// Whether its rows can be written now, or the writing that broke off can go on.
    pub fn may_apply(&self) -> bool {
        match self.status {
            ImportStatus::Previewed => true,
            ImportStatus::Failed => {
                self.checkpoint.is_some()
                    && self.applied_at.is_none()
                    && self.undo_at.is_none()
                    && self.file_removed_at.is_none()
            }
            _ => false,
        }
    }

    /// Whether it can be taken back now, wholly or as far as it came, or the taking back that broke off can go on.
    pub fn may_undo(&self) -> bool {
        let over = matches!(self.status, ImportStatus::Applied | ImportStatus::Failed);
        over && self.has_written() && self.sweeping_at.is_none()
    }
}

/// The columns that [`Import`] is read from; named, so that a column added later does not disturb this version.
macro_rules! import_columns {
    () => {
        "id, subscription_id, created_by, file_name, object_key, format, table_name, mapping, merge, options, status, size, \
         counts, checkpoint, failure_code, failure_details, created_at, changed_at, applied_at, undone_at, \
         asked, guess, undo_at, file_removed_at, sweeping_at"
    };
}

use import_columns;

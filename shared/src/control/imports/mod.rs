use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Actor, ImportId, text_enum::text_enum};
use crate::{SubscriptionId, ports::ObjectKey};

mod lists;
#[cfg(test)]
mod tests;
mod writer;

pub use lists::Imports;
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
}

/// The columns that [`Import`] is read from; named, so that a column added later does not disturb this version.
macro_rules! import_columns {
    () => {
        "id, subscription_id, created_by, file_name, object_key, format, table_name, mapping, merge, options, status, size, \
         counts, checkpoint, failure_code, failure_details, created_at, changed_at, applied_at, undone_at"
    };
}

use import_columns;

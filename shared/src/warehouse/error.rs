use crate::ports::Disposition;

/// Why a warehouse could not do what was asked. Nothing of the load or scan in question was kept.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// SQLite refused or failed.
    #[error("the warehouse file failed while {operation}")]
    Sqlite {
        /// What was being done.
        operation: &'static str,
        /// SQLite's answer.
        #[source]
        source: rusqlite::Error,
    },
    /// PostgreSQL refused, failed or was lost.
    #[error("the warehouse database failed while {operation}")]
    Postgres {
        /// What was being done.
        operation: &'static str,
        /// The driver's answer.
        #[source]
        source: sqlx::Error,
    },
    /// PostgreSQL's user may not make foreign tables with `postgres_fdw`, by which a login for BI tools reads.
    #[error("the database's user {user} may not make foreign tables with postgres_fdw")]
    ForeignTables {
        /// The user, quoted where a statement needs it so.
        user: String,
        /// The driver's answer.
        #[source]
        source: sqlx::Error,
    },
    /// PostgreSQL lets itself in at `localhost` without asking for a password, which `postgres_fdw` takes of superusers only.
    #[error(
        "the server asks for no password at localhost, so that the login cannot read by {user}"
    )]
    Trusted {
        /// The role that the server signs in with to itself.
        user: String,
        /// The driver's answer.
        #[source]
        source: sqlx::Error,
    },
    /// PostgreSQL was lost while a new password of a login for BI tools came into force: it may be, or the old one is still.
    #[error("it is not known whether the new password of the login is in force")]
    LoginInDoubt {
        /// The driver's answer.
        #[source]
        source: sqlx::Error,
    },
    /// The file or its folder could not be reached.
    #[error("the warehouse file could not be reached")]
    File(#[source] std::io::Error),
    /// A column that the table does not have, a value of another type, or a name that is not a plain one.
    #[error("table {table}: {problem}")]
    Misuse {
        /// The table.
        table: String,
        /// What is wrong.
        problem: String,
    },
    /// A stored value that cannot be read as its column's type.
    #[error("table {table}, {}column {column}: the stored value is not of the column's type", row_in_words(.key))]
    Stored {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row's declared key as text, its parts with a slash between; what is personal or cannot be read either is
        /// `?`. `None` where it is not known.
        key: Option<String>,
    },
    /// The plan does not let in so many rows in this month. Nothing was written; the same load may come again later.
    #[error("{used} of {rows} rows of {month} are used, and {more} more do not fit")]
    OverQuota {
        /// The month, as `YYYY-MM`.
        month: String,
        /// Rows loaded in the month so far.
        used: u64,
        /// Rows the plan allows in a month.
        rows: u64,
        /// Rows that would have come.
        more: u64,
    },
    /// The warehouse takes up what the plan lets it. Nothing was written; the same load may come again later.
    #[error("{used} of {bytes} bytes are used")]
    OverStorage {
        /// Bytes that the warehouse takes up.
        used: u64,
        /// Bytes that the plan allows.
        bytes: u64,
    },
    /// Somebody was erased since what the load was made of was read: it may hold them. Nothing was written.
    #[error("somebody was erased meanwhile")]
    Erased,
    /// Somebody else came further meanwhile. Nothing was written; who goes on has to look first.
    #[error("{key} was moved by somebody else")]
    Moved {
        /// The name of what was moved.
        key: String,
    },
    /// The reader or writer thread ended before its answer.
    #[error("the warehouse stopped before it answered")]
    Stopped,
}

/// Which row an error is about, as part of its text.
fn row_in_words(key: &Option<String>) -> String {
    key.as_ref()
        .map_or_else(String::new, |key| format!("row {key}, "))
}

impl WarehouseError {
    /// What a worker does with the message whose work failed so.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Sqlite { .. }
            | Self::Postgres { .. }
            | Self::File(_)
            | Self::Erased
            | Self::Moved { .. }
            | Self::Stopped => Disposition::Retry,
            // Whoever loads under a quota pauses the source instead.
            Self::ForeignTables { .. }
            | Self::Trusted { .. }
            | Self::LoginInDoubt { .. }
            | Self::Misuse { .. }
            | Self::Stored { .. }
            | Self::OverQuota { .. }
            | Self::OverStorage { .. } => Disposition::Park,
        }
    }

    /// What is stored and cannot be read, as what its text (`warehouse.stored`) is filled in with; nothing of other errors.
    pub fn unreadable(&self) -> Option<serde_json::Value> {
        let Self::Stored { table, column, key } = self else {
            return None;
        };
        let row = key.as_deref().unwrap_or("?");
        Some(serde_json::json!({ "table": table, "row": row, "column": column }))
    }

    /// Whether the plan has no room for the load: it may come again when there is some.
    pub const fn is_no_room(&self) -> bool {
        matches!(self, Self::OverQuota { .. } | Self::OverStorage { .. })
    }
}

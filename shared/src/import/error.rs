use std::io;

use serde_json::json;

use super::refusal;
use crate::{
    catalog::{self, TableGroup},
    control::{ControlError, Failure},
    exchange::{FileFault, ReadError},
    ports::{Disposition, ObjectsError, QueueError, is_disk_full},
    sheets::SheetError,
    warehouse::WarehouseError,
};

/// Why a step of an import did not come to its end. What was committed before stays, and the step can be run again.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The shared database refused or failed.
    #[error("the import's record could not be kept")]
    Control(#[from] ControlError),
    /// The warehouse refused or failed.
    #[error("the warehouse did not take the import")]
    Warehouse(#[from] WarehouseError),
    /// The object store refused or failed.
    #[error("the uploaded file could not be reached")]
    Objects(#[from] ObjectsError),
    /// The queue refused or failed.
    #[error("the import could not be queued")]
    Queue(#[from] QueueError),
    /// Temporary space is full or cannot be reached.
    #[error("temporary space is full or cannot be reached")]
    Space(#[source] io::Error),
    /// The temporary ledger failed.
    #[error("the import's temporary file failed")]
    Ledger(#[from] rusqlite::Error),
    /// The exchange file cannot be taken as a whole. Nothing of it was kept.
    #[error("the exchange file cannot be imported")]
    Exchange(#[from] ReadError),
    /// The list cannot be taken as a whole. Nothing of it was kept.
    #[error("the list cannot be imported")]
    Sheet(#[from] SheetError),
    /// The file is larger than what is let in.
    #[error("the file has {size} bytes, more than the {limit} that are let in")]
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Nothing was uploaded, or nothing is left of it.
    #[error("there is no uploaded file")]
    NoFile,
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty,
    /// The file is a zip archive where an exchange file was expected.
    #[error("the file is a zip archive; unpack it first")]
    Zip,
    /// The file is not the one that was validated.
    #[error("the file was changed after it was validated")]
    FileChanged,
    /// The import is not in a state from which this can be done.
    #[error("an import that is {status} cannot be {wanted}")]
    Status {
        /// Its state.
        status: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// What was asked of the import does not fit together.
    #[error("the import cannot be done so: {problem}")]
    Order {
        /// Which part of it, by the name that the API has for it.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A stored checkpoint or option that this program cannot read.
    #[error("the import's checkpoint cannot be read")]
    Checkpoint(#[source] serde_json::Error),
    /// A step was begun too often without an end.
    #[error("the import was broken off too often")]
    BrokenOff,
    /// The reading thread ended before its answer.
    #[error("the reading of the file stopped before its end")]
    Stopped,
}

impl ImportError {
    pub(super) fn order(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Order {
            field,
            problem: problem.into(),
        }
    }

    /// A list without a table, or with one that lists cannot fill.
    pub(super) fn list_needs_table() -> Self {
        let tables = catalog::tables_of(TableGroup::RepairShop).map(|table| table.name.as_ref());
        let tables: Vec<&str> = tables.collect();
        let problem = format!(
            "a list needs a table of the shop that it fills: {}",
            tables.join(", ")
        );
        Self::order("table", problem)
    }

    /// What a worker does with the message whose work failed so.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Objects(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
            Self::Space(_) | Self::Ledger(_) | Self::Stopped => Disposition::Retry,
            Self::Exchange(error) if matches!(*error.fault, FileFault::Io(_)) => Disposition::Retry,
            Self::Sheet(SheetError::Io(_)) => Disposition::Retry,
            Self::Status { .. } => Disposition::Drop,
            Self::Exchange(_)
            | Self::Sheet(_)
            | Self::TooLarge { .. }
            | Self::NoFile
            | Self::Empty
            | Self::Zip
            | Self::FileChanged
            | Self::Order { .. }
            | Self::BrokenOff
            | Self::Checkpoint(_) => Disposition::Park,
        }
    }

    /// Why the import failed, as a code with arguments and without personal data; `None` for what may pass by itself.
    pub fn failure(&self) -> Option<Failure> {
        if is_disk_full(self) {
            return Some(failure("import.disk-full", json!({})));
        }
        if self.disposition() != Disposition::Park {
            return None;
        }
        Some(match self {
            Self::Exchange(error) => refusal::of_file(error),
            Self::Sheet(error) => refusal::of_list(error),
            Self::TooLarge { limit, .. } => failure("import.too-large", json!({ "limit": limit })),
            Self::NoFile => failure("import.no-file", json!({})),
            Self::Empty => failure("import.empty", json!({})),
            Self::Zip => failure("import.zip", json!({})),
            Self::FileChanged => failure("import.file-changed", json!({})),
            Self::BrokenOff => failure("import.broken-off", json!({})),
            Self::Order { problem, .. } => failure("import.order", json!({ "problem": problem })),
            _ => failure("import.internal", json!({})),
        })
    }
}

fn failure(code: &str, details: serde_json::Value) -> Failure {
    Failure {
        code: code.to_owned(),
        details,
    }
}

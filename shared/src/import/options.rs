use serde::{Deserialize, Serialize};

use super::{ConflictPolicy, ImportError};
use crate::control::Import;

/// What an import is told beside its file, as the shared database keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// What becomes of rows that changed both in the file and here.
    pub conflict: ConflictPolicy,
    /// The file's place on this machine's disk, for imports from the command line; nothing for uploads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_path: Option<String>,
}

impl Options {
    /// The options of an import.
    pub(super) fn of(import: &Import) -> Result<Self, ImportError> {
        serde_json::from_value(import.options.clone()).map_err(ImportError::Checkpoint)
    }
}

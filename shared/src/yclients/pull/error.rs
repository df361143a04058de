use crate::{
    control::ControlError,
    ports::{CipherError, Disposition, QueueError},
    warehouse::WarehouseError,
    yclients::client::VendorError,
};

/// Why a source was not read, or not to the end. What was committed stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The vendor did not answer as it should.
    #[error(transparent)]
    Vendor(#[from] VendorError),
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The continuation could not be queued.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The credential's token cannot be decrypted with the keys of this installation.
    #[error("the credential of the source cannot be decrypted")]
    Credential(#[source] CipherError),
    /// Somebody else works on the source.
    #[error("somebody else works on the source")]
    Busy,
    /// The lease ran out while the work went on; somebody else may have begun.
    #[error("the source was given to somebody else meanwhile")]
    LeaseLost,
    /// The source is paused, removed, or waits for a credential.
    #[error("the source is not active")]
    NotActive,
    /// The plan has ended.
    #[error("the plan of the subscription has ended")]
    PlanEnded,
    /// The rows that the plan lets in this month are used up.
    #[error("the rows of the plan are used up in this month")]
    RowsUsed,
    /// The warehouse takes up what the plan lets it.
    #[error("the storage of the plan is used up")]
    StorageUsed,
    /// The period begins earlier than the plan allows.
    #[error("the plan allows history from {from} on")]
    TooFarBack {
        /// The first day that is allowed.
        from: chrono::NaiveDate,
    },
    /// The period ends before it begins, lies in the time to come, or is longer than is let in.
    #[error("the period ends before it begins, lies in the future, or is too long")]
    Period,
    /// A table that there is not, or that has no history.
    #[error("table {table} cannot be read so")]
    Table {
        /// The table.
        table: String,
    },
    /// What was kept of a journal entry or cursor cannot be written or read.
    #[error("the state of the work cannot be written or read")]
    State(#[from] serde_json::Error),
}

impl PullError {
    /// The code of the error; what it says to people has the key `problem-` and the code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Vendor(error) => error.code(),
            Self::Warehouse(WarehouseError::OverQuota { .. }) | Self::RowsUsed => "plan.rows-used",
            Self::Warehouse(WarehouseError::OverStorage { .. }) | Self::StorageUsed => {
                "plan.storage-used"
            }
            Self::Control(_) | Self::Warehouse(_) | Self::Queue(_) | Self::State(_) => {
                "pull.internal"
            }
            Self::Credential(_) => "pull.credential",
            Self::Busy => "pull.busy",
            Self::LeaseLost => "pull.interrupted",
            Self::NotActive => "pull.not-active",
            Self::PlanEnded => "plan.ended",
            Self::TooFarBack { .. } => "history.too-far-back",
            Self::Period => "history.period",
            Self::Table { .. } => "history.table",
        }
    }

    /// Whether the plan keeps everything out for now.
    pub const fn is_plan(&self) -> bool {
        match self {
            Self::PlanEnded | Self::RowsUsed | Self::StorageUsed => true,
            Self::Warehouse(error) => error.is_no_room(),
            _ => false,
        }
    }

    /// Whether no call can be made, by what the installation or the credential lacks. The tables say so, and wait.
    pub const fn is_of_access(&self) -> bool {
        matches!(
            self,
            Self::Credential(_)
                | Self::Vendor(VendorError::NotConfigured | VendorError::BadAddress)
        )
    }

    /// What to do with the message whose work met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            _ if self.is_of_access() => Disposition::Drop,
            Self::Vendor(error) => error.disposition(),
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Queue(_) | Self::Busy | Self::LeaseLost => Disposition::Retry,
            Self::NotActive | Self::PlanEnded | Self::RowsUsed | Self::StorageUsed => {
                Disposition::Drop
            }
            Self::Credential(_)
            | Self::TooFarBack { .. }
            | Self::Period
            | Self::Table { .. }
            | Self::State(_) => Disposition::Park,
        }
    }
}

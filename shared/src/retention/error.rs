use serde_json::json;

use crate::{
    control::ControlError,
    delivery::DeliveryError,
    journal::RelayError,
    planner::WorkError,
    ports::{Disposition, QueueError},
    warehouse::WarehouseError,
};

/// Why nothing, or not everything, was removed.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// A table that there is not, or whose rows are not removed by age.
    #[error("{table}: {problem}")]
    Table {
        /// The name given.
        table: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The job does something else.
    #[error("the job removes nothing by age")]
    OtherKind,
    /// Nobody of that id is known.
    #[error("nobody of that id is known")]
    NoSuchPerson,
    /// A file was not taken back.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// The outbox was not relayed.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// What was done could not be written down.
    #[error("the journal entry could not be written")]
    Entry(#[from] serde_json::Error),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The queue did not do its part.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl RetentionError {
    /// What a worker does with the message whose work failed so.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Table { .. } | Self::OtherKind | Self::NoSuchPerson | Self::Entry(_) => {
                Disposition::Park
            }
            Self::Delivery(error) => error.disposition(),
            Self::Relay(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Control(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
        }
    }
}

impl From<RetentionError> for WorkError {
    fn from(error: RetentionError) -> Self {
        match error {
            RetentionError::Table { table, problem } => {
                let details = json!({ "table": table, "reason": problem });
                Self::hopeless("retention.table", details)
            }
            RetentionError::Delivery(error) => Self::passing("job.control", error),
            RetentionError::Entry(error) => Self::passing("job.control", error),
            RetentionError::Relay(error) => Self::passing("job.control", error),
            RetentionError::OtherKind | RetentionError::NoSuchPerson => {
                Self::hopeless("job.settings", json!({ "reason": "kind" }))
            }
            RetentionError::Warehouse(error) => error.into(),
            RetentionError::Control(error) => error.into(),
            RetentionError::Queue(error) => Self {
                disposition: error.disposition(),
                ..Self::passing("job.queue", error)
            },
        }
    }
}

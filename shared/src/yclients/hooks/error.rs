use std::sync::Arc;

use crate::{
    control::ControlError,
    ports::{Disposition, QueueError},
    warehouse::WarehouseError,
    yclients::pull::PullError,
};

/// Why events were not taken in. Messages that shared a transaction share its error.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// No message of this kind and version is known here.
    #[error("messages of the kind {kind}, version {version}, are not known here")]
    Unknown {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
    },
    /// The message does not say what its kind says.
    #[error("the message cannot be read")]
    Malformed(#[source] Arc<serde_json::Error>),
    /// The message is of one subscription, and its source of another.
    #[error("the message's source is not of its subscription")]
    Misdirected,
    /// What is known of the source could not be read.
    #[error(transparent)]
    Control(Arc<ControlError>),
    /// The warehouse did not take the load.
    #[error(transparent)]
    Warehouse(Arc<WarehouseError>),
    /// What follows from it could not be queued.
    #[error(transparent)]
    Queue(Arc<QueueError>),
    /// That events wait could not be told.
    #[error("that events wait could not be told")]
    Untold(#[source] Arc<PullError>),
    /// The work ended with a panic.
    #[error("the work ended with a panic: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
}

impl IngestError {
    /// What to do with the message: a fault of the message itself is kept aside, everything else passes.
    pub fn disposition(&self) -> Disposition {
        match self {
            // While versions are exchanged, one that knows the kind is about to come.
            Self::Unknown { .. } => Disposition::Retry,
            Self::Malformed(_) | Self::Misdirected | Self::Panicked { .. } => Disposition::Park,
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
            Self::Untold(error) => error.disposition(),
        }
    }
}

impl From<ControlError> for IngestError {
    fn from(error: ControlError) -> Self {
        Self::Control(Arc::new(error))
    }
}

impl From<WarehouseError> for IngestError {
    fn from(error: WarehouseError) -> Self {
        Self::Warehouse(Arc::new(error))
    }
}

impl From<QueueError> for IngestError {
    fn from(error: QueueError) -> Self {
        Self::Queue(Arc::new(error))
    }
}

impl From<PullError> for IngestError {
    fn from(error: PullError) -> Self {
        Self::Untold(Arc::new(error))
    }
}

impl From<serde_json::Error> for IngestError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(Arc::new(error))
    }
}

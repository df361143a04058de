use crate::{
    delivery::DeliveryError,
    import::ImportError,
    journal::RelayError,
    planner::PlannerError,
    ports::{Disposition, QueueName},
    retention::RetentionError,
    yclients::{connect::ConnectError, hooks::IngestError, pull::PullError, reports::ReportError},
};

/// Why a message's work was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No message of this kind is known in this queue.
    #[error("messages of the kind {kind} are not known in the queue {queue}")]
    UnknownKind {
        /// The kind.
        kind: String,
        /// The queue.
        queue: QueueName,
    },
    /// The kind is known, its version is of a program newer than this one.
    #[error("version {version} of messages of the kind {kind} is newer than what is known")]
    NewerVersion {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
    },
    /// The kind is known, its version is not.
    #[error("version {version} of messages of the kind {kind} is not known")]
    UnknownVersion {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
    },
    /// The body does not say what its kind says.
    #[error("the body of a message of the kind {kind} cannot be read")]
    Malformed {
        /// The kind.
        kind: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The work ended with a panic.
    #[error("the work of a message of the kind {kind} ended with a panic: {message}")]
    Panicked {
        /// The kind.
        kind: String,
        /// What the panic said.
        message: String,
    },
    /// A file was not built, mailed or handed over.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// A step of an import was not done.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The outbox was not relayed.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// A source was not read.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// Events of a webhook were not taken in.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A scheduled job was not sent off, or its run not done.
    #[error(transparent)]
    Planner(#[from] PlannerError),
    /// The rows of a removed report were not erased.
    #[error(transparent)]
    Report(ReportError),
    /// A source was not tidied up.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// What nobody needs any more was not removed.
    #[error(transparent)]
    Retention(#[from] RetentionError),
}

impl JobError {
    /// What becomes of the message: tried again later, kept aside with the reason, or forgotten.
    pub fn disposition(&self) -> Disposition {
        match self {
            // While versions are exchanged, one that knows it is about to come.
            Self::NewerVersion { .. } => Disposition::Retry,
            Self::UnknownKind { .. }
            | Self::UnknownVersion { .. }
            | Self::Malformed { .. }
            | Self::Panicked { .. } => Disposition::Park,
            Self::Delivery(error) => error.disposition(),
            Self::Import(error) => error.disposition(),
            Self::Relay(error) => error.disposition(),
            Self::Pull(error) => error.disposition(),
            Self::Ingest(error) => error.disposition(),
            Self::Planner(error) => error.disposition(),
            Self::Connect(error) => error.disposition(),
            Self::Retention(error) => error.disposition(),
            // Only the housekeeping clears, and comes again.
            Self::Report(_) => Disposition::Retry,
        }
    }

    /// The error with everything that caused it, for the list of parked messages.
    pub fn reason(&self) -> String {
        let mut reason = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            reason.push_str(": ");
            reason.push_str(&error.to_string());
            cause = error.source();
        }
        reason
    }
}

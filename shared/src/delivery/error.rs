use std::{io, path::Path};

use serde_json::json;

use super::{OrderProblem, SelectionError};
use crate::{
    control::{ControlError, Failure},
    exchange::WriteError,
    journal::RelayError,
    ports::{CipherError, Disposition, MailerError, ObjectsError, QueueError, is_disk_full},
    sheets::SheetError,
    warehouse::WarehouseError,
};

/// Why a file was not ordered, built, mailed or handed over.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// What is asked for cannot be made.
    #[error("this cannot be ordered: {problem}")]
    Order {
        /// Which part of the order, by the name that the API has for it.
        field: &'static str,
        /// What is wrong with it.
        problem: OrderProblem,
    },
    /// The person may not order this.
    #[error("only an owner can take passwords out")]
    PasswordsForOwners,
    /// The control database did not do its part.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The warehouse did not do its part.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The queue did not take a message.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The object store did not do its part.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// The mail was not taken.
    #[error(transparent)]
    Mailer(#[from] MailerError),
    /// The mail could not be written.
    #[error("the mail could not be written")]
    MailText(#[from] askama::Error),
    /// The exchange file could not be written.
    #[error(transparent)]
    Exchange(#[from] WriteError),
    /// The list could not be written.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// The database file could not be written.
    #[error("the database file could not be written")]
    DatabaseFile(#[from] rusqlite::Error),
    /// A password could not be decrypted for a database file.
    #[error("a stored password could not be decrypted")]
    Password(#[from] CipherError),
    /// A file of ours could not be written.
    #[error("{place} could not be written")]
    File {
        /// The file.
        place: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file would be larger than what may be built in temporary space.
    #[error("the file would be larger than the {limit} bytes set aside for building it")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// What a warehouse told could not be relayed.
    #[error(transparent)]
    Relay(#[from] RelayError),
    /// What was ordered cannot be read any more.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The one who writes the file stopped before it was finished.
    #[error("the file was not finished")]
    Unfinished,
    /// The one who writes the file failed in a way nobody thought of.
    #[error("writing the file ended with a panic")]
    Panicked,
    /// Another attempt took over.
    #[error("another attempt builds this file")]
    Superseded,
    /// Somebody was erased since the file was begun, who may be in it.
    #[error("somebody was erased while the file was built")]
    Erased,
    /// Building was begun too often without an end.
    #[error("building was broken off {attempts} times")]
    BrokenOff {
        /// How often.
        attempts: i64,
    },
    /// The key that made the link is newer than those known here, which are read again before long.
    #[error("the key that made the link is not known here yet")]
    LinkKeyAhead,
    /// The key that made a link is not honoured any more.
    #[error("the key of this link is not there any more")]
    LinkKeyGone,
}

impl DeliveryError {
    /// What is wrong with a part of an order.
    pub fn order(field: &'static str, problem: impl Into<OrderProblem>) -> Self {
        Self::Order {
            field,
            problem: problem.into(),
        }
    }

    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
            Self::Objects(error) => error.disposition(),
            Self::Mailer(error) => error.disposition(),
            Self::Relay(error) => error.disposition(),
            Self::Superseded => Disposition::Drop,
            Self::File { .. } | Self::Unfinished | Self::Erased | Self::LinkKeyAhead => {
                Disposition::Retry
            }
            Self::DatabaseFile(_) | Self::Exchange(_) | Self::Sheet(_) if self.io().is_some() => {
                Disposition::Retry
            }
            Self::Order { .. }
            | Self::PasswordsForOwners
            | Self::MailText(_)
            | Self::Exchange(_)
            | Self::Sheet(_)
            | Self::DatabaseFile(_)
            | Self::Password(_)
            | Self::TooLarge { .. }
            | Self::Selection(_)
            | Self::Panicked
            | Self::BrokenOff { .. }
            | Self::LinkKeyGone => Disposition::Park,
        }
    }

    /// Why a file could not be built, as a code with arguments and without personal data.
    pub(super) fn failure(&self) -> Failure {
        let (code, details) = match self {
            _ if is_disk_full(self) => ("export.disk-full", json!({})),
            Self::TooLarge { limit } => ("export.too-large", json!({ "limit": limit })),
            Self::Warehouse(WarehouseError::Misuse { problem, .. }) => {
                ("export.order", json!({ "problem": problem.to_string() }))
            }
            Self::Warehouse(error) => match error.unreadable() {
                Some(details) => ("warehouse.stored", details),
                None => ("export.database", json!({})),
            },
            Self::Objects(_) => ("export.store", json!({})),
            Self::BrokenOff { attempts } => ("export.broken-off", json!({ "attempts": attempts })),
            Self::Order { problem, .. } => {
                ("export.order", json!({ "problem": problem.to_string() }))
            }
            Self::Selection(error) => ("export.order", json!({ "problem": error.to_string() })),
            Self::Password(_) | Self::Exchange(WriteError::Password { .. }) => {
                ("export.passwords", json!({}))
            }
            // These name tables, ids and columns, never what a column holds.
            Self::Exchange(error) => ("export.value", json!({ "problem": error.to_string() })),
            Self::Sheet(error) => ("export.value", json!({ "problem": error.to_string() })),
            _ => ("export.internal", json!({})),
        };
        Failure {
            code: code.to_owned(),
            details,
        }
    }

    /// Whether it comes of another one: the other side of a pipe went away, and its error tells more.
    pub(super) fn is_consequence(&self) -> bool {
        match self {
            Self::Unfinished | Self::Objects(ObjectsError::Content { .. }) => true,
            _ => self
                .io()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe),
        }
    }

    /// The same error, naming the file when it is about writing it.
    pub(super) fn at(self, path: &Path) -> Self {
        match (&self, self.io()) {
            (Self::Exchange(_) | Self::Sheet(_), Some(io)) => Self::File {
                place: path.display().to_string(),
                source: io::Error::new(io.kind(), io.to_string()),
            },
            _ => self,
        }
    }

    /// The failure of a file or pipe that it comes from, however deep.
    fn io(&self) -> Option<&io::Error> {
        let mut error: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(current) = error {
            if let Some(io) = current.downcast_ref::<io::Error>() {
                return Some(io);
            }
            error = current.source();
        }
        None
    }
}

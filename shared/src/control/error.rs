use crate::ports::Disposition;

/// Why the control database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The database cannot be reached, is full, or failed.
    #[error("the control database failed to {action}")]
    Database {
        /// What was asked of it.
        action: &'static str,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The tables could not be brought up to date.
    #[error("the control database could not be migrated")]
    Migrate {
        /// Why.
        #[source]
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// There is no such thing, or not for this subscription.
    #[error("there is no such {what}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// Another one has the same value where it must be unique.
    #[error("this {field} is taken")]
    Taken {
        /// The field.
        field: &'static str,
    },
    /// A value is not allowed.
    #[error("the {field} is not allowed")]
    Invalid {
        /// The field.
        field: &'static str,
    },
    /// The thing is not in a state from which this can be done.
    #[error("a {what} that is {from} cannot become {to}")]
    Transition {
        /// What it is.
        what: &'static str,
        /// Its state.
        from: &'static str,
        /// The state asked for.
        to: &'static str,
    },
    /// An idempotency key came again with another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The password is not allowed, or could not be hashed.
    #[error("the password could not be used")]
    Password(#[from] super::PasswordError),
}

impl ControlError {
    /// Wraps what the database said, for `map_err`.
    pub(crate) fn database(action: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| {
            wynos_base::logins::noted(&source);
            Self::Database { action, source }
        }
    }

    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Database { source, .. } => match source {
                // The stored row does not fit the program: another attempt would not find another row.
                sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::Decode(_) => Disposition::Park,
                _ => Disposition::Retry,
            },
            Self::Migrate { .. } => Disposition::Retry,
            Self::NotFound { .. } | Self::Transition { .. } => Disposition::Drop,
            Self::Taken { .. }
            | Self::Invalid { .. }
            | Self::IdempotencyMismatch
            | Self::Password(_) => Disposition::Park,
        }
    }
}

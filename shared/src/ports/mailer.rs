use std::fmt;

use futures::future::BoxFuture;

use super::Disposition;

/// A mail to one person, as text and as HTML.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The same at every attempt to send this mail: 1 to 120 characters of `A-Z a-z 0-9 . _ -`. The adapter appends its
    /// domain to make the `Message-ID`.
    pub message_id: String,
    /// The recipient's address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The body for readers of plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

/// Mails hold personal data and links; only the id is shown.
impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mail")
            .field("message_id", &self.message_id)
            .finish_non_exhaustive()
    }
}

/// A mail that is in other hands now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handed {
    /// What whoever took it calls it, where they say so: they name it when it bounces.
    pub name: Option<String>,
}

/// Sends mails.
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Hands the mail over; a mail whose id was handed over before may be dropped.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Handed, MailerError>>;
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The mail cannot be written as a message: its id, an address or a header is not well-formed.
    #[error("the mail's {part} is not well-formed")]
    Malformed {
        /// The part at fault.
        part: &'static str,
    },
    /// The other side refused it for good.
    #[error("the mail was refused")]
    Refused {
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The other side cannot be reached, or refused it this time.
    #[error("the mail could not be handed over")]
    Unavailable {
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl MailerError {
    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Malformed { .. } | Self::Refused { .. } => Disposition::Park,
            Self::Unavailable { .. } => Disposition::Retry,
        }
    }
}

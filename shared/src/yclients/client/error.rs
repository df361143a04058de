use std::time::Duration;

use crate::{control::ControlError, ports::Disposition};

/// The code of [`VendorError::CompanyClosed`].
pub const COMPANY_CLOSED: &str = "vendor.company-closed";

/// The code of [`VendorError::LicenceExpired`].
pub const LICENCE_EXPIRED: &str = "vendor.licence-expired";

/// Codes of what keeps one company alone from being read, while the account's token is good: its source stands still, is tried
/// every day, and goes on by itself.
pub const OF_COMPANY: [&str; 2] = [COMPANY_CLOSED, LICENCE_EXPIRED];

/// Why a call to the vendor gave nothing. No variant holds a token, a body, or anything of a person.
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// The vendor did not take the login and password.
    #[error("the vendor did not take the login and password")]
    WrongPassword,
    /// The account asks for a second factor, which a program cannot give.
    #[error("the account signs in with a second factor")]
    TwoFactor,
    /// The user's token opens nothing any more: the password was changed, or the application disconnected.
    #[error("the vendor refused the user's token")]
    Unauthorized,
    /// The company is not open to the user, whose token is good. No answer says so by itself: a company that is closed to the
    /// user is answered as [`Self::Unauthorized`], and only what belongs to the user alone tells the two apart.
    #[error("the company is not open to the user, whose token is good")]
    CompanyClosed,
    /// The partner's token is missing in the configuration.
    #[error("no partner token is configured for this vendor")]
    NotConfigured,
    /// The vendor does not know the partner's token.
    #[error("the vendor refused the partner's token")]
    PartnerRefused,
    /// The company's licence has run out.
    #[error("the licence of the company at the vendor has run out")]
    LicenceExpired,
    /// The user may not do this.
    #[error("the user may not read this at the vendor")]
    Forbidden,
    /// There is no such thing.
    #[error("the vendor has no such thing")]
    NotFound,
    /// There is no such page, in the words of something on the way to the vendor: it says nothing of what is asked for.
    #[error("something that does not speak as the vendor does says that there is no such page")]
    Unrouted,
    /// There is nothing, in the words that the vendor also uses for an empty list.
    #[error("the vendor found nothing")]
    NothingFound,
    /// The vendor did not take the request.
    #[error("the vendor did not take the request (status {status}, fields {fields:?})")]
    Invalid {
        /// The status.
        status: u16,
        /// Names of the fields that it names.
        fields: Vec<String>,
    },
    /// Too many calls, or too many that wait for a slot already.
    #[error("the vendor's allowance is used up for now")]
    Throttled {
        /// How long to wait, where that is known.
        retry_after: Option<Duration>,
    },
    /// The vendor did not answer, or answered that it cannot.
    #[error("the vendor is away: {reason}")]
    Unavailable {
        /// In what way.
        reason: Unreachable,
    },
    /// The answer is not what an answer looks like.
    #[error("the vendor's answer cannot be read (status {status})")]
    Malformed {
        /// The status.
        status: u16,
    },
    /// The answer is larger than is let in.
    #[error("the vendor's answer is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes.
        limit: usize,
    },
    /// The address of the vendor cannot be used.
    #[error("the vendor's address cannot be used")]
    BadAddress,
    /// The ledger of the vendor's allowance could not be asked.
    #[error("the ledger of the vendor's allowance failed")]
    Ledger(#[from] ControlError),
}

/// In what way the vendor is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// It said so.
    #[error("status {0}")]
    Status(u16),
    /// Nothing came in time.
    #[error("no answer in time")]
    TimedOut,
    /// There was no connection.
    #[error("no connection")]
    NoConnection,
    /// The connection broke before the answer was whole.
    #[error("the answer broke off")]
    BrokenOff,
}

impl VendorError {
    /// Whether the vendor answered that it will not: too many calls, or a token, a licence or a right that does not suffice.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Unauthorized
                | Self::PartnerRefused
                | Self::LicenceExpired
                | Self::Forbidden
        )
    }

    /// The code of the error; what it says to people has the key `problem-` and the code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongPassword => "vendor.wrong-password",
            Self::TwoFactor => "vendor.two-factor",
            Self::Unauthorized => "vendor.unauthorized",
            Self::CompanyClosed => COMPANY_CLOSED,
            Self::NotConfigured => "vendor.not-configured",
            Self::PartnerRefused => "vendor.partner-refused",
            Self::LicenceExpired => LICENCE_EXPIRED,
            Self::Forbidden => "vendor.forbidden",
            Self::NotFound | Self::Unrouted | Self::NothingFound => "vendor.not-found",
            Self::Invalid { .. } => "vendor.invalid",
            Self::Throttled { .. } => "vendor.throttled",
            Self::Unavailable { .. } => "vendor.unavailable",
            Self::Malformed { .. } => "vendor.malformed",
            Self::TooLarge { .. } => "vendor.too-large",
            Self::BadAddress => "vendor.bad-address",
            Self::Ledger(_) => "vendor.ledger",
        }
    }

    /// Whether the same call may succeed a little later.
    pub const fn passes(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::Malformed { .. }
        )
    }

    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::Malformed { .. } => {
                Disposition::Retry
            }
            Self::Ledger(error) => error.disposition(),
            _ => Disposition::Park,
        }
    }
}

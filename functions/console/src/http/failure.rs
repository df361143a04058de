use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use wynos::{
    access::BiLoginError,
    catalog::Locale,
    control::{ControlError, PasswordError},
    delivery::DeliveryError,
    i18n::{Args, text, text_with},
    import::ImportError,
    parked::ReplayError,
    ports::is_disk_full,
    yclients::{
        connect::ConnectError, hooks::RegistrationError, pull::PullError, selection::SelectionError,
    },
};

use super::About;

/// Why a request was not done. It travels in the response's extensions to the layer that knows who is asking and whether
/// they want a page or a problem document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What kind of failure.
    pub(crate) kind: Kind,
    /// The field at fault, and nothing but its name.
    pub(crate) field: Option<String>,
    /// What is wrong with it, or what the problem is about.
    pub(crate) about: Option<About>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody is signed in, and this is not for everybody.
    SignInFirst,
    /// A program came without a valid token.
    Unauthorized,
    /// A program's token does not reach that far.
    InsufficientScope,
    /// There is no such thing, or not for this person.
    NotFound,
    /// The role does not allow it.
    Forbidden,
    /// The form does not carry this session's token.
    FormExpired,
    /// The request cannot be read.
    Malformed,
    /// A field's value cannot be used.
    InvalidField,
    /// A column that the table does not have.
    UnknownColumn,
    /// A cursor that was not given out.
    InvalidCursor,
    /// Not possible in the present state.
    Conflict,
    /// Others refer to it.
    InUse,
    /// An idempotency key came again with another request.
    IdempotencyMismatch,
    /// The body is larger than is let in.
    TooLarge,
    /// The address does not take this method.
    MethodNotAllowed,
    /// Too many failures from this address.
    TooManyFailures,
    /// It took too long.
    Timeout,
    /// Something needed is away for a moment.
    Unavailable,
    /// There is no room left on the disk.
    NoRoom,
    /// The vendor, or what is known of it, does not allow it: the code of the problem.
    Refused(&'static str),
    /// A fault of the program or of stored data.
    Internal,
}

impl Kind {
    /// The stable code for programs.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::SignInFirst | Self::Unauthorized => "unauthorized",
            Self::InsufficientScope => "insufficient-scope",
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::FormExpired => "form-expired",
            Self::Malformed => "malformed",
            Self::InvalidField => "invalid-field",
            Self::UnknownColumn => "unknown-column",
            Self::InvalidCursor => "invalid-cursor",
            Self::Conflict => "conflict",
            Self::InUse => "in-use",
            Self::IdempotencyMismatch => "idempotency-mismatch",
            Self::TooLarge => "too-large",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::TooManyFailures => "too-many-failures",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::NoRoom => "no-room",
            Self::Refused(code) => code,
            Self::Internal => "internal",
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::SignInFirst | Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope | Self::Forbidden | Self::FormExpired => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::InvalidField | Self::UnknownColumn | Self::InvalidCursor => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Conflict | Self::InUse | Self::IdempotencyMismatch => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooManyFailures => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused(code) => match code.as_bytes() {
                b"vendor.unavailable"
                | b"vendor.throttled"
                | b"vendor.malformed"
                | b"bi.in-doubt" => StatusCode::SERVICE_UNAVAILABLE,
                b"import.no-file" => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
            Self::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            Self::Timeout | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Failure {
    /// A failure of this kind.
    pub(crate) const fn of(kind: Kind) -> Self {
        Self {
            kind,
            field: None,
            about: None,
        }
    }

    /// A field's value cannot be used.
    pub(crate) fn field(name: impl Into<String>) -> Self {
        Self {
            kind: Kind::InvalidField,
            field: Some(name.into()),
            about: None,
        }
    }

    /// A field's value cannot be used, for this reason in English.
    pub(crate) fn wrong(name: impl Into<String>, why: &impl ToString) -> Self {
        Self {
            about: Some(About::Text(why.to_string())),
            ..Self::field(name)
        }
    }

    /// A field's value cannot be used, for what is said in each language.
    pub(crate) fn said(name: impl Into<String>, say: impl Fn(Locale) -> String) -> Self {
        Self {
            about: Some(About::said(say)),
            ..Self::field(name)
        }
    }

    /// A problem of this kind with a field of the request, about this.
    pub(crate) fn about(kind: Kind, field: &'static str, about: impl Into<String>) -> Self {
        Self {
            kind,
            field: Some(field.to_owned()),
            about: Some(About::Text(about.into())),
        }
    }

    /// The request cannot be read, for this reason, which goes to whoever sent it and nowhere else.
    pub(crate) fn unreadable(why: impl ToString) -> Self {
        Self {
            about: Some(About::Text(why.to_string())),
            ..Self::of(Kind::Malformed)
        }
    }

    /// What it says to people.
    pub(crate) fn reason(&self, locale: Locale) -> String {
        let code = self.kind.code();
        let mut key = format!("problem-{}", code.replace('.', "-"));
        if let (Kind::InvalidField | Kind::Malformed | Kind::Conflict, Some(_)) =
            (self.kind, &self.about)
        {
            key.push_str("-why");
        }
        text_with(locale, &key, &self.arguments(locale).with("code", code))
    }

    /// What the text of a problem is filled in with.
    fn arguments(&self, locale: Locale) -> Args<'_> {
        let field = self.field.as_deref().unwrap_or_default();
        let about = self
            .about
            .as_ref()
            .map_or(field, |about| about.text(locale));
        // A problem is about one thing, and its text knows under which name.
        ["company", "table", "of", "from", "most", "problem", "user"]
            .into_iter()
            .fold(Args::new().with("field", field), |args, name| {
                args.with(name, about)
            })
    }

    /// Something needed failed: noted once, here, without personal data; the person gets a code, that of a full disk
    /// where this is behind it.
    pub(crate) fn noted(kind: Kind, error: &(dyn std::error::Error + 'static)) -> Self {
        let kind = match is_disk_full(error) {
            true => Kind::NoRoom,
            false => kind,
        };
        let mut causes = String::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            next = cause.source();
        }
        tracing::error!(code = kind.code(), "{error}{causes}");
        Self::of(kind)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Self {
        Self::of(kind)
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match &error {
            ControlError::NotFound { .. } => Self::of(Kind::NotFound),
            ControlError::Invalid { field: "name" } => {
                Self::said("name", |locale| text(locale, "problem-name-length"))
            }
            ControlError::Taken { field } | ControlError::Invalid { field } => Self::field(*field),
            ControlError::Password(PasswordError::TooShort | PasswordError::TooLong) => {
                Self::field("password")
            }
            ControlError::Transition { .. } => Self::of(Kind::Conflict),
            ControlError::IdempotencyMismatch => Self::of(Kind::IdempotencyMismatch),
            ControlError::Database { .. } | ControlError::Migrate { .. } => {
                Self::noted(Kind::Unavailable, &error)
            }
            _ => Self::noted(Kind::Internal, &error),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Control(error) => error.into(),
            ConnectError::NotActive { .. } => Self::of(Kind::Conflict),
            ConnectError::Selection(SelectionError::Filter { problem, .. }) => {
                Self::said("filter", |locale| problem.say(locale))
            }
            ref other => match other.code() {
                Some(code) => match other {
                    ConnectError::NoSuchCompany { company }
                    | ConnectError::Connected { company } => {
                        Self::about(Kind::Refused(code), "company", company.to_string())
                    }
                    ConnectError::NoSuchTable { table }
                    | ConnectError::Selection(SelectionError::Table { table }) => {
                        Self::about(Kind::Refused(code), "table", table)
                    }
                    ConnectError::Selection(SelectionError::Child { of, .. }) => {
                        Self::about(Kind::Refused(code), "filter", of)
                    }
                    _ => Self::of(Kind::Refused(code)),
                },
                None => Self::noted(Kind::Unavailable, other),
            },
        }
    }
}

impl From<BiLoginError> for Failure {
    fn from(error: BiLoginError) -> Self {
        match (error.code(), error) {
            (_, BiLoginError::Control(error)) => error.into(),
            (Some(code), BiLoginError::File) => Self::of(Kind::Refused(code)),
            (Some(code), error) => Self {
                about: error.user().map(|user| About::Text(user.to_owned())),
                ..Self::noted(Kind::Refused(code), &error)
            },
            (None, error) => Self::noted(Kind::Unavailable, &error),
        }
    }
}

impl From<RegistrationError> for Failure {
    fn from(error: RegistrationError) -> Self {
        let about = match &error {
            RegistrationError::Full { limit } => Some(About::Text(limit.to_string())),
            _ => None,
        };
        match (error.code(), error) {
            (_, RegistrationError::Connect(error)) => error.into(),
            (Some(code), _) => Self {
                kind: Kind::Refused(code),
                field: None,
                about,
            },
            (None, error) => Self::noted(Kind::Unavailable, &error),
        }
    }
}

impl From<PullError> for Failure {
    fn from(error: PullError) -> Self {
        let refused = Kind::Refused(error.code());
        match error {
            PullError::Control(error) => error.into(),
            PullError::TooFarBack { from } => Self::about(refused, "from", from.to_string()),
            PullError::Period => Self {
                field: Some("to".to_owned()),
                ..Self::of(refused)
            },
            PullError::Table { table } => Self::about(refused, "tables", table),
            PullError::Warehouse(_) | PullError::Queue(_) => Self::noted(Kind::Unavailable, &error),
            PullError::State(_) => Self::noted(Kind::Internal, &error),
            _ => Self::of(refused),
        }
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Control(error) => error.into(),
            DeliveryError::Order { field, problem } => {
                Self::said(field, |locale| problem.say(locale))
            }
            DeliveryError::PasswordsForOwners => Self::of(Kind::Forbidden),
            DeliveryError::Warehouse(_)
            | DeliveryError::Queue(_)
            | DeliveryError::Objects(_)
            | DeliveryError::Mailer(_) => Self::noted(Kind::Unavailable, &error),
            _ => Self::noted(Kind::Internal, &error),
        }
    }
}

impl From<ReplayError> for Failure {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Values => Self::field("values"),
            ReplayError::Import(error) => error.into(),
            ReplayError::Vendor(_) => Self::noted(Kind::Unavailable, &error),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Control(error) => error.into(),
            ImportError::Order { field, problem } => Self::wrong(field, &problem),
            ImportError::Status { .. } => Self::of(Kind::Conflict),
            ImportError::NoFile => Self::of(Kind::Refused("import.no-file")),
            ImportError::Empty | ImportError::Zip => Self::field("file"),
            ImportError::TooLarge { .. } => Self::of(Kind::TooLarge),
            ImportError::Warehouse(_)
            | ImportError::Objects(_)
            | ImportError::Queue(_)
            | ImportError::Space(_) => Self::noted(Kind::Unavailable, &error),
            // The file is at fault, which is told where the import is shown.
            ImportError::Exchange(_) | ImportError::Sheet(_) => Self::field("file"),
            _ => Self::noted(Kind::Internal, &error),
        }
    }
}

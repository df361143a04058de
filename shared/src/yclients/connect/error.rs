use serde_json::{Value, json};

use crate::{
    catalog::Locale,
    control::{ControlError, Failure},
    journal,
    planner::PlannerError,
    ports::{CipherError, Disposition, QueueError},
    warehouse::WarehouseError,
    yclients::{client::VendorError, pull::PullError, selection::SelectionError},
};

/// Why a company was not connected, or a source not changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The vendor, or the way to it.
    #[error(transparent)]
    Vendor(#[from] VendorError),
    /// The shared database.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The stored token could not be decrypted.
    #[error("the stored token could not be decrypted")]
    Token(#[source] CipherError),
    /// The subscription's own database.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The account does not see this company.
    #[error("the account does not see the company {company}")]
    NoSuchCompany {
        /// The company's id at the vendor.
        company: i64,
    },
    /// The company is a source of the subscription already.
    #[error("the company {company} is connected already")]
    Connected {
        /// The company's id at the vendor.
        company: i64,
    },
    /// The account sees no company at all.
    #[error("the account sees no company")]
    NoCompanies,
    /// People may not point sources at this address.
    #[error("sources may not be pointed at this address")]
    AddressNotAllowed,
    /// The source is paused, removed or waits for a credential.
    #[error("the source is {state}")]
    NotActive {
        /// Its state.
        state: &'static str,
    },
    /// There is no such table, or it cannot be chosen by itself.
    #[error("there is no table {table} to choose")]
    NoSuchTable {
        /// The name.
        table: String,
    },
    /// The jobs that it is compared by could not be made.
    #[error(transparent)]
    Jobs(#[from] Box<PlannerError>),
    /// What is to be read anew could not be noted.
    #[error(transparent)]
    Anew(#[from] Box<PullError>),
    /// What follows from it could not be queued; it will be found by time.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// What is to be loaded was not changed.
    #[error(transparent)]
    Selection(#[from] SelectionError),
}

impl ConnectError {
    /// The code; what it says to people has the key `problem-` and the code. `None` for what is no fault of the request.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Vendor(VendorError::Ledger(_)) | Self::Warehouse(_) | Self::Queue(_) => {
                return None;
            }
            Self::Vendor(error) => error.code(),
            Self::Control(ControlError::NotFound { .. }) => "not-found",
            Self::Control(ControlError::Invalid { .. }) => "invalid-field",
            Self::Control(_) | Self::Jobs(_) | Self::Anew(_) => return None,
            Self::Token(_) => "source.token",
            Self::NoSuchCompany { .. } => "source.no-such-company",
            Self::Connected { .. } => "source.connected",
            Self::NoCompanies => "source.no-companies",
            Self::AddressNotAllowed => "source.address",
            Self::NotActive { .. } => "source.not-active",
            Self::NoSuchTable { .. } => "source.no-such-table",
            Self::Selection(error) => error.code(),
        })
    }

    /// The arguments of the code.
    pub fn details(&self) -> Value {
        match self {
            Self::NoSuchCompany { company } | Self::Connected { company } => {
                json!({ "company": company.to_string() })
            }
            Self::NoSuchTable { table } => json!({ "table": table }),
            Self::Selection(error) => error.details(),
            Self::Control(ControlError::Invalid { field }) => json!({ "field": field }),
            _ => json!({}),
        }
    }

    /// The code with its arguments, for where failures are kept.
    pub fn failure(&self) -> Failure {
        Failure {
            code: self.code().unwrap_or("internal").to_owned(),
            details: self.details(),
        }
    }

    /// What it says to people.
    pub fn text(&self, locale: Locale) -> String {
        let code = self.code().unwrap_or("internal");
        let details = match self {
            Self::Selection(SelectionError::Filter { problem, .. }) => {
                json!({ "problem": problem.say(locale) })
            }
            _ => self.details(),
        };
        journal::reason(locale, code, Some(&details))
    }

    /// What to do with the work that met this error.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Vendor(error) => error.disposition(),
            Self::Control(error) => error.disposition(),
            Self::Warehouse(error) => error.disposition(),
            Self::Queue(error) => error.disposition(),
            Self::Selection(error) => error.disposition(),
            Self::Jobs(error) => error.disposition(),
            Self::Anew(error) => error.disposition(),
            Self::NotActive { .. } => Disposition::Drop,
            _ => Disposition::Park,
        }
    }
}

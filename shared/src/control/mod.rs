//! The shared database of accounts, subscriptions, deliveries and imports, on SQLite or PostgreSQL.
//!
//! Everything that belongs to a subscription is reached through a handle that cannot be made without it, such as
//! [`Control::deliveries`]; what is found by a secret alone, through [`Control::links`], [`Control::sessions`] and
//! [`Control::api_token`]. Writes go through a [`Tx`], so that facts that belong together are committed together.

mod account_mails;
mod accounts;
mod actor;
mod api_requests;
mod api_tokens;
mod credentials;
mod cursor;
pub(crate) mod database;
mod deliveries;
mod error;
mod first_run;
mod handed_mails;
mod housekeeping;
mod idempotency;
mod ids;
mod imports;
mod lanes;
mod link_token;
mod mails;
mod memberships;
mod password;
mod planned_jobs;
mod relay;
mod reports;
mod runs;
mod sent_keys;
mod sessions;
mod sign_in;
#[cfg(test)]
mod sign_in_tests;
mod sources;
mod storage;
mod subscriptions;
mod sweeps;
pub(crate) mod text_enum;
mod throttle;
mod token;
mod usage;

#[cfg(test)]
mod people_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) use {credentials::tests as credentials_testing, sources::tests as sources_testing};

pub use account_mails::AccountMail;
pub use accounts::{Account, Accounts, NewAccount};
pub use actor::Actor;
pub use api_tokens::{ApiToken, ApiTokens, NewApiToken, Scope};
pub use credentials::{
    Credential, CredentialKind, CredentialState, CredentialWriter, Credentials, NewCredential,
    VendorToken,
};
pub use cursor::{Cursor, CursorError, Page};
pub use database::{Control, DatabaseTarget, Tx};
pub(crate) use database::{read, within};
pub use deliveries::{
    CLAIM_RETRY, ClaimOutcome, Deliveries, Delivery, DeliveryStatus, DeliveryWriter, Failure,
    FileFormat, LINK_LIFE, Links, NewDelivery, Ordered, ReadyFile, Started,
};
pub use error::ControlError;
pub use first_run::FirstOwner;
pub use housekeeping::{Housekeeping, Removable};
pub use ids::{
    AccountId, ApiTokenId, CredentialId, DeliveryId, ImportId, JobId, JobRunId, JournalId, NoId,
    ReportId, RunId,
};
pub use imports::{
    By, Import, ImportFormat, ImportStatus, ImportWriter, Imports, NewImport, Retention, UnderWay,
    Unneeded,
};
pub use lanes::{
    Lane, LaneKey, LaneLimits, LaneShare, LaneSpenders, NoShare, Purpose, Slots, Spender, Spending,
    Spent, SpentCalls,
};
pub use link_token::{LinkToken, LinkTokens};
pub use mails::{MailTrouble, SentMail};
pub use memberships::{Member, Membership, Role};
pub use password::{Password, PasswordError};
pub use planned_jobs::{
    Claimed, DueJob, EndedJobs, JobKind, JobRun, JobRunState, JobWriter, NewPlannedJob, PlannedJob,
    PlannedJobs,
};
pub use reports::{NewReport, Report, ReportKind, ReportTable, ReportWriter, Reports};
pub(crate) use runs::under_way::HEARD_OF;
pub use runs::{NewRun, Progress, Run, RunKind, RunState, RunWriter, Runs};
pub use sessions::{NewSession, Session, Sessions};
pub use sign_in::SignIn;
pub use sources::{
    NewSource, RowsLeft, Source, SourceSettings, SourceState, SourceTable, SourceWriter, Sources,
    TableResult, VendorName,
};
pub use storage::Stored;
pub use subscriptions::{NewSubscription, Plan, Subscription};
pub use sweeps::{SWEPT_AT_ONCE, Sweeper};
pub use token::{SecretToken, TokenHash};
pub use usage::Usage;

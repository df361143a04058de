//! The shared database of accounts, subscriptions, deliveries and imports, on SQLite or PostgreSQL.
//!
//! Everything that belongs to a subscription is reached through a handle that cannot be made without it, such as
//! [`Control::deliveries`]; what is found by a secret alone, through [`Control::links`], [`Control::sessions`] and
//! [`Control::api_token`]. Writes go through a [`Tx`], so that facts that belong together are committed together.

mod accounts;
mod actor;
mod api_tokens;
mod cursor;
pub(crate) mod database;
mod deliveries;
mod error;
mod first_run;
mod housekeeping;
mod idempotency;
mod ids;
mod imports;
mod link_token;
mod mails;
mod memberships;
mod password;
mod relay;
mod sessions;
mod sign_in;
#[cfg(test)]
mod sign_in_tests;
mod subscriptions;
pub(crate) mod text_enum;
mod throttle;
mod token;

#[cfg(test)]
mod people_tests;
#[cfg(test)]
pub(crate) mod testing;

pub use accounts::{Account, Accounts, NewAccount};
pub use actor::Actor;
pub use api_tokens::{ApiToken, ApiTokens, NewApiToken, Scope};
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
pub use ids::{AccountId, ApiTokenId, DeliveryId, ImportId, JournalId};
pub use imports::{Import, ImportFormat, ImportStatus, ImportWriter, Imports, NewImport};
pub use link_token::{LinkToken, LinkTokens};
pub use mails::{MailTrouble, SentMail};
pub use memberships::{Member, Membership, Role};
pub use password::{Password, PasswordError};
pub use sessions::{NewSession, Session, Sessions};
pub use sign_in::SignIn;
pub use subscriptions::{NewSubscription, Plan, Subscription};
pub use token::{SecretToken, TokenHash};

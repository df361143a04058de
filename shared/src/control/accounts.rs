use chrono::{DateTime, Utc};

use super::{AccountId, Control, ControlError, Password, Tx, read, within};
use crate::catalog::Locale;

/// The longest name.
const MAX_NAME: usize = 200;

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The e-mail address as it was typed.
    pub email: String,
    /// The name.
    pub name: String,
    /// The language of pages and mails.
    pub locale: Locale,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A person to be let in.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address; upper and lower case make no difference between two accounts.
    pub email: String,
    /// The name.
    pub name: String,
    /// The language of pages and mails.
    pub locale: Locale,
    /// The hashed password.
    pub password: Password,
}

/// Accounts, to read. They belong to no subscription; memberships do.
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a> {
    control: &'a Control,
}

/// What two spellings of one address have in common.
pub(super) fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Control {
    /// Accounts, to read.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts { control: self }
    }
}

impl Accounts<'_> {
    /// The account of that id.
    pub async fn get(&self, id: &AccountId) -> Result<Account, ControlError> {
        let sql = "SELECT id, email, name, locale, created_at FROM accounts WHERE id = $1";
        read!(self.control, db => sqlx::query_as(sql).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read an account"))?
            .ok_or(ControlError::NotFound { what: "account" })
    }

    /// The account with that e-mail address, in whatever case.
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>, ControlError> {
        let sql = "SELECT id, email, name, locale, created_at FROM accounts WHERE email_key = $1";
        read!(self.control, db => sqlx::query_as(sql).bind(email_key(email)).fetch_optional(db).await)
            .map_err(ControlError::database("find an account"))
    }

    /// The account with that e-mail address and its password's hash.
    pub(super) async fn with_password(
        &self,
        email: &str,
    ) -> Result<Option<(AccountId, Password)>, ControlError> {
        let sql = "SELECT id, password_hash FROM accounts WHERE email_key = $1";
        let found: Option<(AccountId, String)> =
            read!(self.control, db => sqlx::query_as(sql).bind(email_key(email)).fetch_optional(db).await)
                .map_err(ControlError::database("find an account"))?;
        Ok(found.map(|(id, phc)| (id, Password::stored(phc))))
    }
}

impl Tx {
    /// Makes an account. [`ControlError::Taken`] when there is one with that address.
    pub async fn create_account(
        &mut self,
        new: &NewAccount,
        now: DateTime<Utc>,
    ) -> Result<Account, ControlError> {
        let email = new.email.trim();
        if email.len() > 254 || email.parse::<lettre::Address>().is_err() {
            return Err(ControlError::Invalid {
                field: "e-mail address",
            });
        }
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME {
            return Err(ControlError::Invalid { field: "name" });
        }
        let sql = "INSERT INTO accounts (id, email, email_key, name, locale, password_hash, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING \
                   RETURNING id, email, name, locale, created_at";
        within!(self, db => sqlx::query_as(sql)
            .bind(AccountId::random())
            .bind(email)
            .bind(email_key(email))
            .bind(name)
            .bind(new.locale)
            .bind(new.password.phc())
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("create an account"))?
        .pop()
        .ok_or(ControlError::Taken {
            field: "e-mail address",
        })
    }

    /// Changes the language of pages and mails.
    pub async fn set_locale(&mut self, id: &AccountId, locale: Locale) -> Result<(), ControlError> {
        let sql = "UPDATE accounts SET locale = $2 WHERE id = $1";
        let changed = within!(self, db => sqlx::query(sql)
            .bind(id)
            .bind(locale)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("set a language"))?;
        if changed > 0 { Ok(()) } else { Err(ControlError::NotFound { what: "account" }) }
    }

    /// Replaces the password and ends all sessions of the account.
    pub async fn set_password(
        &mut self,
        id: &AccountId,
        password: &Password,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
        let changed = within!(self, db => sqlx::query(sql)
            .bind(id)
            .bind(password.phc())
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("set a password"))?;
        if changed == 0 {
            return Err(ControlError::NotFound { what: "account" });
        }
        self.end_sessions(id).await
    }
}

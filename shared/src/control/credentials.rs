use std::fmt;

use chrono::{DateTime, Utc};

use super::{
    Actor, Control, ControlError, CredentialId, Tx, read, sources::VendorName,
    text_enum::text_enum, within,
};
use crate::{
    SubscriptionId,
    ports::{Cipher, CipherError},
};

#[cfg(test)]
pub(crate) mod tests;

/// The most rows of one list.
const MAX_ROWS: i64 = 500;

text_enum! {
    /// Where a credential's token comes from.
    CredentialKind {
        /// A login and password, exchanged for the token once.
        Login = "login",
        /// A permanent token of a vendor's application, given as it is.
        Application = "application",
    }
}

text_enum! {
    /// Whether a credential opens anything.
    CredentialState {
        /// As far as is known it does.
        Good = "good",
        /// The vendor refused it; it has to be renewed.
        Refused = "refused",
        /// Forgotten with the last source that used it.
        Forgotten = "forgotten",
    }
}

/// A vendor's token of a user. It is in no log: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct VendorToken(String);

impl VendorToken {
    /// A token as the vendor gave it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself, for the header of a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for VendorToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("VendorToken(…)")
    }
}

/// A way to sign in to a vendor, shared by any number of sources. Times are in UTC.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Credential {
    /// The id.
    pub id: CredentialId,
    /// Whose it is.
    pub subscription_id: SubscriptionId,
    /// The vendor.
    pub vendor: VendorName,
    /// Where it signed in, if not at the vendor's usual address.
    pub base_url: Option<String>,
    /// Where the token comes from.
    pub kind: CredentialKind,
    /// The login, most of it hidden; `None` for an application's token.
    pub login_masked: Option<String>,
    sealed_token: Option<String>,
    /// How many tokens it has had: each renewal adds one.
    pub version: i64,
    /// Whether it opens anything.
    pub state: CredentialState,
    /// Who gave it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When the present token came.
    pub renewed_at: DateTime<Utc>,
    /// Since when the vendor refuses it.
    pub refused_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credential")
            .field("id", &self.id)
            .field("vendor", &self.vendor)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// The token, decrypted. [`CipherError::Malformed`] for a credential that was forgotten.
    pub fn token(&self, cipher: &Cipher) -> Result<VendorToken, CipherError> {
        let sealed = self.sealed_token.as_deref().unwrap_or_default();
        cipher.decrypt(sealed, &place(&self.id)).map(VendorToken)
    }
}

/// The place that a token is bound to when it is encrypted.
fn place(id: &CredentialId) -> String {
    format!("credentials/{id}/token")
}

/// A credential to be kept.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The vendor.
    pub vendor: VendorName,
    /// Where it signed in, if not at the vendor's usual address.
    pub base_url: Option<String>,
    /// Where the token comes from.
    pub kind: CredentialKind,
    /// The login, most of it hidden.
    pub login_masked: Option<String>,
    /// The token.
    pub token: VendorToken,
    /// Who gives it.
    pub created_by: Actor,
}

/// One subscription's credentials.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

/// Changes to one subscription's credentials, within a transaction.
#[derive(Debug)]
pub struct CredentialWriter<'a> {
    tx: &'a mut Tx,
    subscription: &'a SubscriptionId,
}

macro_rules! columns {
    () => {
        "id, subscription_id, vendor, base_url, kind, login_masked, sealed_token, version, state, created_by, created_at, \
         renewed_at, refused_at"
    };
}

impl Control {
    /// That subscription's credentials.
    pub fn credentials<'a>(&'a self, subscription: &'a SubscriptionId) -> Credentials<'a> {
        Credentials {
            control: self,
            subscription,
        }
    }
}

impl Credentials<'_> {
    /// The credential of that id.
    pub async fn get(&self, id: &CredentialId) -> Result<Credential, ControlError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM credentials WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a credential"))?
            .ok_or(ControlError::NotFound { what: "credential" })
    }

    /// The credentials that are not forgotten, newest first; at most 500.
    pub async fn list(&self) -> Result<Vec<Credential>, ControlError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM credentials WHERE subscription_id = $1 AND state <> 'forgotten' \
             ORDER BY created_at DESC, id DESC LIMIT $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list credentials"))
    }
}

impl Tx {
    /// Changes to that subscription's credentials.
    pub fn credentials<'a>(&'a mut self, subscription: &'a SubscriptionId) -> CredentialWriter<'a> {
        CredentialWriter {
            tx: self,
            subscription,
        }
    }

    /// Forgets the tokens of credentials that were made before that time and that no source uses.
    pub async fn forget_abandoned_credentials(
        &mut self,
        made_before: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE credentials SET state = 'forgotten', sealed_token = NULL, login_masked = NULL \
                   WHERE state <> 'forgotten' AND created_at < $1 AND NOT EXISTS \
                   (SELECT 1 FROM sources WHERE credential_id = credentials.id AND state <> 'removed')";
        within!(self, db => sqlx::query(sql).bind(made_before).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("forget abandoned credentials"))
    }
}

impl CredentialWriter<'_> {
    /// Keeps a credential, its token encrypted.
    pub async fn create(
        &mut self,
        new: &NewCredential,
        cipher: &Cipher,
        now: DateTime<Utc>,
    ) -> Result<Credential, ControlError> {
        let id = CredentialId::random();
        let sealed = seal(&id, &new.token, cipher)?;
        let sql = concat!(
            "INSERT INTO credentials (id, subscription_id, vendor, base_url, kind, login_masked, sealed_token, version, \
             state, created_by, created_at, renewed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 'good', $8, $9, $9) RETURNING ",
            columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(&id)
            .bind(self.subscription)
            .bind(new.vendor)
            .bind(&new.base_url)
            .bind(new.kind)
            .bind(&new.login_masked)
            .bind(sealed)
            .bind(&new.created_by)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("keep a credential"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "credential" })
    }

    /// Puts a new token in the place of the one before. Its sources that waited for it are active again.
    pub async fn renew(
        &mut self,
        id: &CredentialId,
        new: &NewCredential,
        cipher: &Cipher,
        now: DateTime<Utc>,
    ) -> Result<Credential, ControlError> {
        let sealed = seal(id, &new.token, cipher)?;
        let sql = concat!(
            "UPDATE credentials SET base_url = $3, kind = $4, login_masked = $5, sealed_token = $6, version = version + 1, \
             state = 'good', renewed_at = $7, refused_at = NULL \
             WHERE subscription_id = $1 AND id = $2 AND state <> 'forgotten' RETURNING ",
            columns!()
        );
        let renewed = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&new.base_url)
            .bind(new.kind)
            .bind(&new.login_masked)
            .bind(sealed)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("renew a credential"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "credential" })?;
        let sources = "UPDATE sources SET changed_at = $3, base_url = $4, \
                       state = CASE WHEN state = 'needs_credential' THEN 'active' ELSE state END \
                       WHERE subscription_id = $1 AND credential_id = $2 AND state <> 'removed'";
        within!(self.tx, db => sqlx::query(sources)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .bind(&new.base_url)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("wake the sources of a credential"))?;
        Ok(renewed)
    }

    /// Notes that the vendor refuses the token of this version: its active sources wait for a new one. `false`, and
    /// nothing changes, when that is known already or the token was renewed meanwhile.
    pub async fn refused(
        &mut self,
        id: &CredentialId,
        version: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE credentials SET state = 'refused', refused_at = $4 \
                   WHERE subscription_id = $1 AND id = $2 AND version = $3 AND state = 'good'";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(version)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note a refused credential"))?;
        if changed == 0 {
            return Ok(false);
        }
        let sources = "UPDATE sources SET state = 'needs_credential', changed_at = $3 \
                       WHERE subscription_id = $1 AND credential_id = $2 AND state = 'active'";
        within!(self.tx, db => sqlx::query(sources)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("stop the sources of a credential"))?;
        Ok(true)
    }

    /// The credential and its sources reach the vendor at another address from now on; `None` for the usual one.
    pub async fn move_to(
        &mut self,
        id: &CredentialId,
        base_url: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let credential =
            "UPDATE credentials SET base_url = $3 WHERE subscription_id = $1 AND id = $2";
        let sources = "UPDATE sources SET base_url = $3, changed_at = $4 \
                       WHERE subscription_id = $1 AND credential_id = $2 AND state <> 'removed'";
        within!(self.tx, db => sqlx::query(credential)
            .bind(self.subscription)
            .bind(id)
            .bind(base_url)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("move a credential"))?;
        within!(self.tx, db => sqlx::query(sources)
            .bind(self.subscription)
            .bind(id)
            .bind(base_url)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("move the sources of a credential"))
    }

    /// Forgets the token of a credential that no source uses any more; `false` while one does.
    pub async fn forget_unused(&mut self, id: &CredentialId) -> Result<bool, ControlError> {
        let sql = "UPDATE credentials SET state = 'forgotten', sealed_token = NULL, login_masked = NULL \
                   WHERE subscription_id = $1 AND id = $2 AND state <> 'forgotten' AND NOT EXISTS \
                   (SELECT 1 FROM sources WHERE credential_id = $2 AND state <> 'removed')";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("forget a credential"))?;
        Ok(changed > 0)
    }
}

fn seal(id: &CredentialId, token: &VendorToken, cipher: &Cipher) -> Result<String, ControlError> {
    cipher
        .encrypt(token.reveal(), &place(id))
        .map_err(|_| ControlError::Invalid { field: "token" })
}

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Actor, ApiTokenId, Control, ControlError, SecretToken, TokenHash, Tx, read,
    text_enum::text_enum, within,
};
use crate::SubscriptionId;

/// What every API token starts with, so that one that leaked is recognised.
const PREFIX: &str = "wyn_";

/// A token's use is noted at most this often, to spare writes.
const NOTE_AFTER: TimeDelta = TimeDelta::minutes(5);

/// The most rows of one list.
const MAX_ROWS: i64 = 500;

/// The longest name.
const MAX_NAME: usize = 100;

text_enum! {
    /// What a program may do.
    Scope {
        /// Look only.
        Read = "read",
        /// Change things and order files too.
        Write = "write",
    }
}

/// A program's key to one subscription.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ApiToken {
    /// The id.
    pub id: ApiTokenId,
    /// The subscription that it opens.
    pub subscription_id: SubscriptionId,
    /// What its maker calls it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub created_by: Actor,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to some minutes.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A new API token; this is the only time that the secret is there.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// The secret: `wyn_…`.
    pub secret: SecretToken,
    /// The token.
    pub token: ApiToken,
}

/// One subscription's API tokens.
#[derive(Debug, Clone, Copy)]
pub struct ApiTokens<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

impl Control {
    /// That subscription's API tokens.
    pub fn api_tokens<'a>(&'a self, subscription: &'a SubscriptionId) -> ApiTokens<'a> {
        ApiTokens {
            control: self,
            subscription,
        }
    }

    /// The token that a program came with, its use noted; `None` when there is none or it was revoked.
    pub async fn api_token(
        &self,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<ApiToken>, ControlError> {
        if !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let sql = "SELECT id, subscription_id, name, scope, created_by, created_at, last_used_at, revoked_at \
                   FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL";
        let found: Option<ApiToken> =
            read!(self, db => sqlx::query_as(sql).bind(TokenHash::of(secret)).fetch_optional(db).await)
                .map_err(ControlError::database("find an API token"))?;
        let Some(mut token) = found else {
            return Ok(None);
        };
        if token
            .last_used_at
            .is_none_or(|last| now - last >= NOTE_AFTER)
        {
            let mut tx = self.begin().await?;
            let note = "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1";
            within!(tx, db => sqlx::query(note).bind(&token.id).bind(now).execute(db).await.map(|_| ()))
                .map_err(ControlError::database("note an API token's use"))?;
            tx.commit().await?;
            token.last_used_at = Some(now);
        }
        Ok(Some(token))
    }
}

impl ApiTokens<'_> {
    /// The subscription's tokens, revoked ones included, newest first; at most 500.
    pub async fn list(&self) -> Result<Vec<ApiToken>, ControlError> {
        let sql = "SELECT id, subscription_id, name, scope, created_by, created_at, last_used_at, revoked_at \
                   FROM api_tokens WHERE subscription_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(MAX_ROWS).fetch_all(db).await)
            .map_err(ControlError::database("list API tokens"))
    }
}

impl Tx {
    /// Makes a token for a program.
    pub async fn create_api_token(
        &mut self,
        subscription: &SubscriptionId,
        name: &str,
        scope: Scope,
        created_by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<NewApiToken, ControlError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > MAX_NAME {
            return Err(ControlError::Invalid { field: "name" });
        }
        let secret = SecretToken::random(PREFIX);
        let sql = "INSERT INTO api_tokens (id, subscription_id, name, token_hash, scope, created_by, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) \
                   RETURNING id, subscription_id, name, scope, created_by, created_at, last_used_at, revoked_at";
        let token = within!(self, db => sqlx::query_as(sql)
            .bind(ApiTokenId::random())
            .bind(subscription)
            .bind(name)
            .bind(secret.hash())
            .bind(scope)
            .bind(created_by)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("create an API token"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "API token" })?;
        Ok(NewApiToken { secret, token })
    }

    /// Revokes the token for good; `false` when the subscription has no such token in use.
    pub async fn revoke_api_token(
        &mut self,
        subscription: &SubscriptionId,
        id: &ApiTokenId,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE api_tokens SET revoked_at = $3 WHERE subscription_id = $1 AND id = $2 AND revoked_at IS NULL";
        let changed = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("revoke an API token"))?;
        Ok(changed > 0)
    }
}

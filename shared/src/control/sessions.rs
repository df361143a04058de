use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;

use super::{AccountId, Control, ControlError, SecretToken, TokenHash, Tx, read, within};
use crate::ports::KeyRing;

/// How long a session lives unused.
const IDLE: TimeDelta = TimeDelta::hours(12);

/// How long a session lives at all.
const ABSOLUTE: TimeDelta = TimeDelta::days(30);

/// A session's use is noted only when this much of its idle time is gone, to spare writes.
const NOTE_AFTER: TimeDelta = TimeDelta::minutes(5);

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Session {
    /// The hash of its token; the token itself is in the browser alone.
    pub token_hash: TokenHash,
    /// Who is signed in.
    pub account_id: AccountId,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when, if it is not used again.
    pub idle_until: DateTime<Utc>,
    /// Until when at most.
    pub expires_at: DateTime<Utc>,
}

impl Session {
    /// The token that every form of this session carries, so that other sites cannot post in its name.
    pub fn csrf_token(&self, keys: &KeyRing) -> String {
        BASE64URL_NOPAD.encode(
            &keys
                .current()
                .mac(&[b"session", self.token_hash.as_str().as_bytes()]),
        )
    }

    /// Whether the form carries this session's token; takes the same time whichever character differs.
    pub fn csrf_matches(&self, keys: &KeyRing, token: &str) -> bool {
        let Ok(mac) = BASE64URL_NOPAD.decode(token.as_bytes()) else {
            return false;
        };
        keys.current()
            .verify(&[b"session", self.token_hash.as_str().as_bytes()], &mac)
    }
}

/// A session and the token to put into the browser's cookie.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The token.
    pub token: SecretToken,
    /// The session.
    pub session: Session,
}

/// Sessions, by their token.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a> {
    control: &'a Control,
}

impl Control {
    /// Sessions, by their token.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { control: self }
    }
}

impl Sessions<'_> {
    /// Signs an account in: a new session with a new token, always. Sessions that are over are cleared away.
    pub async fn create(
        &self,
        account: &AccountId,
        now: DateTime<Utc>,
    ) -> Result<NewSession, ControlError> {
        let token = SecretToken::random("");
        let session = Session {
            token_hash: token.hash(),
            account_id: account.clone(),
            created_at: now,
            idle_until: now + IDLE,
            expires_at: now + ABSOLUTE,
        };
        let mut tx = self.control.begin().await?;
        let clear = "DELETE FROM sessions WHERE idle_until <= $1";
        within!(tx, db => sqlx::query(clear).bind(now).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("clear sessions"))?;
        let sql = "INSERT INTO sessions (token_hash, account_id, created_at, idle_until, expires_at) \
                   VALUES ($1, $2, $3, $4, $5)";
        within!(tx, db => sqlx::query(sql)
            .bind(&session.token_hash)
            .bind(&session.account_id)
            .bind(session.created_at)
            .bind(session.idle_until)
            .bind(session.expires_at)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("create a session"))?;
        tx.commit().await?;
        Ok(NewSession { token, session })
    }

    /// The session of that token, its idle time begun afresh; `None` when there is none or it is over.
    pub async fn find(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Session>, ControlError> {
        let sql = "SELECT token_hash, account_id, created_at, idle_until, expires_at FROM sessions \
                   WHERE token_hash = $1 AND idle_until > $2 AND expires_at > $2";
        let hash = TokenHash::of(token);
        let found: Option<Session> = read!(self.control, db => sqlx::query_as(sql)
            .bind(&hash)
            .bind(now)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("find a session"))?;
        let Some(mut session) = found else {
            return Ok(None);
        };
        let idle_until = (now + IDLE).min(session.expires_at);
        if idle_until - session.idle_until < NOTE_AFTER {
            return Ok(Some(session));
        }
        session.idle_until = idle_until;
        let mut tx = self.control.begin().await?;
        let note = "UPDATE sessions SET idle_until = $2 WHERE token_hash = $1";
        within!(tx, db => sqlx::query(note).bind(&hash).bind(idle_until).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("note a session's use"))?;
        tx.commit().await?;
        Ok(Some(session))
    }

    /// Signs out.
    pub async fn end(&self, session: &Session) -> Result<(), ControlError> {
        let mut tx = self.control.begin().await?;
        let sql = "DELETE FROM sessions WHERE token_hash = $1";
        within!(tx, db => sqlx::query(sql).bind(&session.token_hash).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("end a session"))?;
        tx.commit().await
    }
}

impl Tx {
    /// Signs the account out everywhere.
    pub async fn end_sessions(&mut self, account: &AccountId) -> Result<(), ControlError> {
        let sql = "DELETE FROM sessions WHERE account_id = $1";
        within!(self, db => sqlx::query(sql).bind(account).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("end sessions"))
    }
}

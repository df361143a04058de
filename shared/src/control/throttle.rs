use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{ControlError, Tx, within};

/// Failures are forgotten after this long without another.
const FORGET_AFTER: TimeDelta = TimeDelta::hours(24);

/// The most accounts and addresses remembered; beyond that the longest unseen are forgotten.
const MAX_ROWS: i64 = 50_000;

/// How long nobody may try again after the free failures are used up, and after each further one.
const DELAYS: [TimeDelta; 5] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(15),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
];

/// What is throttled. Stored as a hash, so that the table holds no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Throttled<'a> {
    /// Attempts on one account, known by its address in lower case.
    Account(&'a str),
    /// Attempts from one network address.
    Address(&'a str),
}

impl Throttled<'_> {
    fn key(self) -> String {
        let (kind, value) = match self {
            Self::Account(email) => ("account", email),
            Self::Address(address) => ("address", address),
        };
        HEXLOWER.encode(&Sha256::digest(format!("{kind}:{value}")))
    }

    /// Attempts that cost nothing. Many people can share one address.
    const fn free(self) -> i64 {
        match self {
            Self::Account(_) => 4,
            Self::Address(_) => 30,
        }
    }
}

impl Tx {
    /// Counts an attempt as failed before it is made, so that many at once cannot slip through together. `Err` inside when
    /// nobody may try before that time.
    pub(super) async fn count_attempt(
        &mut self,
        what: Throttled<'_>,
        now: DateTime<Utc>,
    ) -> Result<Result<(), DateTime<Utc>>, ControlError> {
        let [first, second, third, fourth, last] = DELAYS.map(|delay| now + delay);
        let sql = "INSERT INTO sign_in_throttle (key, failures, blocked_until, last_failure_at) VALUES ($1, 1, $2, $2) \
                   ON CONFLICT (key) DO UPDATE SET failures = sign_in_throttle.failures + 1, last_failure_at = $2, \
                   blocked_until = CASE sign_in_throttle.failures - $3 \
                   WHEN 0 THEN $4 WHEN 1 THEN $5 WHEN 2 THEN $6 WHEN 3 THEN $7 \
                   ELSE CASE WHEN sign_in_throttle.failures < $3 THEN $2 ELSE $8 END END \
                   WHERE sign_in_throttle.blocked_until <= $2 RETURNING failures";
        let counted: Vec<i64> = within!(self, db => sqlx::query_scalar(sql)
            .bind(what.key())
            .bind(now)
            .bind(what.free())
            .bind(first)
            .bind(second)
            .bind(third)
            .bind(fourth)
            .bind(last)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("count an attempt to sign in"))?;
        if !counted.is_empty() {
            return Ok(Ok(()));
        }
        let sql = "SELECT blocked_until FROM sign_in_throttle WHERE key = $1";
        let until: Option<DateTime<Utc>> =
            within!(self, db => sqlx::query_scalar(sql).bind(what.key()).fetch_optional(db).await)
                .map_err(ControlError::database("read the throttle"))?;
        Ok(Err(until.unwrap_or(now)))
    }

    /// Forgets the attempts on an account once its owner is in.
    pub(super) async fn forget_attempts(
        &mut self,
        what: Throttled<'_>,
    ) -> Result<(), ControlError> {
        let sql = "DELETE FROM sign_in_throttle WHERE key = $1";
        within!(self, db => sqlx::query(sql).bind(what.key()).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("forget attempts to sign in"))
    }

    /// Takes one attempt back that turned out right, for an address that others may be failing from.
    pub(super) async fn forgive_attempt(
        &mut self,
        what: Throttled<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE sign_in_throttle SET failures = failures - 1, blocked_until = $2 WHERE key = $1";
        within!(self, db => sqlx::query(sql).bind(what.key()).bind(now).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("forgive an attempt to sign in"))
    }

    /// Keeps the table small: old failures go, and the longest unseen beyond the limit.
    pub(super) async fn trim_throttle(&mut self, now: DateTime<Utc>) -> Result<(), ControlError> {
        let old = "DELETE FROM sign_in_throttle WHERE last_failure_at <= $1";
        within!(self, db => sqlx::query(old).bind(now - FORGET_AFTER).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("trim the throttle"))?;
        let beyond = "DELETE FROM sign_in_throttle WHERE key IN (SELECT key FROM sign_in_throttle \
                      ORDER BY last_failure_at DESC, key LIMIT 1000 OFFSET $1)";
        within!(self, db => sqlx::query(beyond).bind(MAX_ROWS).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("trim the throttle"))
    }
}

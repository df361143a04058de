use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{
    Actor, ControlError, Tx,
    idempotency::{check_key, request_hash},
    within,
};
use crate::SubscriptionId;

/// A key is remembered this long.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

impl Tx {
    /// Notes a request that carries an idempotency key; `true` when the same request by the same actor under the same key
    /// was done before, within a day, so that nothing of it must be done again. Another request under that key is
    /// [`ControlError::IdempotencyMismatch`].
    pub async fn begin_request<T: Serialize>(
        &mut self,
        subscription: &SubscriptionId,
        actor: &Actor,
        key: &str,
        request: &T,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        check_key(Some(key))?;
        let hash = request_hash(request)?;
        let sql = "INSERT INTO api_requests (subscription_id, actor, idempotency_key, request_hash, begun_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subscription_id, actor, idempotency_key) DO UPDATE SET \
                   request_hash = CASE WHEN api_requests.begun_at <= $6 THEN $4 ELSE api_requests.request_hash END, \
                   done_at = CASE WHEN api_requests.begun_at <= $6 THEN NULL ELSE api_requests.done_at END, \
                   begun_at = CASE WHEN api_requests.begun_at <= $6 THEN $5 ELSE api_requests.begun_at END \
                   RETURNING request_hash, done_at";
        let noted: Option<(String, Option<DateTime<Utc>>)> =
            within!(self, db => sqlx::query_as(sql)
            .bind(subscription)
            .bind(actor)
            .bind(key)
            .bind(&hash)
            .bind(now)
            .bind(now - REMEMBERED)
            .fetch_all(db)
            .await)
            .map_err(ControlError::database("note a request"))?
            .pop();
        match noted {
            Some((known, done)) if known == hash => Ok(done.is_some()),
            _ => Err(ControlError::IdempotencyMismatch),
        }
    }

    /// The request under that key is done.
    pub async fn end_request(
        &mut self,
        subscription: &SubscriptionId,
        actor: &Actor,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE api_requests SET done_at = $4 \
                   WHERE subscription_id = $1 AND actor = $2 AND idempotency_key = $3";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(actor)
            .bind(key)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note that a request is done"))
    }

    /// Forgets keys that are remembered no longer; how many.
    pub async fn forget_requests(&mut self, now: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM api_requests WHERE begun_at <= $1";
        within!(self, db => sqlx::query(sql)
            .bind(now - REMEMBERED)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("forget requests"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::testing::beds;

    #[tokio::test]
    async fn a_key_stands_for_one_request_of_one_actor_for_a_day() {
        for bed in beds().await {
            let (shop, now) = (&bed.subscription.id, bed.now());
            let (one, other) = (Actor::CommandLine, Actor::System);
            let mut tx = bed.control.begin().await.unwrap();
            assert!(
                !tx.begin_request(shop, &one, "k", &"put 1", now)
                    .await
                    .unwrap()
            );
            let broken_off = tx.begin_request(shop, &one, "k", &"put 1", now).await;
            assert!(!broken_off.unwrap(), "it was begun and never done");
            tx.end_request(shop, &one, "k", now).await.unwrap();
            assert!(
                tx.begin_request(shop, &one, "k", &"put 1", now)
                    .await
                    .unwrap()
            );
            assert!(
                !tx.begin_request(shop, &other, "k", &"put 1", now)
                    .await
                    .unwrap()
            );
            let mismatch = tx.begin_request(shop, &one, "k", &"put 2", now).await;
            assert!(matches!(mismatch, Err(ControlError::IdempotencyMismatch)));
            let later = now + REMEMBERED;
            assert!(
                !tx.begin_request(shop, &one, "k", &"put 2", later)
                    .await
                    .unwrap()
            );
            assert_eq!(tx.forget_requests(later).await.unwrap(), 1);
            tx.commit().await.unwrap();
            bed.close().await;
        }
    }
}

use chrono::{DateTime, TimeDelta, Utc};

use super::{Control, ControlError, Tx, read, within};
use crate::ports::QueueName;

/// A key is remembered this long, as the embedded queue remembers its own.
const REMEMBERED: TimeDelta = TimeDelta::hours(24);

impl Control {
    /// Whether a message under that key was sent to the queue within a day, by any process.
    pub async fn was_sent(
        &self,
        queue: QueueName,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sent_keys WHERE queue = $1 AND dedupe_key = $2 AND sent_at > $3)";
        read!(self, db => sqlx::query_scalar(sql)
            .bind(queue.as_str())
            .bind(key)
            .bind(now - REMEMBERED)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("look for a sent key"))
    }
}

impl Tx {
    /// Notes that a message under that key was sent.
    pub async fn note_sent(
        &mut self,
        queue: QueueName,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO sent_keys (queue, dedupe_key, sent_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (queue, dedupe_key) DO UPDATE SET sent_at = $3";
        within!(self, db => sqlx::query(sql)
            .bind(queue.as_str())
            .bind(key)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note a sent key"))
    }

    /// Forgets keys that are remembered no longer; how many.
    pub async fn forget_sent(&mut self, now: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM sent_keys WHERE sent_at <= $1";
        within!(self, db => sqlx::query(sql)
            .bind(now - REMEMBERED)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("forget sent keys"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::testing::beds;

    #[tokio::test]
    async fn a_sent_key_is_known_for_a_day_in_its_own_queue() {
        for bed in beds().await {
            let (queue, now) = (QueueName::Import, bed.now());
            let known = async |queue, at| bed.control.was_sent(queue, "k", at).await.unwrap();
            assert!(!known(queue, now).await);
            for _ in 0..2 {
                let mut tx = bed.control.begin().await.unwrap();
                tx.note_sent(queue, "k", now).await.unwrap();
                tx.commit().await.unwrap();
            }
            assert!(known(queue, now + TimeDelta::hours(23)).await);
            assert!(!known(QueueName::Export, now).await);
            let later = now + REMEMBERED;
            assert!(!known(queue, later).await);
            let mut tx = bed.control.begin().await.unwrap();
            assert_eq!(tx.forget_sent(later).await.unwrap(), 1);
            tx.commit().await.unwrap();
            bed.close().await;
        }
    }
}

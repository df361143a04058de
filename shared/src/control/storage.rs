use chrono::{DateTime, Utc};

use super::{Control, ControlError, Tx, read, within};
use crate::SubscriptionId;

/// What a warehouse took up when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Stored {
    /// Bytes.
    pub bytes: i64,
    /// When it was looked at.
    pub measured_at: DateTime<Utc>,
    /// The highest percentage of the plan that the owners were told of; 0 for none.
    pub warned: i64,
}

impl Control {
    /// What the subscription's warehouse took up when it was last looked at; `None` where nobody looked yet.
    pub async fn stored(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Option<Stored>, ControlError> {
        let sql = "SELECT bytes, measured_at, warned FROM storage WHERE subscription_id = $1";
        read!(self, db => sqlx::query_as(sql).bind(subscription).fetch_optional(db).await)
            .map_err(ControlError::database("read what a warehouse takes up"))
    }
}

impl Tx {
    /// Makes every table due that the plan did not let in: to be called where the terms of plans may be others than before.
    pub async fn read_refused_by_plan(&mut self, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "UPDATE source_tables SET next_at = $1 WHERE enabled AND next_at > $1 \
                   AND outcome IN ('plan.ended', 'plan.rows-used', 'plan.storage-used')";
        within!(self, db => sqlx::query(sql).bind(now).execute(db).await.map(|_| ())).map_err(
            ControlError::database("make tables due that the plan refused"),
        )
    }

    /// Notes what the subscription's warehouse takes up; what was seen earlier than what is noted changes nothing.
    pub async fn note_stored(
        &mut self,
        subscription: &SubscriptionId,
        bytes: i64,
        measured_at: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO storage (subscription_id, bytes, measured_at, warned) VALUES ($1, $2, $3, 0) \
                   ON CONFLICT (subscription_id) DO UPDATE SET bytes = $2, measured_at = $3 \
                   WHERE storage.measured_at <= $3";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(bytes)
            .bind(measured_at)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note what a warehouse takes up"))
    }

    /// Marks that the owners are told in this transaction that so many percent of the plan are used; `false` when they
    /// were told of as many or more, or nobody looked yet.
    pub async fn mark_stored_told(
        &mut self,
        subscription: &SubscriptionId,
        percent: i64,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE storage SET warned = $2 WHERE subscription_id = $1 AND warned < $2";
        self.mark_stored(sql, subscription, percent).await
    }

    /// Forgets that the owners were told of more than so many percent: when it comes to that again they are told again.
    pub async fn forget_stored_told(
        &mut self,
        subscription: &SubscriptionId,
        percent: i64,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE storage SET warned = $2 WHERE subscription_id = $1 AND warned > $2";
        self.mark_stored(sql, subscription, percent).await
    }

    async fn mark_stored(
        &mut self,
        sql: &'static str,
        subscription: &SubscriptionId,
        percent: i64,
    ) -> Result<bool, ControlError> {
        let changed = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(percent)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database(
            "mark that owners were told of storage",
        ))?;
        Ok(changed > 0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use crate::control::testing::beds;

    #[tokio::test]
    async fn the_latest_look_counts_and_owners_are_told_once_until_there_was_room() {
        for bed in beds().await {
            let id = &bed.subscription.id;
            assert_eq!(bed.control.stored(id).await.unwrap(), None);
            let mut tx = bed.control.begin().await.unwrap();
            assert!(!tx.mark_stored_told(id, 80).await.unwrap());
            tx.note_stored(id, 900, bed.now()).await.unwrap();
            let earlier = bed.now() - TimeDelta::minutes(1);
            tx.note_stored(id, 700, earlier).await.unwrap();
            assert!(tx.mark_stored_told(id, 80).await.unwrap());
            assert!(!tx.mark_stored_told(id, 80).await.unwrap());
            assert!(tx.mark_stored_told(id, 100).await.unwrap());
            tx.commit().await.unwrap();
            let stored = bed.control.stored(id).await.unwrap().unwrap();
            assert_eq!((stored.bytes, stored.warned), (900, 100));
            assert_eq!(stored.measured_at, bed.now());
            let mut tx = bed.control.begin().await.unwrap();
            assert!(tx.forget_stored_told(id, 0).await.unwrap());
            assert!(tx.mark_stored_told(id, 80).await.unwrap());
            tx.commit().await.unwrap();
            let other = bed.other_subscription().await;
            assert_eq!(bed.control.stored(&other.id).await.unwrap(), None);
            bed.close().await;
        }
    }
}

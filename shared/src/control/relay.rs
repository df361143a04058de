use chrono::{DateTime, Utc};

use super::{ControlError, Tx, within};
use crate::SubscriptionId;

impl Tx {
    /// Marks that an entry of the subscription's warehouse outbox takes effect in this transaction; `false` when it took
    /// effect before, told by its number and the digest of what it says, so that nothing of it must be done again. Whatever
    /// the entry asks for is done in the same transaction, which makes relaying it twice the same as once.
    pub async fn mark_relayed(
        &mut self,
        subscription: &SubscriptionId,
        outbox_id: i64,
        digest: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "INSERT INTO relayed_facts (subscription_id, outbox_id, digest, relayed_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (subscription_id, outbox_id, digest) DO NOTHING";
        let inserted = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(outbox_id)
            .bind(digest)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("mark an outbox entry"))?;
        Ok(inserted > 0)
    }

    /// Forgets the marks of entries that the warehouse has deleted from its outbox, up to and including that id.
    pub async fn forget_relayed(
        &mut self,
        subscription: &SubscriptionId,
        up_to: i64,
    ) -> Result<u64, ControlError> {
        let sql = "DELETE FROM relayed_facts WHERE subscription_id = $1 AND outbox_id <= $2";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(up_to)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("forget outbox marks"))
    }
}

use chrono::{DateTime, Utc};

use super::{Control, ControlError, Tx, read, within};
use crate::SubscriptionId;

impl Control {
    /// Whether the mail of that id was handed over, as far as that was noted.
    pub async fn was_handed(
        &self,
        subscription: &SubscriptionId,
        message_id: &str,
    ) -> Result<bool, ControlError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM handed_mails WHERE subscription_id = $1 AND message_id = $2)";
        read!(self, db => sqlx::query_scalar(sql).bind(subscription).bind(message_id).fetch_one(db).await)
            .map_err(ControlError::database("look for a mail"))
    }
}

impl Tx {
    /// Notes that the mail of that id was handed over; a second note changes nothing.
    pub async fn note_handed(
        &mut self,
        subscription: &SubscriptionId,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO handed_mails (subscription_id, message_id, handed_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (subscription_id, message_id) DO NOTHING";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(message_id)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note a mail"))
    }
}

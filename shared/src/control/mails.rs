use chrono::{DateTime, Utc};

use super::{Control, ControlError, DeliveryId, Tx, read, text_enum::text_enum, within};
use crate::SubscriptionId;

/// The longest name that is kept, in bytes.
const MAX_NAME: usize = 200;

text_enum! {
    /// What became of a mail after it was handed over, when that was nothing good.
    MailTrouble {
        /// The address cannot be reached: it does not exist or does not take mails.
        Bounced = "bounced",
        /// The recipient called the mail unwanted.
        Complained = "complained",
        /// The service that sends refused it after all.
        Rejected = "rejected",
    }
}

/// A mail about a delivery that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SentMail {
    /// The subscription.
    #[sqlx(rename = "subscription_id")]
    pub subscription: SubscriptionId,
    /// The delivery that it is about.
    #[sqlx(rename = "delivery_id")]
    pub delivery: DeliveryId,
    /// When it was handed over, in UTC.
    pub sent_at: DateTime<Utc>,
    /// What went wrong afterwards.
    pub trouble: Option<MailTrouble>,
}

impl Control {
    /// The mail that was handed over under that name, of whatever subscription; for who is told of bounces.
    pub async fn sent_mail(&self, handed_as: &str) -> Result<Option<SentMail>, ControlError> {
        let sql =
            "SELECT subscription_id, delivery_id, sent_at, trouble FROM mails WHERE handed_as = $1";
        read!(self, db => sqlx::query_as(sql).bind(handed_as).fetch_optional(db).await)
            .map_err(ControlError::database("read a mail"))
    }

    /// What went wrong with the latest mail about a delivery, if anything did.
    pub async fn mail_trouble(
        &self,
        subscription: &SubscriptionId,
        delivery: &DeliveryId,
    ) -> Result<Option<MailTrouble>, ControlError> {
        let sql = "SELECT trouble FROM mails WHERE subscription_id = $1 AND delivery_id = $2 \
                   ORDER BY sent_at DESC, handed_as LIMIT 1";
        let latest: Option<Option<MailTrouble>> = read!(self, db => sqlx::query_scalar(sql)
            .bind(subscription)
            .bind(delivery)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("read the mails of a delivery"))?;
        Ok(latest.flatten())
    }
}

impl Tx {
    /// Notes that a mail about the delivery was handed over and what it is called there.
    pub async fn mail_sent(
        &mut self,
        subscription: &SubscriptionId,
        delivery: &DeliveryId,
        handed_as: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        named(handed_as)?;
        let sql = "INSERT INTO mails (handed_as, subscription_id, delivery_id, sent_at) \
                   VALUES ($1, $2, $3, $4) ON CONFLICT (handed_as) DO NOTHING";
        within!(self, db => sqlx::query(sql)
            .bind(handed_as)
            .bind(subscription)
            .bind(delivery)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note a mail"))
    }

    /// Notes what went wrong with a mail; `false` when that was noted before.
    pub async fn mail_in_trouble(
        &mut self,
        handed_as: &str,
        trouble: MailTrouble,
        at: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE mails SET trouble = $2, trouble_at = $3 \
                   WHERE handed_as = $1 AND (trouble IS NULL OR trouble <> $2)";
        let changed = within!(self, db => sqlx::query(sql)
            .bind(handed_as)
            .bind(trouble)
            .bind(at)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note a mail's trouble"))?;
        Ok(changed > 0)
    }
}

/// Whether that can be a mail's name.
pub(super) fn named(handed_as: &str) -> Result<(), ControlError> {
    if handed_as.is_empty() || handed_as.len() > MAX_NAME {
        return Err(ControlError::Invalid {
            field: "name of a mail",
        });
    }
    Ok(())
}

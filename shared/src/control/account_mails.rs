use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{AccountId, Control, ControlError, MailTrouble, Tx, mails::named, read, within};
use crate::SubscriptionId;

/// A mail to a member that is about no delivery and was handed over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountMail {
    /// The subscription that it is about.
    #[sqlx(rename = "subscription_id")]
    pub subscription: SubscriptionId,
    /// Whose address it went to.
    #[sqlx(rename = "account_id")]
    pub account: AccountId,
    /// What it is about, as the kind of the message that asked for it says.
    pub kind: String,
}

impl Control {
    /// The mail that was handed over under that name, of whatever subscription; for who is told of bounces.
    pub async fn account_mail(&self, handed_as: &str) -> Result<Option<AccountMail>, ControlError> {
        let sql =
            "SELECT subscription_id, account_id, kind FROM account_mails WHERE handed_as = $1";
        read!(self, db => sqlx::query_as(sql).bind(handed_as).fetch_optional(db).await)
            .map_err(ControlError::database("read a mail"))
    }

    /// Members whose latest mail of these, or about a delivery, did not arrive as it should, and what went wrong.
    pub async fn addresses_in_trouble(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<BTreeMap<AccountId, MailTrouble>, ControlError> {
        let sql = "SELECT account_id, trouble FROM ( \
                   SELECT account_id, trouble, sent_at, handed_as FROM account_mails WHERE subscription_id = $1 \
                   UNION ALL SELECT d.recipient_id, m.trouble, m.sent_at, m.handed_as FROM mails AS m \
                   JOIN deliveries AS d ON d.id = m.delivery_id \
                   WHERE m.subscription_id = $1 AND d.recipient_id IS NOT NULL) AS sent \
                   WHERE sent_at >= COALESCE((SELECT MAX(a.sent_at) FROM account_mails AS a \
                   WHERE a.subscription_id = $1 AND a.account_id = sent.account_id), sent_at) \
                   AND sent_at >= COALESCE((SELECT MAX(m.sent_at) FROM mails AS m \
                   JOIN deliveries AS d ON d.id = m.delivery_id \
                   WHERE m.subscription_id = $1 AND d.recipient_id = sent.account_id), sent_at) \
                   AND trouble IS NOT NULL ORDER BY account_id, handed_as";
        let found: Vec<(AccountId, MailTrouble)> =
            read!(self, db => sqlx::query_as(sql).bind(subscription).fetch_all(db).await)
                .map_err(ControlError::database("read mails in trouble"))?;
        Ok(found.into_iter().collect())
    }
}

impl Tx {
    /// Notes that such a mail was handed over and what it is called there.
    pub async fn account_mail_sent(
        &mut self,
        mail: &AccountMail,
        handed_as: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        named(handed_as)?;
        let sql = "INSERT INTO account_mails (handed_as, subscription_id, account_id, kind, sent_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (handed_as) DO NOTHING";
        within!(self, db => sqlx::query(sql)
            .bind(handed_as)
            .bind(&mail.subscription)
            .bind(&mail.account)
            .bind(&mail.kind)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note a mail"))
    }

    /// Notes what went wrong with such a mail.
    pub async fn account_mail_in_trouble(
        &mut self,
        handed_as: &str,
        trouble: MailTrouble,
        at: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE account_mails SET trouble = $2, trouble_at = $3 WHERE handed_as = $1";
        within!(self, db => sqlx::query(sql)
            .bind(handed_as)
            .bind(trouble)
            .bind(at)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note a mail's trouble"))
    }
}

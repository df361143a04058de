use chrono::{DateTime, Utc};

use super::{CLAIM_RETRY, Delivery, DeliveryStatus, OBJECT_AFTER_CLAIM, delivery_columns};
use crate::control::{AccountId, Control, ControlError, TokenHash, Tx, read, within};

/// What came of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimOutcome {
    /// The file is handed over to this person, now and once.
    Claimed(Delivery),
    /// The person who claimed it starts the download again, in time.
    Retry(Delivery),
    /// It was handed over before.
    AlreadyClaimed,
    /// It was not claimed in time, or its object is gone.
    Expired,
    /// The person is neither the recipient nor an owner.
    Forbidden,
    /// There is no file under this link.
    NotFound,
}

/// Deliveries by the token of their link: the token is the proof, so no subscription is named.
#[derive(Debug, Clone, Copy)]
pub struct Links<'a> {
    control: &'a Control,
}

impl Control {
    /// Deliveries by the token of their link.
    pub fn links(&self) -> Links<'_> {
        Links { control: self }
    }
}

impl Links<'_> {
    /// The delivery under that link and whether the person may claim it: the recipient, while a member, and owners.
    /// `None` when there is no such link. Looking consumes nothing.
    pub async fn find(
        &self,
        token_hash: &TokenHash,
        account: &AccountId,
    ) -> Result<Option<(Delivery, bool)>, ControlError> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM deliveries WHERE token_hash = $1"
        );
        let found: Option<Delivery> =
            read!(self.control, db => sqlx::query_as(sql).bind(token_hash).fetch_optional(db).await)
                .map_err(ControlError::database("find a link"))?;
        let Some(delivery) = found else {
            return Ok(None);
        };
        let permitted = read!(self.control, db => sqlx::query_scalar(PERMITTED)
            .bind(token_hash)
            .bind(account)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("check who may claim"))?;
        Ok(Some((delivery, permitted)))
    }
}

/// Whether the account `$2` may claim the delivery of the token `$1`.
const PERMITTED: &str = "SELECT EXISTS (SELECT 1 FROM deliveries d \
     JOIN memberships m ON m.subscription_id = d.subscription_id \
     WHERE d.token_hash = $1 AND m.account_id = $2 AND (m.role = 'owner' OR d.recipient_id = $2))";

impl Tx {
    /// Claims the file of that link for the person: of any number of simultaneous claims exactly one is
    /// [`ClaimOutcome::Claimed`], because one statement both looks and takes. The claim counts when the transaction commits.
    pub async fn claim(
        &mut self,
        token_hash: &TokenHash,
        account: &AccountId,
        now: DateTime<Utc>,
    ) -> Result<ClaimOutcome, ControlError> {
        let sql = concat!(
            "UPDATE deliveries SET status = 'claimed', claimed_at = $3, claimed_by = $2, claim_until = $4, remove_at = $5 \
             WHERE token_hash = $1 AND status = 'ready' AND expires_at > $3 AND removed_at IS NULL \
             AND EXISTS (SELECT 1 FROM memberships m WHERE m.subscription_id = deliveries.subscription_id \
             AND m.account_id = $2 AND (m.role = 'owner' OR deliveries.recipient_id = $2)) RETURNING ",
            delivery_columns!()
        );
        let claimed: Option<Delivery> = within!(self, db => sqlx::query_as(sql)
            .bind(token_hash)
            .bind(account)
            .bind(now)
            .bind(now + CLAIM_RETRY)
            .bind(now + OBJECT_AFTER_CLAIM)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("claim a delivery"))?
        .pop();
        match claimed {
            Some(delivery) => Ok(ClaimOutcome::Claimed(delivery)),
            None => self.explain_refusal(token_hash, account, now).await,
        }
    }

    async fn explain_refusal(
        &mut self,
        token_hash: &TokenHash,
        account: &AccountId,
        now: DateTime<Utc>,
    ) -> Result<ClaimOutcome, ControlError> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM deliveries WHERE token_hash = $1"
        );
        let found: Option<Delivery> =
            within!(self, db => sqlx::query_as(sql).bind(token_hash).fetch_optional(db).await)
                .map_err(ControlError::database("find a link"))?;
        let Some(delivery) = found else {
            return Ok(ClaimOutcome::NotFound);
        };
        let permitted: bool = within!(self, db => sqlx::query_scalar(PERMITTED)
            .bind(token_hash)
            .bind(account)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("check who may claim"))?;
        if !permitted {
            return Ok(ClaimOutcome::Forbidden);
        }
        let by_the_same_person = delivery.claimed_by.as_ref() == Some(account);
        let in_time =
            delivery.claim_until.is_some_and(|until| now < until) && delivery.removed_at.is_none();
        Ok(match delivery.status {
            DeliveryStatus::Claimed if by_the_same_person && in_time => {
                ClaimOutcome::Retry(delivery)
            }
            DeliveryStatus::Claimed => ClaimOutcome::AlreadyClaimed,
            DeliveryStatus::Ready | DeliveryStatus::Expired => ClaimOutcome::Expired,
            // The link is mailed when the file is ready, so nobody has the link of one that is not.
            DeliveryStatus::Ordered | DeliveryStatus::Building | DeliveryStatus::Failed => {
                ClaimOutcome::NotFound
            }
        })
    }
}

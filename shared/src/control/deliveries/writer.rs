use chrono::{DateTime, TimeDelta, Utc};
use sqlx::types::Json;

use super::{
    Delivery, DeliveryStatus, Failure, NewDelivery, Ordered, ReadyFile, Started, delivery_columns,
};
use crate::{
    SubscriptionId,
    control::{
        ControlError, DeliveryId, LinkTokens, Tx,
        idempotency::{check_key, request_hash},
        within,
    },
};

/// Changes to one subscription's deliveries, within a transaction.
#[derive(Debug)]
pub struct DeliveryWriter<'a> {
    tx: &'a mut Tx,
    subscription: &'a SubscriptionId,
}

impl Tx {
    /// Changes to that subscription's deliveries.
    pub fn deliveries<'a>(&'a mut self, subscription: &'a SubscriptionId) -> DeliveryWriter<'a> {
        DeliveryWriter {
            tx: self,
            subscription,
        }
    }
}

impl DeliveryWriter<'_> {
    /// Takes an order. The same order by the same actor under the same idempotency key is taken once; another order under
    /// that key is [`ControlError::IdempotencyMismatch`].
    pub async fn order(
        &mut self,
        new: &NewDelivery,
        idempotency_key: Option<&str>,
        links: &LinkTokens,
        now: DateTime<Utc>,
    ) -> Result<Ordered, ControlError> {
        check_key(idempotency_key)?;
        let order_hash = request_hash(new)?;
        let id = DeliveryId::random();
        let link = links.issue(&id);
        let sql = concat!(
            "INSERT INTO deliveries (id, subscription_id, ordered_by, recipient_id, format, table_name, profile, locale, \
             time_zone, selection, include_passwords, purpose, idempotency_key, order_hash, status, attempt, counts, \
             token_hash, link_key_version, ordered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'ordered', 0, $15, $16, $17, $18) \
             ON CONFLICT (subscription_id, ordered_by, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING \
             RETURNING ",
            delivery_columns!()
        );
        let inserted: Option<Delivery> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(&id)
            .bind(self.subscription)
            .bind(&new.ordered_by)
            .bind(&new.recipient)
            .bind(new.format)
            .bind(&new.table)
            .bind(&new.profile)
            .bind(new.locale)
            .bind(&new.time_zone)
            .bind(Json(&new.selection))
            .bind(new.include_passwords)
            .bind(&new.purpose)
            .bind(idempotency_key)
            .bind(&order_hash)
            .bind(Json(serde_json::json!({})))
            .bind(&link.hash)
            .bind(link.key_version)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("order a delivery"))?
        .pop();
        match inserted {
            Some(delivery) => Ok(Ordered::New(delivery)),
            None => self.ordered_before(new, idempotency_key, &order_hash).await,
        }
    }

    async fn ordered_before(
        &mut self,
        new: &NewDelivery,
        idempotency_key: Option<&str>,
        order_hash: &str,
    ) -> Result<Ordered, ControlError> {
        let sql = "SELECT id, order_hash FROM deliveries \
                   WHERE subscription_id = $1 AND ordered_by = $2 AND idempotency_key = $3";
        let earlier: Option<(DeliveryId, String)> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(&new.ordered_by)
            .bind(idempotency_key)
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("find the earlier order"))?;
        match earlier {
            Some((id, hash)) if hash == order_hash => Ok(Ordered::Repeated(self.get(&id).await?)),
            Some(_) => Err(ControlError::IdempotencyMismatch),
            None => Err(ControlError::NotFound { what: "delivery" }),
        }
    }

    /// Begins an attempt to build the file, counting it, unless the delivery is over.
    pub async fn start(
        &mut self,
        id: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<Started, ControlError> {
        let sql = concat!(
            "UPDATE deliveries SET status = 'building', attempt = attempt + 1, started_at = $3 \
             WHERE subscription_id = $1 AND id = $2 AND status IN ('ordered', 'building') RETURNING ",
            delivery_columns!()
        );
        let started: Option<Delivery> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("start building a delivery"))?
        .pop();
        match started {
            Some(delivery) => Ok(Started::Build(delivery)),
            None => Ok(Started::Over(self.get(id).await?)),
        }
    }

    /// Makes the link claimable until `now + life`. The first file that is ready counts: saying so again changes nothing,
    /// and a file of another attempt is refused, so that its object is swept.
    pub async fn ready(
        &mut self,
        id: &DeliveryId,
        file: &ReadyFile,
        life: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Delivery, ControlError> {
        let sql = concat!(
            "UPDATE deliveries SET status = 'ready', object_key = $3, file_name = $4, size = $5, sha256 = $6, counts = $7, \
             ready_at = $8, expires_at = $9, remove_at = $9 \
             WHERE subscription_id = $1 AND id = $2 AND status IN ('ordered', 'building') RETURNING ",
            delivery_columns!()
        );
        let ready: Option<Delivery> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&file.object_key)
            .bind(&file.file_name)
            .bind(file.size)
            .bind(&file.sha256)
            .bind(Json(&file.counts))
            .bind(now)
            .bind(now + life)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("make a delivery ready"))?
        .pop();
        if let Some(delivery) = ready {
            return Ok(delivery);
        }
        let delivery = self.get(id).await?;
        let said_before = delivery.object_key.as_ref() == Some(&file.object_key);
        if said_before {
            Ok(delivery)
        } else {
            Err(transition(delivery.status, DeliveryStatus::Ready))
        }
    }

    /// Gives the delivery up. Saying so again changes nothing; a file that is ready stays ready.
    pub async fn fail(
        &mut self,
        id: &DeliveryId,
        failure: &Failure,
    ) -> Result<Delivery, ControlError> {
        let sql = concat!(
            "UPDATE deliveries SET status = 'failed', failure_code = $3, failure_details = $4 \
             WHERE subscription_id = $1 AND id = $2 AND status IN ('ordered', 'building') RETURNING ",
            delivery_columns!()
        );
        let failed: Option<Delivery> = within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(&failure.code)
            .bind(Json(&failure.details))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("fail a delivery"))?
        .pop();
        if let Some(delivery) = failed {
            return Ok(delivery);
        }
        let delivery = self.get(id).await?;
        let said_before = delivery.status == DeliveryStatus::Failed;
        if said_before {
            Ok(delivery)
        } else {
            Err(transition(delivery.status, DeliveryStatus::Failed))
        }
    }

    /// Notes that the object is gone; `false` when that was noted before, or the object is not due to go at that time.
    pub async fn removed(
        &mut self,
        id: &DeliveryId,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE deliveries SET removed_at = $3, \
                   status = CASE WHEN status = 'ready' THEN 'expired' ELSE status END \
                   WHERE subscription_id = $1 AND id = $2 AND removed_at IS NULL AND remove_at <= $3";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note that a file is gone"))?;
        Ok(changed > 0)
    }

    /// Takes a file back that is still there, and says why; `false` where there is none. Nobody can claim it any more.
    pub async fn withdraw(
        &mut self,
        id: &DeliveryId,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE deliveries SET status = 'failed', failure_code = $3, failure_details = '{}', removed_at = $4 \
                   WHERE subscription_id = $1 AND id = $2 AND removed_at IS NULL AND status IN ('ready', 'claimed')";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(code)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("withdraw a file"))?;
        Ok(changed > 0)
    }

    /// The delivery as this transaction sees it.
    pub async fn get(&mut self, id: &DeliveryId) -> Result<Delivery, ControlError> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM deliveries WHERE subscription_id = $1 AND id = $2"
        );
        within!(self.tx, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a delivery"))?
            .ok_or(ControlError::NotFound { what: "delivery" })
    }
}

fn transition(from: DeliveryStatus, to: DeliveryStatus) -> ControlError {
    ControlError::Transition {
        what: "delivery",
        from: from.as_str(),
        to: to.as_str(),
    }
}

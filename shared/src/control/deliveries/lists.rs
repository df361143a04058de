use chrono::{DateTime, TimeDelta, Utc};

use super::{Delivery, FileFormat, delivery_columns};
use crate::{
    SubscriptionId,
    control::{Control, ControlError, Cursor, DeliveryId, Page, read},
};

/// The most build times to look at.
const MAX_BUILD_TIMES: usize = 100;

/// One subscription's deliveries, to read.
#[derive(Debug, Clone, Copy)]
pub struct Deliveries<'a> {
    control: &'a Control,
    subscription: &'a SubscriptionId,
}

impl Control {
    /// That subscription's deliveries.
    pub fn deliveries<'a>(&'a self, subscription: &'a SubscriptionId) -> Deliveries<'a> {
        Deliveries {
            control: self,
            subscription,
        }
    }
}

impl Deliveries<'_> {
    /// The delivery of that id; [`ControlError::NotFound`] when this subscription has none.
    pub async fn get(&self, id: &DeliveryId) -> Result<Delivery, ControlError> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM deliveries WHERE subscription_id = $1 AND id = $2"
        );
        read!(self.control, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a delivery"))?
            .ok_or(ControlError::NotFound { what: "delivery" })
    }

    /// The deliveries from the cursor on, newest first, at most `limit` (1 to 200).
    pub async fn list(
        &self,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Delivery>, ControlError> {
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM deliveries WHERE subscription_id = $1 AND (ordered_at, id) < ($2, $3) \
             ORDER BY ordered_at DESC, id DESC LIMIT $4"
        );
        let from = from.cloned().unwrap_or_else(Cursor::start);
        let rows = read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(from.at)
            .bind(&from.id)
            .bind(Page::<Delivery>::fetch_limit(limit))
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("list deliveries"))?;
        Ok(Page::cut(rows, limit, |row: &Delivery| Cursor {
            at: row.ordered_at,
            id: row.id.to_string(),
        }))
    }

    /// How long the latest files of that format took from order to ready, newest first, at most `limit` (1 to 100). Empty
    /// when there was none: then no honest time can be named.
    pub async fn build_times(
        &self,
        format: FileFormat,
        limit: usize,
    ) -> Result<Vec<TimeDelta>, ControlError> {
        let sql = "SELECT ordered_at, ready_at FROM deliveries \
                   WHERE subscription_id = $1 AND format = $2 AND ready_at IS NOT NULL \
                   ORDER BY ready_at DESC LIMIT $3";
        let limit = i64::try_from(limit.clamp(1, MAX_BUILD_TIMES)).unwrap_or(1);
        let times: Vec<(DateTime<Utc>, DateTime<Utc>)> =
            read!(self.control, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(format)
            .bind(limit)
            .fetch_all(db)
            .await)
            .map_err(ControlError::database("read build times"))?;
        Ok(times
            .into_iter()
            .map(|(ordered, ready)| ready - ordered)
            .collect())
    }
}

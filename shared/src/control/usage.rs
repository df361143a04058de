use chrono::{DateTime, Utc};

use super::{Control, ControlError, Tx, read, within};
use crate::SubscriptionId;

/// What a subscription used in one month.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Usage {
    /// The month, `YYYY-MM`, in UTC.
    pub month: String,
    /// Rows that were loaded.
    pub rows: i64,
    /// The highest percentage of the plan that the owners were told of; 0 for none.
    pub warned: i64,
}

impl Control {
    /// What the subscription used in that month (`YYYY-MM`): nothing, where nothing was told.
    pub async fn usage(
        &self,
        subscription: &SubscriptionId,
        month: &str,
    ) -> Result<Usage, ControlError> {
        let sql = "SELECT month, rows, warned FROM usage WHERE subscription_id = $1 AND month = $2";
        let found = read!(self, db => sqlx::query_as(sql).bind(subscription).bind(month).fetch_optional(db).await)
            .map_err(ControlError::database("read what was used"))?;
        Ok(found.unwrap_or_else(|| Usage {
            month: month.to_owned(),
            rows: 0,
            warned: 0,
        }))
    }
}

impl Tx {
    /// Notes how many rows the subscription's warehouse has counted in a month (`YYYY-MM`). The warehouse tells sums, and
    /// a smaller one came late: it changes nothing.
    pub async fn note_usage(
        &mut self,
        subscription: &SubscriptionId,
        month: &str,
        rows: i64,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        check_month(month)?;
        let sql = "INSERT INTO usage (subscription_id, month, rows, warned, changed_at) VALUES ($1, $2, $3, 0, $4) \
                   ON CONFLICT (subscription_id, month) DO UPDATE SET rows = $3, changed_at = $4 WHERE usage.rows < $3";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(month)
            .bind(rows)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note what was used"))
    }

    /// Adds rows to what the subscription used in a month (`YYYY-MM`). Once per fact: use it with [`Tx::mark_relayed`].
    pub async fn add_usage(
        &mut self,
        subscription: &SubscriptionId,
        month: &str,
        rows: i64,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        check_month(month)?;
        let sql = "INSERT INTO usage (subscription_id, month, rows, warned, changed_at) VALUES ($1, $2, $3, 0, $4) \
                   ON CONFLICT (subscription_id, month) DO UPDATE SET rows = usage.rows + $3, changed_at = $4";
        within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(month)
            .bind(rows)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("add to what was used"))
    }

    /// Marks that the owners are told in this transaction that so many percent of the plan are used; `false` when they
    /// were told of as many or more in that month.
    pub async fn mark_usage_told(
        &mut self,
        subscription: &SubscriptionId,
        month: &str,
        percent: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        check_month(month)?;
        let sql = "INSERT INTO usage (subscription_id, month, rows, warned, changed_at) VALUES ($1, $2, 0, $3, $4) \
                   ON CONFLICT (subscription_id, month) DO UPDATE SET warned = $3, changed_at = $4 \
                   WHERE usage.warned < $3";
        let changed = within!(self, db => sqlx::query(sql)
            .bind(subscription)
            .bind(month)
            .bind(percent)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database(
            "mark that owners were told of usage",
        ))?;
        Ok(changed > 0)
    }
}

fn check_month(month: &str) -> Result<(), ControlError> {
    let well_formed = month.len() == 7
        && month.bytes().enumerate().all(|(at, byte)| match at {
            4 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if well_formed {
        Ok(())
    } else {
        Err(ControlError::Invalid { field: "month" })
    }
}

#[cfg(test)]
mod tests {
    use crate::control::testing::beds;

    #[tokio::test]
    async fn what_was_used_is_counted_per_month_and_told_once() {
        for bed in beds().await {
            let mut tx = bed.control.begin().await.unwrap();
            let id = &bed.subscription.id;
            tx.add_usage(id, "2026-03", 700, bed.now()).await.unwrap();
            tx.add_usage(id, "2026-03", 50, bed.now()).await.unwrap();
            tx.add_usage(id, "2026-04", 9, bed.now()).await.unwrap();
            tx.note_usage(id, "2026-04", 20, bed.now()).await.unwrap();
            tx.note_usage(id, "2026-04", 15, bed.now()).await.unwrap();
            assert!(
                tx.mark_usage_told(id, "2026-03", 80, bed.now())
                    .await
                    .unwrap()
            );
            assert!(
                !tx.mark_usage_told(id, "2026-03", 80, bed.now())
                    .await
                    .unwrap()
            );
            assert!(
                tx.mark_usage_told(id, "2026-03", 100, bed.now())
                    .await
                    .unwrap()
            );
            assert!(tx.add_usage(id, "marzec", 1, bed.now()).await.is_err());
            tx.commit().await.unwrap();
            let march = bed.control.usage(id, "2026-03").await.unwrap();
            assert_eq!((march.rows, march.warned), (750, 100));
            assert_eq!(bed.control.usage(id, "2026-04").await.unwrap().rows, 20);
            assert_eq!(bed.control.usage(id, "2026-05").await.unwrap().rows, 0);
            let other = bed.other_subscription().await;
            assert_eq!(
                bed.control.usage(&other.id, "2026-03").await.unwrap().rows,
                0
            );
            bed.close().await;
        }
    }
}

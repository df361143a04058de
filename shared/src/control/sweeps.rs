use chrono::{DateTime, Utc};

use super::{ControlError, Housekeeping, Tx, housekeeping::bounded, read, within};
use crate::SubscriptionId;

/// What the control database forgets of a subscription when its time is over. Every call removes at most 1,000 rows, and
/// says how many.
#[derive(Debug)]
pub struct Sweeper<'a> {
    tx: &'a mut Tx,
    subscription: &'a SubscriptionId,
}

/// The most rows that one call removes.
pub const SWEPT_AT_ONCE: u64 = 1_000;

impl Housekeeping<'_> {
    /// Subscriptions made before the night began whose sweep of that night was not sent off yet, at most 1,000.
    pub async fn subscriptions_to_sweep(
        &self,
        night: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<SubscriptionId>, ControlError> {
        let sql = "SELECT s.id FROM subscriptions AS s WHERE s.created_at < $1 AND NOT EXISTS \
                   (SELECT 1 FROM sweeps AS w WHERE w.subscription_id = s.id AND w.sent_at >= $1) \
                   ORDER BY s.id LIMIT $2";
        read!(self.control, db => sqlx::query_scalar(sql).bind(night).bind(bounded(limit)).fetch_all(db).await)
            .map_err(ControlError::database("list subscriptions to sweep"))
    }
}

impl Tx {
    /// Notes that the sweeps of these subscriptions were sent off: of all that [`Housekeeping::subscriptions_to_sweep`] told
    /// for the night, from the first to the last.
    pub async fn sweeps_sent(
        &mut self,
        (first, last): (&SubscriptionId, &SubscriptionId),
        night: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO sweeps (subscription_id, sent_at) \
                   SELECT id, $4 FROM subscriptions WHERE id BETWEEN $1 AND $2 AND created_at < $3 \
                   ON CONFLICT (subscription_id) DO UPDATE SET sent_at = excluded.sent_at";
        within!(self, db => sqlx::query(sql)
            .bind(first)
            .bind(last)
            .bind(night)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note sweeps"))
    }

    /// Forgets sessions that are over, at most 1,000; how many.
    pub async fn forget_sessions(&mut self, now: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions \
                   WHERE idle_until <= $1 OR expires_at <= $1 LIMIT $2)";
        let limit = bounded(usize::try_from(SWEPT_AT_ONCE).unwrap_or(1));
        within!(self, db => sqlx::query(sql)
            .bind(now)
            .bind(limit)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("clear sessions"))
    }

    /// What is forgotten of a subscription.
    pub fn sweeper<'a>(&'a mut self, subscription: &'a SubscriptionId) -> Sweeper<'a> {
        Sweeper {
            tx: self,
            subscription,
        }
    }
}

impl Sweeper<'_> {
    /// Links that were used, or could be used, before: they open nothing any more, not even a page that says so.
    pub async fn links(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "UPDATE deliveries SET token_hash = 'over:' || id WHERE id IN (SELECT id FROM deliveries \
                   WHERE subscription_id = $1 AND ordered_at < $2 AND removed_at < $2 \
                   AND token_hash NOT LIKE 'over:%' ORDER BY ordered_at, id LIMIT $3)";
        self.run("forget links", sql, before).await
    }

    /// Mails about deliveries that were handed over before.
    pub async fn mails(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM mails WHERE handed_as IN (SELECT handed_as FROM mails \
                   WHERE subscription_id = $1 AND sent_at < $2 LIMIT $3)";
        self.run("forget mails", sql, before).await
    }

    /// Other mails that were handed over before.
    pub async fn account_mails(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM account_mails WHERE handed_as IN (SELECT handed_as FROM account_mails \
                   WHERE subscription_id = $1 AND sent_at < $2 LIMIT $3)";
        self.run("forget mails", sql, before).await
    }

    /// Ids of mails that were handed over before: a message that comes again so late is none of these.
    pub async fn handed_mails(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM handed_mails WHERE subscription_id = $1 AND message_id IN (SELECT message_id FROM handed_mails \
                   WHERE subscription_id = $1 AND handed_at < $2 LIMIT $3)";
        self.run("forget mails", sql, before).await
    }

    /// Deliveries ordered before whose file is gone, or was never made; after their mails.
    pub async fn deliveries(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM deliveries WHERE id IN (SELECT d.id FROM deliveries AS d \
                   WHERE d.subscription_id = $1 AND d.ordered_at < $2 \
                   AND (d.removed_at IS NOT NULL OR d.failure_code IS NOT NULL) \
                   AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.delivery_id = d.id) \
                   ORDER BY d.ordered_at, d.id LIMIT $3)";
        self.run("forget deliveries", sql, before).await
    }

    /// Imports that last came further before, and of which neither file nor rows to undo are left.
    pub async fn imports(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM imports WHERE id IN (SELECT id FROM imports \
                   WHERE subscription_id = $1 AND changed_at < $2 \
                   AND file_removed_at IS NOT NULL AND swept_at IS NOT NULL \
                   ORDER BY changed_at, id LIMIT $3)";
        self.run("forget imports", sql, before).await
    }

    /// Entries of the journal from before.
    pub async fn journal(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM journal WHERE id IN (SELECT id FROM journal \
                   WHERE subscription_id = $1 AND at < $2 ORDER BY at, id LIMIT $3)";
        self.run("forget journal entries", sql, before).await
    }

    /// Runs of pulls and histories that ended before.
    pub async fn runs(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM runs WHERE id IN (SELECT id FROM runs \
                   WHERE subscription_id = $1 AND created_at < $2 AND finished_at < $2 \
                   ORDER BY created_at, id LIMIT $3)";
        self.run("forget runs", sql, before).await
    }

    /// Runs of jobs that ended before, but for each job's last one.
    pub async fn job_runs(&mut self, before: DateTime<Utc>) -> Result<u64, ControlError> {
        let sql = "DELETE FROM job_runs WHERE id IN (SELECT r.id FROM job_runs AS r \
                   JOIN jobs AS j ON j.id = r.job_id \
                   WHERE j.subscription_id = $1 AND r.queued_at < $2 AND r.finished_at < $2 \
                   AND (j.last_run IS NULL OR j.last_run <> r.id) \
                   AND (j.untold_run IS NULL OR j.untold_run <> r.id) \
                   ORDER BY r.queued_at, r.id LIMIT $3)";
        self.run("forget runs of jobs", sql, before).await
    }

    async fn run(
        &mut self,
        operation: &'static str,
        sql: &'static str,
        before: DateTime<Utc>,
    ) -> Result<u64, ControlError> {
        let limit = bounded(usize::try_from(SWEPT_AT_ONCE).unwrap_or(1));
        within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(before)
            .bind(limit)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database(operation))
    }
}

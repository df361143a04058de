use chrono::{DateTime, Utc};

use crate::{
    SourceId,
    control::{ControlError, Tx, within},
};

impl Tx {
    /// Takes the source for one run until that time, or keeps it longer for the one that has it. `false` when somebody
    /// else has it, or the source is removed or was never there. An expired lease is anybody's.
    pub async fn lease_source(
        &mut self,
        id: &SourceId,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE sources SET lease_holder = $3, lease_until = $4 \
                   WHERE subscription_id = $1 AND id = $2 AND state <> 'removed' \
                   AND (lease_until IS NULL OR lease_until <= $5 OR lease_holder = $3)";
        self.take_lease(sql, id, holder, until, now).await
    }

    /// Takes a removed source to clear it of its rows; otherwise as [`Tx::lease_source`].
    pub async fn lease_removed_source(
        &mut self,
        id: &SourceId,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE sources SET lease_holder = $3, lease_until = $4 \
                   WHERE subscription_id = $1 AND id = $2 AND state = 'removed' \
                   AND (lease_until IS NULL OR lease_until <= $5 OR lease_holder = $3)";
        self.take_lease(sql, id, holder, until, now).await
    }

    async fn take_lease(
        &mut self,
        sql: &'static str,
        id: &SourceId,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let changed = within!(self, db => sqlx::query(sql)
            .bind(id.subscription())
            .bind(id)
            .bind(holder)
            .bind(until)
            .bind(now)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("lease a source"))?;
        Ok(changed > 0)
    }

    /// Keeps the source until that time for the one that has it. `false` when the lease ran out or was taken over, or the
    /// source was removed: the run must end without writing anything more.
    pub async fn renew_lease(
        &mut self,
        id: &SourceId,
        holder: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, ControlError> {
        let sql = "UPDATE sources SET lease_until = $4 WHERE subscription_id = $1 AND id = $2 AND lease_holder = $3 \
                   AND lease_until > $5 AND state <> 'removed'";
        self.take_lease(sql, id, holder, until, now).await
    }

    /// Gives the source back; nothing happens where somebody else has it by now.
    pub async fn release_source(
        &mut self,
        id: &SourceId,
        holder: &str,
    ) -> Result<(), ControlError> {
        let sql = "UPDATE sources SET lease_holder = NULL, lease_until = NULL \
                   WHERE subscription_id = $1 AND id = $2 AND lease_holder = $3";
        within!(self, db => sqlx::query(sql)
            .bind(id.subscription())
            .bind(id)
            .bind(holder)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("give a source back"))
    }
}

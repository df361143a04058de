use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{MAX_NAME, NewSource, Source, SourceSettings, SourceState, source_columns};
use crate::{
    SourceId, SubscriptionId,
    control::{ControlError, Tx, within},
};

/// Changes to one subscription's sources, within a transaction.
#[derive(Debug)]
pub struct SourceWriter<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) subscription: &'a SubscriptionId,
}

impl Tx {
    /// Changes to that subscription's sources.
    pub fn sources<'a>(&'a mut self, subscription: &'a SubscriptionId) -> SourceWriter<'a> {
        SourceWriter {
            tx: self,
            subscription,
        }
    }
}

impl SourceWriter<'_> {
    /// Connects a company; whoever does so gives it its comparisons. [`ControlError::Taken`] when it is a source of this
    /// subscription already.
    pub async fn create(
        &mut self,
        new: &NewSource,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let id = SourceId::random(self.subscription)
            .map_err(|_| ControlError::Invalid { field: "source id" })?;
        self.create_as(&id, new, now).await
    }

    /// The same, under this id.
    pub(crate) async fn create_as(
        &mut self,
        id: &SourceId,
        new: &NewSource,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        check_name(&new.name)?;
        check_zone(&new.time_zone)?;
        let sql = concat!(
            "INSERT INTO sources (id, subscription_id, credential_id, name, vendor, base_url, company_id, title, time_zone, \
             state, hints, webhook_version, webhook_oldest, created_by, created_at, changed_at, last_used_at, remove_rows, compared) \
             SELECT $1, $2, c.id, $4, $5, $6, $7, $8, $9, 'active', $10, 1, 1, $11, $12, $12, $12, $10, NOT $10 \
             FROM credentials c WHERE c.id = $3 AND c.subscription_id = $2 AND c.state <> 'forgotten' \
             ON CONFLICT (subscription_id, vendor, company_id) WHERE state <> 'removed' DO NOTHING RETURNING ",
            source_columns!()
        );
        let created = within!(self.tx, db => sqlx::query_as(sql)
            .bind(id)
            .bind(self.subscription)
            .bind(&new.credential_id)
            .bind(new.name.trim())
            .bind(new.vendor)
            .bind(&new.base_url)
            .bind(new.company_id)
            .bind(&new.title)
            .bind(&new.time_zone)
            .bind(false)
            .bind(&new.created_by)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("connect a source"))?
        .pop();
        match created {
            Some(source) => Ok(source),
            None if self.credential_exists(new).await? => {
                Err(ControlError::Taken { field: "company" })
            }
            None => Err(ControlError::NotFound { what: "credential" }),
        }
    }

    async fn credential_exists(&mut self, new: &NewSource) -> Result<bool, ControlError> {
        let sql = "SELECT COUNT(*) FROM credentials WHERE subscription_id = $1 AND id = $2 AND state <> 'forgotten'";
        let found: i64 = within!(self.tx, db => sqlx::query_scalar(sql)
            .bind(self.subscription)
            .bind(&new.credential_id)
            .fetch_one(db)
            .await)
        .map_err(ControlError::database("look for a credential"))?;
        Ok(found > 0)
    }

    /// Changes settings.
    pub async fn change(
        &mut self,
        id: &SourceId,
        settings: &SourceSettings,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        settings.name.as_deref().map_or(Ok(()), check_name)?;
        settings.time_zone.as_deref().map_or(Ok(()), check_zone)?;
        let sql = concat!(
            "UPDATE sources SET name = COALESCE($3, name), title = COALESCE($4, title), \
             time_zone = COALESCE($5, time_zone), hints = COALESCE($6, hints), \
             base_url = CASE WHEN $7 THEN $8 ELSE base_url END, changed_at = $9 \
             WHERE subscription_id = $1 AND id = $2 AND state <> 'removed' RETURNING ",
            source_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(settings.name.as_deref().map(str::trim))
            .bind(&settings.title)
            .bind(&settings.time_zone)
            .bind(settings.hints)
            .bind(settings.base_url.is_some())
            .bind(settings.base_url.clone().flatten())
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("change a source"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "source" })
    }

    /// Pauses an active source, or lets a paused one go on; in that state already it stays so. A source that needs a
    /// credential can be paused; let go on it is active, and the next call tells whether the credential is good.
    pub async fn set_paused(
        &mut self,
        id: &SourceId,
        paused: bool,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let sql = concat!(
            "UPDATE sources SET state = CASE WHEN $3 THEN 'paused' WHEN EXISTS (SELECT 1 FROM credentials c \
             WHERE c.id = sources.credential_id AND c.state <> 'good') THEN 'needs_credential' ELSE 'active' END, \
             changed_at = $4 WHERE subscription_id = $1 AND id = $2 AND state <> 'removed' RETURNING ",
            source_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(paused)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("pause a source"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "source" })
    }

    /// Removes a source; `rows` tells that its rows are to go too, which is done afterwards. Removing it again changes nothing
    /// but that rows that were kept can still be asked to go. One whose rows are kept can be taken up again.
    pub async fn remove(
        &mut self,
        id: &SourceId,
        rows: bool,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let sql = concat!(
            "UPDATE sources SET state = 'removed', removed_at = COALESCE(removed_at, $4), \
             changed_at = CASE WHEN state = 'removed' THEN changed_at ELSE $4 END, remove_rows = (remove_rows OR $3) \
             WHERE subscription_id = $1 AND id = $2 RETURNING ",
            source_columns!()
        );
        within!(self.tx, db => sqlx::query_as(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(rows)
            .bind(now)
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("remove a source"))?
        .pop()
        .ok_or(ControlError::NotFound { what: "source" })
    }

    /// The rows of a removed source are gone.
    pub async fn cleared(&mut self, id: &SourceId, now: DateTime<Utc>) -> Result<(), ControlError> {
        let sql = "UPDATE sources SET rows_removed_at = $3, lease_holder = NULL, lease_until = NULL \
                   WHERE subscription_id = $1 AND id = $2 AND state = 'removed'";
        self.note(sql, id, now).await
    }

    /// Somebody uses the data of this source, or of all sources of the subscription. Tables of a source that nobody used
    /// since `idle`, and that were read well, are due at once: they were read seldom.
    pub async fn used(
        &mut self,
        id: Option<&SourceId>,
        idle: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let due = "UPDATE source_tables SET next_at = $4 WHERE enabled AND outcome = 'done' AND next_at > $4 \
                   AND source_id IN (SELECT id FROM sources WHERE subscription_id = $1 AND ($2 = '' OR id = $2) \
                   AND last_used_at < $3)";
        let id = id.map_or("", SourceId::as_str);
        within!(self.tx, db => sqlx::query(due)
            .bind(self.subscription)
            .bind(id)
            .bind(idle)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("make used tables due"))?;
        let used = "UPDATE sources SET last_used_at = $3 WHERE subscription_id = $1 AND ($2 = '' OR id = $2) \
                    AND state <> 'removed' AND (last_used_at IS NULL OR last_used_at < $3)";
        within!(self.tx, db => sqlx::query(used)
            .bind(self.subscription)
            .bind(id)
            .bind(now)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note the use of sources"))
    }

    async fn note(
        &mut self,
        sql: &'static str,
        id: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        within!(self.tx, db => sqlx::query(sql).bind(self.subscription).bind(id).bind(now).execute(db).await.map(|_| ()))
            .map_err(ControlError::database("note something of a source"))
    }

    /// Notes that the source was given the comparisons that every source is connected with; `false` where it was before.
    pub async fn compared(&mut self, id: &SourceId) -> Result<bool, ControlError> {
        let sql = "UPDATE sources SET compared = $3 WHERE subscription_id = $1 AND id = $2 AND compared <> $3 \
                   AND state <> 'removed'";
        let changed = within!(self.tx, db => sqlx::query(sql)
            .bind(self.subscription)
            .bind(id)
            .bind(true)
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("note the comparisons of a source"))?;
        Ok(changed > 0)
    }

    /// Gives the webhook's address a new key. The one before goes on letting events in until it is revoked.
    pub async fn new_webhook_key(
        &mut self,
        id: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let sql = concat!(
            "UPDATE sources SET webhook_version = webhook_version + 1, changed_at = $3 \
             WHERE subscription_id = $1 AND id = $2 AND state <> 'removed' RETURNING ",
            source_columns!()
        );
        self.webhook(sql, id, now).await
    }

    /// Lets events in by the newest key of the webhook's address only.
    pub async fn revoke_webhook_keys(
        &mut self,
        id: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        let sql = concat!(
            "UPDATE sources SET webhook_oldest = webhook_version, changed_at = $3 \
             WHERE subscription_id = $1 AND id = $2 AND state <> 'removed' RETURNING ",
            source_columns!()
        );
        self.webhook(sql, id, now).await
    }

    async fn webhook(
        &mut self,
        sql: &'static str,
        id: &SourceId,
        now: DateTime<Utc>,
    ) -> Result<Source, ControlError> {
        within!(self.tx, db => sqlx::query_as(sql).bind(self.subscription).bind(id).bind(now).fetch_all(db).await)
            .map_err(ControlError::database("change the key of a webhook"))?
            .pop()
            .ok_or(ControlError::NotFound { what: "source" })
    }

    /// The source as this transaction sees it.
    pub async fn get(&mut self, id: &SourceId) -> Result<Source, ControlError> {
        let sql = concat!(
            "SELECT ",
            source_columns!(),
            " FROM sources WHERE subscription_id = $1 AND id = $2"
        );
        within!(self.tx, db => sqlx::query_as(sql).bind(self.subscription).bind(id).fetch_optional(db).await)
            .map_err(ControlError::database("read a source"))?
            .ok_or(ControlError::NotFound { what: "source" })
    }
}

impl Source {
    /// Whether pulls and webhooks may write its rows.
    pub fn is_removed(&self) -> bool {
        self.state == SourceState::Removed
    }
}

pub(super) fn check_name(name: &str) -> Result<(), ControlError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(ControlError::Invalid { field: "name" });
    }
    Ok(())
}

fn check_zone(zone: &str) -> Result<(), ControlError> {
    zone.parse::<Tz>()
        .map(|_| ())
        .map_err(|_| ControlError::Invalid { field: "time zone" })
}

use chrono::{DateTime, TimeDelta, Utc};

use super::{Lane, LaneKey, LaneLimits, LaneShare, MAX_BLOCK, Slots, Spender, hour_of};
use crate::control::{Control, ControlError, Tx, read, within};

#[derive(sqlx::FromRow)]
struct LaneRow {
    id: String,
    host: String,
    token_hash: String,
    address: String,
    per_minute: i64,
    per_second: i64,
    share: i64,
    next_slot: i64,
    blocked_until: i64,
}

macro_rules! columns {
    () => {
        "id, host, token_hash, address, per_minute, per_second, share, next_slot, blocked_until"
    };
}

impl LaneRow {
    fn lane(self) -> Lane {
        Lane {
            id: self.id,
            key: LaneKey {
                host: self.host,
                token_hash: self.token_hash,
                address: self.address,
            },
            limits: LaneLimits {
                per_minute: number(self.per_minute),
                per_second: number(self.per_second),
                share: number(self.share),
            },
            next_slot: moment(self.next_slot),
            blocked_until: (self.blocked_until > 0).then(|| moment(self.blocked_until)),
        }
    }
}

impl Control {
    /// Takes `n` slots (1 to 100) of the lane for the spender: evenly spaced moments that nobody else gets, whichever
    /// process asks. [`Slots::Busy`] when the first would begin later than `horizon` from now. A lane that is not known yet
    /// begins with these limits; later ones are changed by [`Control::set_lane_limits`] and [`Control::set_lane_share`].
    pub async fn take_slots(
        &self,
        lane: &LaneKey,
        limits: LaneLimits,
        spender: &Spender,
        n: usize,
        horizon: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Slots, ControlError> {
        let mut tx = self.begin().await?;
        let slots = match tx.reserve(lane, n, horizon, now).await? {
            Some(slots) => slots,
            None => {
                tx.open_lane(lane, limits, now).await?;
                tx.reserve(lane, n, horizon, now)
                    .await?
                    .ok_or(ControlError::NotFound { what: "lane" })?
            }
        };
        if let Slots::Taken { at, .. } = &slots {
            let calls = i64::try_from(at.len()).unwrap_or(0);
            tx.spend(lane, spender, calls, 0, now).await?;
        }
        tx.commit().await?;
        Ok(slots)
    }

    /// The vendor asks to be left alone: nobody gets a slot of the lane before `until`, and slots before it that are not
    /// used yet are void (see [`Control::lane_blocked`]). Where it refused a call of somebody, that is noted of them.
    pub async fn push_lane_back(
        &self,
        lane: &LaneKey,
        refused: Option<&Spender>,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE lanes SET next_slot = CASE WHEN next_slot > $2 THEN next_slot ELSE $2 END, \
                   blocked_until = CASE WHEN blocked_until > $2 THEN blocked_until ELSE $2 END WHERE id = $1";
        within!(tx, db => sqlx::query(sql)
            .bind(lane.id())
            .bind(until.timestamp_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("push a lane back"))?;
        if let Some(spender) = refused {
            tx.spend(lane, spender, 0, 1, now).await?;
        }
        tx.commit().await
    }

    /// Until when the vendor refuses calls on the lane, if that is later than now.
    pub async fn lane_blocked(
        &self,
        lane: &LaneKey,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, ControlError> {
        let sql = "SELECT blocked_until FROM lanes WHERE id = $1 AND blocked_until > $2";
        let until: Option<i64> = read!(self, db => sqlx::query_scalar(sql)
            .bind(lane.id())
            .bind(now.timestamp_micros())
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("read a lane"))?;
        Ok(until.map(moment))
    }

    /// Every lane, by host; at most 500.
    pub async fn lanes(&self) -> Result<Vec<Lane>, ControlError> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM lanes ORDER BY host, id LIMIT 500"
        );
        let rows: Vec<LaneRow> = read!(self, db => sqlx::query_as(sql).fetch_all(db).await)
            .map_err(ControlError::database("list lanes"))?;
        Ok(rows.into_iter().map(LaneRow::lane).collect())
    }

    /// Changes what is taken of a lane, from the next slot on. `false` when there is no such lane.
    pub async fn set_lane_limits(
        &self,
        lane_id: &str,
        limits: LaneLimits,
    ) -> Result<bool, ControlError> {
        let LaneLimits {
            per_minute,
            per_second,
            share,
        } = limits;
        if per_minute == 0 || per_second == 0 || !(1..=100).contains(&share) {
            return Err(ControlError::Invalid { field: "limits" });
        }
        let sql = "UPDATE lanes SET per_minute = $2, per_second = $3, share = $4, interval_micros = $5 WHERE id = $1";
        let mut tx = self.begin().await?;
        let changed = within!(tx, db => sqlx::query(sql)
            .bind(lane_id)
            .bind(i64::from(per_minute))
            .bind(i64::from(per_second))
            .bind(i64::from(share))
            .bind(limits.interval().num_microseconds().unwrap_or(i64::MAX))
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(ControlError::database("change the limits of a lane"))?;
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Takes this share of a lane from the next slot on, whatever was taken of it before. A lane that is not known yet is
    /// left to [`Control::take_slots`], which makes it.
    pub async fn set_lane_share(
        &self,
        lane: &LaneKey,
        share: LaneShare,
    ) -> Result<(), ControlError> {
        let sql = "SELECT per_minute, per_second FROM lanes WHERE id = $1 AND share <> $2";
        let other: Option<(i64, i64)> = read!(self, db => sqlx::query_as(sql)
            .bind(lane.id())
            .bind(i64::from(share.percent()))
            .fetch_optional(db)
            .await)
        .map_err(ControlError::database("read a lane"))?;
        let Some((per_minute, per_second)) = other else {
            return Ok(());
        };
        let limits = LaneLimits {
            per_minute: number(per_minute),
            per_second: number(per_second),
            share: share.percent(),
        };
        self.set_lane_limits(&lane.id(), limits).await?;
        Ok(())
    }
}

impl Tx {
    /// `None` when the lane is not known yet.
    async fn reserve(
        &mut self,
        lane: &LaneKey,
        n: usize,
        horizon: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Option<Slots>, ControlError> {
        let n = i64::try_from(n.clamp(1, MAX_BLOCK)).unwrap_or(1);
        let sql = "UPDATE lanes SET \
                   next_slot = (CASE WHEN next_slot > $2 THEN next_slot ELSE $2 END) + $3 * interval_micros \
                   WHERE id = $1 AND next_slot <= $4 RETURNING next_slot, interval_micros";
        let taken: Option<(i64, i64)> = within!(self, db => sqlx::query_as(sql)
            .bind(lane.id())
            .bind(now.timestamp_micros())
            .bind(n)
            .bind((now + horizon).timestamp_micros())
            .fetch_all(db)
            .await)
        .map_err(ControlError::database("take slots of a lane"))?
        .pop();
        if let Some((next, interval)) = taken {
            return Ok(Some(Slots::Taken {
                at: (0..n)
                    .map(|nth| moment(next - (n - nth) * interval))
                    .collect(),
                interval: TimeDelta::microseconds(interval),
            }));
        }
        let sql = "SELECT next_slot FROM lanes WHERE id = $1";
        let next: Option<i64> =
            within!(self, db => sqlx::query_scalar(sql).bind(lane.id()).fetch_optional(db).await)
                .map_err(ControlError::database("read a lane"))?;
        Ok(next.map(|next| Slots::Busy {
            until: moment(next),
        }))
    }

    async fn open_lane(
        &mut self,
        lane: &LaneKey,
        limits: LaneLimits,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let sql = "INSERT INTO lanes (id, host, token_hash, address, per_minute, per_second, share, interval_micros, \
                   next_slot, blocked_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0) ON CONFLICT (id) DO NOTHING";
        within!(self, db => sqlx::query(sql)
            .bind(lane.id())
            .bind(&lane.host)
            .bind(&lane.token_hash)
            .bind(&lane.address)
            .bind(i64::from(limits.per_minute))
            .bind(i64::from(limits.per_second))
            .bind(i64::from(limits.share))
            .bind(limits.interval().num_microseconds().unwrap_or(i64::MAX))
            .bind(now.timestamp_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("open a lane"))
    }

    async fn spend(
        &mut self,
        lane: &LaneKey,
        spender: &Spender,
        calls: i64,
        refused: i64,
        now: DateTime<Utc>,
    ) -> Result<(), ControlError> {
        let who = match &spender.source {
            Some(source) => source.as_str(),
            None => spender.subscription.as_str(),
        };
        let sql = "INSERT INTO lane_spending (lane_id, hour, spender, subscription_id, purpose, calls, refused) \
                   SELECT id, $2, $3, $4, $5, $6, $7 FROM lanes WHERE id = $1 \
                   ON CONFLICT (lane_id, hour, spender, purpose) DO UPDATE SET \
                   calls = lane_spending.calls + $6, refused = lane_spending.refused + $7";
        within!(self, db => sqlx::query(sql)
            .bind(lane.id())
            .bind(hour_of(now))
            .bind(who)
            .bind(&spender.subscription)
            .bind(spender.purpose)
            .bind(calls)
            .bind(refused)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(ControlError::database("note what a lane's calls were for"))
    }
}

fn number(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(1)
}

fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

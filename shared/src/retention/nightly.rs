//! The nightly sweep: what nobody needs any more goes when its period is over, one subscription after the other.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use futures::TryStreamExt;
use serde_json::json;

use super::{RetentionError, erasure, pace::Pace, periods};
use crate::{
    SubscriptionId,
    catalog::Table,
    control::{Actor, Control, ControlError, SWEPT_AT_ONCE, Sweeper},
    delivery,
    journal::{Category, NewEntry, Severity},
    ports::{Envelope, QueueName},
    services::{Dispatcher, Services},
    warehouse::{Filter, Load, Operator, Scan, Value, Warehouse, Write, internal},
};

/// The kind of the message that asks for the sweep of a subscription; its body is empty.
pub const SWEEP: &str = "retention.sweep";
/// The version of the message's body.
pub const VERSION: u16 = 1;

/// The night begins at this hour in UTC, when businesses from Portugal to the Urals are closed.
const HOUR: u32 = 1;
/// Subscriptions sent off in one transaction.
const PAGE: usize = 500;
/// Pages in one call; whoever calls again goes on.
const PAGES: usize = 40;
/// Rows of the warehouse removed in one commit.
const ROWS: u64 = 2_000;
/// Events of the personal-data log looked at at a time.
const EVENTS: u64 = 100;

/// Sends off the sweep of every subscription that was not sent off this night; how many. It may be called at any time and
/// any number of times: once a night each.
pub async fn fan_out(dispatcher: &Dispatcher) -> Result<u64, RetentionError> {
    let now = dispatcher.clock.now();
    let night = night_of(now);
    let mut sent = 0;
    for _ in 0..PAGES {
        let house = dispatcher.control.housekeeping();
        let due = house.subscriptions_to_sweep(night, PAGE).await?;
        let (Some(first), Some(last)) = (due.first(), due.last()) else {
            break;
        };
        let envelopes = due.iter().map(|subscription| Envelope {
            version: VERSION,
            kind: SWEEP.to_owned(),
            subscription: subscription.clone(),
            body: json!({}),
        });
        let envelopes = envelopes.collect();
        dispatcher
            .queue
            .send_batch(QueueName::Retention, envelopes)
            .await?;
        let mut tx = dispatcher.control.begin().await?;
        tx.sweeps_sent((first, last), night, now).await?;
        tx.commit().await?;
        sent += due.len() as u64;
    }
    if sent > 0 {
        forget_sessions(&dispatcher.control, now).await?;
    }
    Ok(sent)
}

/// Forgets the sessions that are over; what is left after so many pages goes the next night.
async fn forget_sessions(control: &Control, now: DateTime<Utc>) -> Result<(), RetentionError> {
    for _ in 0..PAGES {
        let mut tx = control.begin().await?;
        let forgotten = tx.forget_sessions(now).await?;
        tx.commit().await?;
        if forgotten < SWEPT_AT_ONCE {
            break;
        }
    }
    Ok(())
}

/// When the night began that is the last one to have begun.
fn night_of(now: DateTime<Utc>) -> DateTime<Utc> {
    let day = if now.hour() < HOUR {
        now - TimeDelta::days(1)
    } else {
        now
    };
    day.date_naive()
        .and_hms_opt(HOUR, 0, 0)
        .map_or(now, |night| night.and_utc())
}

/// Removes what a subscription keeps beyond its period, in the control database and in its warehouse; counts by the names of
/// [`periods::PERIODS`]. Broken off and done again, it goes on.
pub async fn sweep(
    services: &Services,
    subscription: &SubscriptionId,
) -> Result<BTreeMap<String, i64>, RetentionError> {
    let mut sweep = Sweep {
        services,
        subscription,
        warehouse: services.warehouses.open(subscription),
        now: services.clock.now(),
        counts: BTreeMap::new(),
    };
    sweep.control().await?;
    sweep.queues().await?;
    sweep.warehouse().await?;
    sweep.tell().await?;
    erasure::scrub_again(services, subscription).await?;
    Ok(sweep.counts)
}

struct Sweep<'a> {
    services: &'a Services,
    subscription: &'a SubscriptionId,
    warehouse: Warehouse,
    now: DateTime<Utc>,
    counts: BTreeMap<String, i64>,
}

impl Sweep<'_> {
    fn count(&mut self, period: periods::Period, rows: u64) {
        if rows > 0 {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            *self.counts.entry(period.what.to_owned()).or_default() += rows;
        }
    }

    async fn control(&mut self) -> Result<(), RetentionError> {
        use periods::{DELIVERIES, IMPORTS, JOURNAL, LINKS, MAILS, RUNS};
        self.forget(LINKS, async |sweeper, before| sweeper.links(before).await)
            .await?;
        self.forget(MAILS, async |sweeper, before| {
            sweeper.account_mails(before).await
        })
        .await?;
        self.forget(MAILS, async |sweeper, before| {
            sweeper.handed_mails(before).await
        })
        .await?;
        self.forget(MAILS, async |sweeper, before| sweeper.mails(before).await)
            .await?;
        self.forget(DELIVERIES, async |sweeper, before| {
            sweeper.deliveries(before).await
        })
        .await?;
        self.forget(IMPORTS, async |sweeper, before| {
            sweeper.imports(before).await
        })
        .await?;
        self.forget(JOURNAL, async |sweeper, before| {
            sweeper.journal(before).await
        })
        .await?;
        self.forget(RUNS, async |sweeper, before| sweeper.runs(before).await)
            .await?;
        self.forget(RUNS, async |sweeper, before| sweeper.job_runs(before).await)
            .await
    }

    /// Forgets rows of the control database, each batch in a transaction of its own.
    async fn forget(
        &mut self,
        period: periods::Period,
        batch: impl AsyncFn(&mut Sweeper<'_>, DateTime<Utc>) -> Result<u64, ControlError>,
    ) -> Result<(), RetentionError> {
        let before = self.now - period.time();
        loop {
            let mut tx = self.services.control.begin().await?;
            let forgotten = batch(&mut tx.sweeper(self.subscription), before).await?;
            tx.commit().await?;
            self.count(period, forgotten);
            if forgotten < SWEPT_AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn queues(&mut self) -> Result<(), RetentionError> {
        erasure::send_again(self.services, self.subscription).await?;
        let before = self.now - periods::PARKED_MESSAGES.time();
        for queue in QueueName::ALL {
            let forget = self
                .services
                .queue
                .forget_parked(queue, self.subscription, before);
            let forgotten = forget.await?;
            self.count(periods::PARKED_MESSAGES, forgotten);
        }
        Ok(())
    }

    async fn warehouse(&mut self) -> Result<(), RetentionError> {
        use periods::RECONCILIATIONS;
        let old = |column: &str, period: periods::Period| {
            Filter::compare(column, Operator::Less, self.now - period.time())
        };
        let steps = [
            (internal::parked(), periods::PARKED_RECORDS, "at"),
            (internal::report_stage(), periods::STAGED_ROWS, "at"),
            (internal::loads(), periods::LOADS, "observed_at"),
            (internal::reconciled_days(), RECONCILIATIONS, "at"),
            (internal::differences(), RECONCILIATIONS, "at"),
        ]
        .map(|(table, period, column)| (table, period, old(column, period)));
        for (table, period, filter) in steps {
            let removed = self.remove(table, &filter).await?;
            self.count(period, removed);
        }
        let before = self.now - periods::UNFINISHED_FILES.time();
        let unfinished = delivery::forget_unfinished(&self.warehouse, before, self.now).await?;
        self.count(periods::UNFINISHED_FILES, unfinished);
        self.personal_data_log().await?;
        if !self.counts.is_empty() {
            self.give_back().await?;
        }
        Ok(())
    }

    /// Removes old events of the personal-data log, each after its subjects: a subject without its event would never be
    /// found again.
    async fn personal_data_log(&mut self) -> Result<(), RetentionError> {
        let period = periods::PERSONAL_DATA_LOG;
        let old = Filter::compare("at", Operator::Less, self.now - period.time());
        loop {
            let scan = Scan::of(internal::personal_data_events())
                .columns(["id"])
                .filter(old.clone())
                .limit(EVENTS);
            let snapshot = self.warehouse.snapshot().await?;
            let batches: Vec<_> = snapshot.scan(scan).await?.try_collect().await?;
            drop(snapshot);
            let rows = batches.iter().flat_map(|batch| batch.iter());
            let ids: Vec<Value> = rows.map(|row| row.get(0).to_owned()).collect();
            if ids.is_empty() {
                return Ok(());
            }
            let of = |column: &str| Filter::In {
                column: column.to_owned(),
                values: ids.clone(),
            };
            self.remove(internal::personal_data_subjects(), &of("event_id"))
                .await?;
            let removed = self
                .remove(internal::personal_data_events(), &of("id"))
                .await?;
            self.count(period, removed);
        }
    }

    /// Removes rows of one of the system's own tables, some at a time, so that nobody waits long for the warehouse.
    async fn remove(&self, table: &Arc<Table>, filter: &Filter) -> Result<u64, RetentionError> {
        let snapshot = self.warehouse.snapshot().await?;
        let rows = snapshot.count(table, filter).await?;
        drop(snapshot);
        for _ in 0..rows.div_ceil(ROWS) {
            let load = Load {
                origin: "retention",
                run: self.now.to_rfc3339(),
                observed_at: self.now,
                writes: vec![Write::Remove {
                    table: Arc::clone(table),
                    filter: filter.clone(),
                    limit: Some(ROWS),
                }],
                quota: None,
            };
            self.warehouse.commit(load).await?;
        }
        Ok(rows)
    }

    async fn give_back(&self) -> Result<(), RetentionError> {
        let mut pages = Pace::new(200, 4_000);
        loop {
            let begun = std::time::Instant::now();
            let size = u32::try_from(pages.size()).unwrap_or(1);
            let left = self.warehouse.give_back(size).await?;
            if left == 0 {
                return Ok(());
            }
            pages.took(begun.elapsed(), Duration::ZERO);
        }
    }

    /// What went is in the journal, once a night and sweep.
    async fn tell(&self) -> Result<(), RetentionError> {
        if self.counts.is_empty() {
            return Ok(());
        }
        let entry = NewEntry {
            at: self.now,
            category: Category::Retention,
            severity: Severity::Info,
            source_id: None,
            actor: Actor::System,
            code: "retention.swept".to_owned(),
            counts: self.counts.clone(),
            details: json!({ "done": self.counts.values().sum::<i64>() }),
            dedupe_key: format!("retention.swept:{}", self.now.timestamp_micros()),
        };
        let mut tx = self.services.control.begin().await?;
        tx.append_journal(self.subscription, &entry).await?;
        Ok(tx.commit().await?)
    }
}

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;

use super::{RetentionError, Scope, scope};
use crate::{
    SubscriptionId,
    catalog::{Table, system},
    control::PlannedJob,
    planner::JobSettings,
    services::Services,
    warehouse::{
        Filter, Operator, Row, Rows, Scan, Stretch, Sweep, SweptRows, Value, ValueRef, Warehouse,
        add_swept, number_of,
    },
};

/// Rows weighed at once.
const BATCH: u64 = 1_000;

/// What a retention job would remove if it ran now, and before when those rows were received.
pub async fn preview_job(
    services: &Services,
    job: &PlannedJob,
) -> Result<(DateTime<Utc>, Vec<SweptRows>), RetentionError> {
    let settings = JobSettings::read(job.kind, &job.settings);
    let Ok(JobSettings::Retention(settings)) = settings else {
        return Err(RetentionError::OtherKind);
    };
    let (subscription, source) = (&job.subscription_id, job.source_id.as_deref());
    let now = services.clock.now();
    let scope = scope(services, subscription, source, &settings, now).await?;
    let found = preview(services, subscription, &scope).await?;
    Ok((scope.before, found))
}

/// What a sweep would remove if it ran now, table by table: counts, and when the first and the last of the rows were
/// received. Tables that lose nothing are not named. Nothing is written.
pub async fn preview(
    services: &Services,
    subscription: &SubscriptionId,
    scope: &Scope,
) -> Result<Vec<SweptRows>, RetentionError> {
    let warehouse = services.warehouses.open(subscription);
    let mut found = BTreeMap::new();
    for source in &scope.sources {
        for table in &scope.tables {
            let place = Place {
                scope,
                source,
                table,
            };
            if table.facts {
                let all = place.sweep(Stretch::All);
                add_swept(&mut found, warehouse.weigh_sweep(all).await?);
                continue;
            }
            let mut after = None;
            while let Some(step) = place.step(&warehouse, after.take(), BATCH).await? {
                add_swept(&mut found, warehouse.weigh_sweep(step.sweep).await?);
                if step.is_last {
                    break;
                }
                after = Some(step.last);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// The rows of one source in one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub scope: &'a Scope,
    pub source: &'a str,
    pub table: &'a Arc<Table>,
}

/// One step of a sweep, and where the next one goes on.
pub(super) struct Step {
    pub sweep: Sweep,
    /// The primary key of the last row.
    pub last: Vec<Value>,
    /// Whether no row is left after it.
    pub is_last: bool,
}

impl Place<'_> {
    /// The next rows that are old enough; `None` where there are no more. It is looked for beside the loads, which are
    /// not kept waiting.
    pub async fn step(
        self,
        warehouse: &Warehouse,
        after: Option<Vec<Value>>,
        limit: u64,
    ) -> Result<Option<Step>, RetentionError> {
        if self.is_numbered() {
            return self.numbered_step(warehouse, after, None, limit).await;
        }
        let own = Filter::equal(system::SOURCE_ID, self.source);
        let old = Filter::compare(system::RECEIVED_AT, Operator::Less, self.scope.before);
        let mut scan = Scan::of(self.table)
            .columns(self.table.key.iter().map(ToString::to_string))
            .filter(own.and(old))
            .with_deleted()
            .limit(limit);
        scan.after = after;
        let snapshot = warehouse.snapshot().await?;
        let mut keys = Rows::new(self.table.key.len());
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            batch.iter().for_each(|row| keys.push_row(row.values()));
        }
        let rows = u64::try_from(keys.len()).unwrap_or(limit);
        let (Some(first), Some(last)) = (keys.get(0), keys.get(keys.len().saturating_sub(1)))
        else {
            return Ok(None);
        };
        let whole = |row: Row<'_>| -> Vec<Value> {
            let own = row.values().map(ValueRef::to_owned);
            std::iter::once(Value::from(self.source))
                .chain(own)
                .collect()
        };
        let (first, last) = (whole(first), whole(last));
        let stretch = if self.table.facts {
            Stretch::Between(first, last.clone())
        } else {
            Stretch::Listed(keys)
        };
        Ok(Some(Step {
            is_last: rows < limit,
            sweep: self.sweep(stretch),
            last,
        }))
    }

    /// Whether its rows are facts whose key is one whole number: where they begin and end is asked for then, and not each
    /// of their keys.
    pub fn is_numbered(self) -> bool {
        self.table.facts && number_of(self.table).is_some()
    }

    /// The next rows like those of [`Place::step`], up to a key, where it is numbered.
    pub async fn numbered_step(
        self,
        warehouse: &Warehouse,
        after: Option<Vec<Value>>,
        upto: Option<i64>,
        limit: u64,
    ) -> Result<Option<Step>, RetentionError> {
        let after = after
            .as_ref()
            .and_then(|key| key.get(1)?.as_ref().as_integer());
        let ahead = warehouse
            .ahead_of_sweep(self.sweep(Stretch::All), (after, upto), limit)
            .await?;
        let whole = |key: i64| vec![Value::from(self.source), Value::from(key)];
        Ok(ahead.map(|ahead| Step {
            sweep: self.sweep(Stretch::Between(whole(ahead.first), whole(ahead.last))),
            last: whole(ahead.last),
            is_last: ahead.rows < limit || upto == Some(ahead.last),
        }))
    }

    pub fn sweep(self, stretch: Stretch) -> Sweep {
        Sweep {
            table: Arc::clone(self.table),
            source_id: self.source.to_owned(),
            before: self.scope.before,
            going: self.scope.tables.clone(),
            stretch,
        }
    }
}

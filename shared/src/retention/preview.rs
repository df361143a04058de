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
        Filter, Operator, Rows, Scan, Stretch, Sweep, SweptRows, Value, ValueRef, Warehouse,
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
            while let Some(step) = place.step(&warehouse, after.take(), None, BATCH).await? {
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

impl Step {
    /// Its rows were looked at while this load removed others.
    pub fn looked_at_beside(&mut self, load_id: i64) {
        if let Stretch::Ahead(ahead) = &mut self.sweep.stretch {
            ahead.looked_at_beside(load_id);
        }
    }
}

impl Place<'_> {
    /// The next rows that are old enough; `None` where there are no more. They are looked for beside the loads, which are
    /// not kept waiting. `upto` is the last key of them all, where it is known.
    pub async fn step(
        self,
        warehouse: &Warehouse,
        after: Option<Vec<Value>>,
        upto: Option<i64>,
        limit: u64,
    ) -> Result<Option<Step>, RetentionError> {
        if !self.table.facts {
            return self.listed(warehouse, after, limit).await;
        }
        let ahead = warehouse
            .ahead_of_sweep(self.sweep(Stretch::All), after, upto, limit)
            .await?;
        Ok(ahead.map(|ahead| Step {
            is_last: ahead.rows < limit
                || upto.is_some_and(|end| ahead.last.get(1) == Some(&Value::Integer(end))),
            last: ahead.last.clone(),
            sweep: self.sweep(Stretch::Ahead(ahead)),
        }))
    }

    /// The next rows of dimensions, key by key: whether something refers to them is asked when they go.
    async fn listed(
        self,
        warehouse: &Warehouse,
        after: Option<Vec<Value>>,
        limit: u64,
    ) -> Result<Option<Step>, RetentionError> {
        let own = Filter::equal(system::SOURCE_ID, self.source);
        let old = Filter::compare(system::RECEIVED_AT, Operator::Less, self.scope.before);
        let mut scan = Scan::of(self.table)
            .columns(self.table.key.iter().map(ToString::to_string))
            .filter(own.and(old))
            .with_deleted()
            .limit(limit)
            .named()
            .tolerant();
        scan.after = after;
        let snapshot = warehouse.snapshot().await?;
        let mut keys = Rows::new(self.table.key.len());
        let mut batches = snapshot.scan(scan).await?;
        while let Some(batch) = batches.try_next().await? {
            // A row whose key is not of its type is none that can be named.
            let known = batch.iter().filter(|row| !row.any_unreadable());
            known.for_each(|row| keys.push_row(row.values()));
        }
        let rows = u64::try_from(keys.len()).unwrap_or(limit);
        let Some(last) = keys.get(keys.len().saturating_sub(1)) else {
            return Ok(None);
        };
        let own = last.values().map(ValueRef::to_owned);
        let last = std::iter::once(Value::from(self.source)).chain(own);
        Ok(Some(Step {
            last: last.collect(),
            sweep: self.sweep(Stretch::Listed(keys)),
            is_last: rows < limit,
        }))
    }

    /// Whether its rows are facts whose key is one whole number, of which the last can be asked for.
    pub fn is_numbered(self) -> bool {
        self.table.facts && number_of(self.table).is_some()
    }

    pub fn sweep(self, stretch: Stretch) -> Sweep {
        Sweep {
            table: Arc::clone(self.table),
            source_id: self.source.to_owned(),
            before: self.scope.before,
            going: self.scope.tables.clone(),
            stretch,
            below: self
                .scope
                .below
                .get(self.table.name.as_ref())
                .cloned()
                .unwrap_or_default(),
        }
    }
}

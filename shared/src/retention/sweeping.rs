//! A run of a retention job: old rows go in commits so short that no load waits long for them, and each commit says how far
//! the run has come.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures::future::{Either, select};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tokio::task::JoinHandle;

use super::{RetentionError, Scope, choice::scope, pace::Pace, preview::Place};
use crate::{
    planner::{Gap, RetentionSettings, Task, Totals, WorkError, Worked},
    services::Services,
    warehouse::{Load, Stretch, Value, Warehouse, WarehouseError, Write},
};

/// How long one message is worked on before the rest is left to the next.
const TIME: TimeDelta = TimeDelta::minutes(8);
/// The origin of the loads.
const ORIGIN: &str = "retention";

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Position {
    source: String,
    table: String,
    /// The key of the last row that was looked at; `None` where it is not of numbers and texts.
    after: Option<Vec<Json>>,
}

struct Run<'a> {
    services: &'a Services,
    task: &'a Task<'a>,
    warehouse: Warehouse,
    scope: Scope,
    until: chrono::DateTime<chrono::Utc>,
    rows: Pace,
}

/// Removes what a retention job is to remove, as one message asks for it.
pub(crate) async fn run(
    services: &Services,
    task: &Task<'_>,
    settings: &RetentionSettings,
) -> Result<Worked, WorkError> {
    let subscription = &task.job.subscription_id;
    let run = &task.lease.run;
    // Every attempt removes what the first one did.
    let at = run.started_at.unwrap_or(run.queued_at);
    let source = task.job.source_id.as_deref();
    let scope = scope(services, subscription, source, settings, at).await?;
    let until = services.clock.now() + TIME;
    let mut run = Run {
        services,
        task,
        warehouse: services.warehouses.open(subscription),
        scope,
        until,
        rows: Pace::new(500, 50_000),
    };
    // A look at every key takes as long as a part of the sweep does, which leaves a processor free for it.
    let counting = unreadable(run.warehouse.clone(), run.scope.clone());
    let unreadable = match select(Box::pin(run.sweep()), Box::pin(counting)).await {
        Either::Left((Ok(true), counting)) => {
            let left = until - services.clock.now();
            match tokio::time::timeout(left.to_std().unwrap_or_default(), counting).await {
                Ok(counted) => counted?,
                Err(_) => return Ok(Worked::Continue),
            }
        }
        Either::Left((Ok(false), _)) => return Ok(Worked::Continue),
        Either::Left((Err(error), _)) => return Err(error),
        Either::Right((counted, sweep)) => {
            if !sweep.await? {
                return Ok(Worked::Continue);
            }
            counted?
        }
    };
    if !run.give_back().await? {
        return Ok(Worked::Continue);
    }
    Ok(Worked::Done(run.totals(unreadable).await?))
}

/// How many rows stay that are old enough: something stands in their keys that is of another type. Nothing finds them but a
/// look at every key.
async fn unreadable(warehouse: Warehouse, scope: Scope) -> Result<u64, RetentionError> {
    let mut rows = 0;
    for source in &scope.sources {
        for table in &scope.tables {
            let place = Place {
                scope: &scope,
                source,
                table,
            };
            let sweep = place.sweep(Stretch::Unreadable);
            let found = warehouse.weigh_sweep(sweep).await?;
            rows += found.iter().map(|left| left.rows).sum::<u64>();
        }
    }
    Ok(rows)
}

impl Run<'_> {
    /// Removes rows; whether all of them are gone.
    async fn sweep(&mut self) -> Result<bool, WorkError> {
        let state = self.warehouse.state(&self.state_key()).await;
        let state = state.map_err(RetentionError::from)?;
        let mut position: Option<Position> =
            state.and_then(|state| serde_json::from_value(state).ok());
        let scope = self.scope.clone();
        let places = scope.sources.iter().flat_map(|source| {
            let place = |table| Place {
                scope: &scope,
                source,
                table,
            };
            scope.tables.iter().map(place)
        });
        let places: Vec<Place<'_>> = places.collect();
        let is_at = |place: &Place<'_>| {
            position.as_ref().is_some_and(|position| {
                position.source == place.source && place.table.name == position.table
            })
        };
        let found = places.iter().position(is_at);
        if found.is_none() {
            // Its source or its table is gone: what was swept before it is swept once more, which finds nothing.
            position = None;
        }
        for place in places.into_iter().skip(found.unwrap_or(0)) {
            let after = position.take().and_then(|position| position.key());
            if !self.sweep_table(place, after).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn sweep_table(
        &mut self,
        place: Place<'_>,
        after: Option<Vec<Value>>,
    ) -> Result<bool, WorkError> {
        let mut end = End::of(place, &self.warehouse);
        let size = self.rows.size();
        let mut next = place.step(&self.warehouse, after, None, size).await?;
        while let Some(step) = next {
            let position = Position::new(place, &step.last);
            let load = Load {
                origin: ORIGIN,
                run: self.task.lease.run.id.to_string(),
                observed_at: self.services.clock.now(),
                writes: vec![
                    Write::Sweep(step.sweep),
                    Write::PutState {
                        key: self.state_key(),
                        value: serde_json::to_value(&position).ok(),
                    },
                ],
                quota: None,
            };
            let erasing = async {
                let begun = Instant::now();
                let committed = self.warehouse.commit(load).await?;
                Ok::<_, WorkError>((begun.elapsed(), committed))
            };
            // The rows after these are looked for meanwhile.
            let upto = end.known().await;
            let following = async {
                let (warehouse, limit) = (&self.warehouse, self.rows.size());
                if step.is_last {
                    return Ok(None);
                }
                place.step(warehouse, Some(step.last), upto, limit).await
            };
            let (erased, following) = tokio::join!(erasing, following);
            let (took, committed) = erased?;
            let waited = committed.waited;
            self.rows.took(took.saturating_sub(waited), waited);
            next = following?;
            tokio::time::sleep(self.rows.rest()).await;
            if let Some(next) = &mut next {
                next.looked_at_beside(committed.load_id);
            }
            if !self.goes_on() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives the space back, a little at a time; whether all of it is given.
    async fn give_back(&mut self) -> Result<bool, WorkError> {
        let mut pages = self.rows.of_other_things(200, 4_000);
        let mut left = u64::MAX;
        while left > 0 {
            let begun = Instant::now();
            let size = u32::try_from(pages.size()).unwrap_or(1);
            left = self.warehouse.give_back(size).await?;
            pages.took(begun.elapsed(), Duration::ZERO);
            tokio::time::sleep(pages.rest()).await;
            if left > 0 && !self.goes_on() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether there is time for more, and nobody asked that work ends.
    fn goes_on(&self) -> bool {
        !self.services.stop.is_asked() && self.services.clock.now() < self.until
    }

    /// What all commits of the run removed, whichever worker made them; the run's position is forgotten.
    async fn totals(&self, unreadable: u64) -> Result<Totals, WorkError> {
        let run = self.task.lease.run.id.as_str();
        let mut totals = Totals::default();
        for (table, words) in self.warehouse.counts_of_run(ORIGIN, run).await? {
            let rows = words.get("swept").copied().unwrap_or(0);
            totals.rows += rows;
            *totals.counts.entry(table).or_default() += rows;
        }
        if unreadable > 0 {
            let name = Gap::UnreadableRows.name().to_owned();
            let rows = i64::try_from(unreadable).unwrap_or(i64::MAX);
            totals.counts.insert(name, rows);
        }
        let forget = Write::PutState {
            key: self.state_key(),
            value: None,
        };
        let load = Load {
            origin: ORIGIN,
            run: run.to_owned(),
            observed_at: self.services.clock.now(),
            writes: vec![forget],
            quota: None,
        };
        if self.warehouse.state(&self.state_key()).await?.is_some() {
            self.warehouse.commit(load).await?;
        }
        Ok(totals)
    }

    fn state_key(&self) -> String {
        format!("retention/{}", self.task.lease.run.id)
    }
}

/// The key that the rows to be removed end at, looked for while the first of them go: behind it lie all that stay.
enum End {
    Sought(JoinHandle<Result<Option<i64>, WarehouseError>>),
    Found(Option<i64>),
}

impl End {
    fn of(place: Place<'_>, warehouse: &Warehouse) -> Self {
        if !place.is_numbered() {
            return Self::Found(None);
        }
        let (warehouse, sweep) = (warehouse.clone(), place.sweep(Stretch::All));
        Self::Sought(tokio::spawn(
            async move { warehouse.end_of_sweep(sweep).await },
        ))
    }

    /// The key, once it is known. Where it could not be found, the rows are looked through to the last.
    async fn known(&mut self) -> Option<i64> {
        if let Self::Sought(task) = self
            && task.is_finished()
        {
            *self = Self::Found(task.await.ok().and_then(Result::ok).flatten());
        }
        match self {
            Self::Sought(_) => None,
            Self::Found(end) => *end,
        }
    }
}

impl Position {
    fn new(place: Place<'_>, last: &[Value]) -> Self {
        let part = |value: &Value| match value {
            Value::Integer(number) => Some(Json::from(*number)),
            Value::Text(text) => Some(Json::from(text.as_str())),
            _ => None,
        };
        Self {
            source: place.source.to_owned(),
            table: place.table.name.to_string(),
            after: last.iter().map(part).collect(),
        }
    }

    fn key(self) -> Option<Vec<Value>> {
        let part = |json: Json| match json {
            Json::Number(number) => number.as_i64().map(Value::Integer),
            Json::String(text) => Some(Value::Text(text)),
            _ => None,
        };
        self.after?.into_iter().map(part).collect()
    }
}

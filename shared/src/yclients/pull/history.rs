//! Periods of the past, on demand: month by month and table by table, the newest month first.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::{
    PullError, THROTTLED, Watch,
    cursor::{Reading, TableCursor},
    messages::{self, PullMessage},
    outcome::After,
    pass::Drained,
    run::{Finished, Next},
    work::{self, Beginning, HISTORY, Work},
};
use crate::{
    SourceId,
    control::{Actor, Failure, NewRun, Progress, Purpose, Run, RunId, RunKind, RunState, Source},
    jobs,
    journal::{Category, NewEntry, Severity},
    services::Services,
    warehouse::{Load, Write},
    yclients::streams::{self, Stream},
};

/// The longest period.
const MOST_MONTHS: usize = 12 * 30;

/// While the vendor is away, the period is taken up again after so long, for a week.
const AWAY: Duration = Duration::from_secs(300);
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// A period that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The first day, at the branch.
    pub from: NaiveDate,
    /// The last day, at the branch.
    pub to: NaiveDate,
    /// Only these tables; none for all that have a history and are on.
    pub tables: Vec<String>,
    /// Who wants it.
    pub actor: Actor,
}

/// Orders a period of the past; the work is queued. Lists of things have no history: their pull reads them whole.
///
/// [`PullError::TooFarBack`] where the plan does not go so far, [`PullError::Period`] for a period that is none, and
/// [`PullError::Table`] for a table without a history.
pub async fn order(services: &Services, id: &SourceId, ordered: Ordered) -> Result<Run, PullError> {
    let source = services.control.source(id).await?;
    let subscription = services
        .control
        .subscription(&source.subscription_id)
        .await?;
    let terms = services.settings.plans.terms(subscription.plan);
    let zone: Tz = source.time_zone.parse().unwrap_or(Tz::UTC);
    let today = services.clock.now().with_timezone(&zone).date_naive();
    if let Some(from) = terms
        .history_from(today)
        .filter(|first| ordered.from < *first)
    {
        return Err(PullError::TooFarBack { from });
    }
    let windows = windows(ordered.from, ordered.to).len();
    if windows == 0 || windows > MOST_MONTHS || ordered.from > today {
        return Err(PullError::Period);
    }
    for table in &ordered.tables {
        if !streams_of(std::slice::from_ref(table)).any(|_| true) {
            return Err(PullError::Table {
                table: table.clone(),
            });
        }
    }
    let readings: usize = streams_of(&ordered.tables).map(readings_per_window).sum();
    let new = NewRun {
        kind: RunKind::History,
        tables: ordered.tables,
        period: Some((ordered.from, ordered.to)),
        windows_total: i64::try_from(windows * readings).unwrap_or(i64::MAX),
        created_by: ordered.actor.clone(),
    };
    let now = services.clock.now();
    let mut tx = services.control.begin().await?;
    let run = tx
        .runs(&source.subscription_id)
        .create(&source.id, &new, now)
        .await?;
    let entry = NewEntry {
        at: now,
        category: Category::Load,
        severity: Severity::Info,
        source_id: Some(source.id.to_string()),
        actor: ordered.actor,
        code: "history.ordered".to_owned(),
        counts: BTreeMap::new(),
        details: json!({
            "source": source.name,
            "from": ordered.from.to_string(),
            "to": ordered.to.to_string(),
        }),
        dedupe_key: format!("history.ordered:{}", run.id),
    };
    tx.append_journal(&source.subscription_id, &entry).await?;
    tx.commit().await?;
    let message = PullMessage {
        source: source.id,
        run: Some(run.id.clone()),
    };
    let dedupe = format!("{}:{}", messages::HISTORY, run.id);
    let (queue, at_once) = (&*services.queue, Duration::ZERO);
    messages::send(queue, messages::HISTORY, &message, at_once, Some(dedupe)).await?;
    Ok(run)
}

/// Reads on in a period; errors as of [`super::run()`]. While the plan lets nothing in, it stands still and goes on by itself.
pub async fn history(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
) -> Result<Finished, PullError> {
    let ordered = services.control.runs(id.subscription()).get(run).await?;
    if ordered.finished_at.is_some() {
        return Ok(over(ordered));
    }
    let source = services.control.source(id).await?;
    let terms = match work::terms(services, &source).await {
        Ok(terms) => terms,
        Err(error) => {
            pause(services, &source, run, &error).await?;
            return Err(error);
        }
    };
    let beginning = Beginning {
        source,
        terms,
        run: run.clone(),
        purpose: Purpose::History,
        origin: HISTORY,
        deadline,
        watch,
    };
    let source = beginning.source.clone();
    let mut work = match Work::begin(services, beginning).await {
        Ok(work) => work,
        Err(error) => {
            if error.is_of_access() {
                pause(services, &source, run, &error).await?;
            }
            return Err(error);
        }
    };
    let outcome = work.period(&ordered).await;
    let ended = work.end().await;
    let outcome = outcome?;
    ended?;
    let finished = work.settle(&ordered, outcome).await?;
    jobs::request_relay(services, id.subscription()).await?;
    Ok(finished)
}

/// What came of a period so far.
struct Outcome {
    next: Next,
    failures: BTreeMap<String, String>,
    stood_still: bool,
    windows_done: i64,
}

impl Work<'_> {
    async fn period(&mut self, ordered: &Run) -> Result<Outcome, PullError> {
        let mut outcome = Outcome {
            next: Next::Ended,
            failures: Default::default(),
            stood_still: false,
            windows_done: 0,
        };
        let mut tx = self.services.control.begin().await?;
        tx.runs(self.source.id.subscription())
            .started(&self.run, self.services.clock.now())
            .await?;
        tx.commit().await?;
        let Some((from, to)) = ordered.period_from.zip(ordered.period_to) else {
            return Ok(outcome);
        };
        for stream in streams_of(&ordered.tables) {
            if !self.enabled(stream.table) {
                continue;
            }
            let key = self.history_key(stream);
            let mut cursor = self.cursor(&key).await?;
            let total = windows(from, to).len() * readings_per_window(stream);
            if cursor == TableCursor::default() {
                cursor.then = readings(stream, from, to);
            }
            self.learn_categories(stream).await?;
            self.windows = (outcome.windows_done, i64::try_from(total).unwrap_or(0));
            let drained = self.drain(stream, &mut cursor, &key).await;
            if drained.is_err() {
                cursor = self.cursor(&key).await?;
            }
            let left = cursor.then.len() + usize::from(cursor.pass.is_some());
            let untouched = drained.is_err() && cursor == TableCursor::default();
            if !untouched {
                outcome.windows_done += i64::try_from(total.saturating_sub(left)).unwrap_or(0);
            }
            match drained {
                Ok(Drained::All) => {}
                Ok(Drained::OutOfTime) => {
                    outcome.next = Next::Continues(Duration::ZERO);
                    return Ok(outcome);
                }
                Err(PullError::Vendor(error)) if error.passes() && self.has_patience(ordered) => {
                    outcome.next = Next::Continues(AWAY);
                    return Ok(outcome);
                }
                Err(error) => {
                    let code = error.code().to_owned();
                    outcome.stood_still = error.is_plan();
                    let after = self.note_failed(stream, error).await?;
                    match after {
                        After::Later(delay) => {
                            outcome.next = Next::Continues(delay.unwrap_or(THROTTLED));
                            return Ok(outcome);
                        }
                        After::NextTable => {
                            outcome.failures.insert(stream.table.to_owned(), code);
                        }
                        After::Stop => {
                            outcome.failures.insert(stream.table.to_owned(), code);
                            return Ok(outcome);
                        }
                    }
                }
            }
        }
        Ok(outcome)
    }

    fn has_patience(&self, ordered: &Run) -> bool {
        self.services.clock.now() - ordered.created_at < PATIENCE
    }

    fn history_key(&self, stream: &Stream) -> String {
        format!("history/{}/{}", self.run, stream.table)
    }

    async fn settle(&self, ordered: &Run, outcome: Outcome) -> Result<Finished, PullError> {
        let now = self.services.clock.now();
        let id = &self.source.id;
        let progress = Progress {
            windows_done: outcome.windows_done,
            windows_total: ordered.windows_total,
            rows: ordered.rows + self.loaded.total(),
            checkpoint: None,
        };
        let reason = outcome.failures.iter().next().map(|(table, code)| Failure {
            code: code.clone(),
            details: json!({ "table": table, "tables": outcome.failures.len() }),
        });
        let continues = matches!(outcome.next, Next::Continues(_));
        if !continues && !outcome.stood_still {
            self.tell_loaded("load.history").await?;
            self.forget_cursors(ordered).await?;
        }
        let mut tx = self.services.control.begin().await?;
        let mut runs = tx.runs(id.subscription());
        let run = match (&outcome.next, &reason) {
            (Next::Continues(_), _) => runs.progressed(&self.run, &progress, now).await?,
            (Next::Ended, Some(reason)) if outcome.stood_still => {
                runs.progressed(&self.run, &progress, now).await?;
                runs.paused(&self.run, reason, now).await?
            }
            (Next::Ended, None) => {
                runs.finished(&self.run, RunState::Done, Some(&progress), None, now)
                    .await?
            }
            (Next::Ended, reason) => {
                let state = if progress.windows_done > 0 {
                    RunState::Partial
                } else {
                    RunState::Failed
                };
                runs.finished(&self.run, state, Some(&progress), reason.as_ref(), now)
                    .await?
            }
        };
        tx.commit().await?;
        if let Next::Continues(delay) = outcome.next {
            let message = PullMessage {
                source: id.clone(),
                run: Some(self.run.clone()),
            };
            let queue = &*self.services.queue;
            messages::send(queue, messages::HISTORY, &message, delay, None).await?;
        }
        Ok(Finished {
            run: self.run.clone(),
            state: run.state,
            loaded: self.loaded.clone(),
            failures: outcome.failures,
        })
    }

    async fn forget_cursors(&self, ordered: &Run) -> Result<(), PullError> {
        let writes = streams_of(&ordered.tables).map(|stream| Write::PutState {
            key: self.history_key(stream),
            value: None,
        });
        let load = Load {
            origin: self.origin,
            run: self.run.to_string(),
            observed_at: self.services.clock.now(),
            writes: writes.collect(),
            quota: None,
        };
        self.warehouse.commit(load).await?;
        Ok(())
    }
}

/// A run that has ended already: a message that came again.
fn over(run: Run) -> Finished {
    Finished {
        run: run.id,
        state: run.state,
        loaded: Default::default(),
        failures: Default::default(),
    }
}

async fn pause(
    services: &Services,
    source: &Source,
    run: &RunId,
    why: &PullError,
) -> Result<(), PullError> {
    let reason = Failure {
        code: why.code().to_owned(),
        details: json!({}),
    };
    let mut tx = services.control.begin().await?;
    tx.runs(&source.subscription_id)
        .paused(run, &reason, services.clock.now())
        .await?;
    Ok(tx.commit().await?)
}

/// The streams of these tables that can be asked for by day, or all of them.
fn streams_of(tables: &[String]) -> impl Iterator<Item = &'static Stream> {
    streams::streams().iter().filter(move |stream| {
        let named = tables.is_empty()
            || tables.iter().any(|table| {
                streams::carrier(table).is_some_and(|carrier| carrier.table == stream.table)
            });
        stream.window.is_some() && named
    })
}

/// What is deleted may have to be asked for separately.
fn readings_per_window(stream: &Stream) -> usize {
    1 + usize::from(stream.deletion.pass().is_some())
}

fn readings(stream: &Stream, from: NaiveDate, to: NaiveDate) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (from, to) in windows(from, to) {
        readings.push(Reading::Window { from, to });
        if stream.deletion.pass().is_some() {
            readings.push(Reading::DeletedWindow { from, to });
        }
    }
    readings
}

/// The period cut at the beginnings of months, the newest part first; both days of each inclusive.
fn windows(from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let mut windows = Vec::new();
    let mut begin = from;
    while begin <= to && windows.len() <= MOST_MONTHS {
        let next = begin
            .with_day(1)
            .and_then(|first| first.checked_add_months(Months::new(1)));
        let Some(next) = next else {
            break;
        };
        windows.push((begin, to.min(next - Days::new(1))));
        begin = next;
    }
    windows.reverse();
    windows
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;

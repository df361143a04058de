//! Periods of the past, on demand: month by month and table by table, the newest month first.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    Account, PullError, THROTTLED, Watch,
    account::nothing,
    cursor::TableCursor,
    messages::{self, PullMessage},
    outcome::After,
    pass::Drained,
    run::{Finished, Next},
    windows::{readings, readings_per_window, streams_of, windows},
    work::{self, Beginning, HISTORY, Work},
};
use crate::{
    SourceId,
    control::{Failure, Progress, Purpose, Run, RunId, RunState, Source},
    jobs,
    services::Services,
    warehouse::{Load, Write},
    yclients::streams::Stream,
};

/// While the vendor is away, the period is taken up again after so long, for a week.
const AWAY: Duration = Duration::from_secs(300);
const PATIENCE: TimeDelta = TimeDelta::days(7);

/// Reads on in a period; errors as of [`super::run()`]. While the plan lets nothing in, it stands still and goes on by itself.
pub async fn history(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
) -> Result<Finished, PullError> {
    let (finished, later) = proceed(services, id, run, deadline, watch).await?;
    if let Some(delay) = later {
        let message = PullMessage {
            source: id.clone(),
            run: Some(run.clone()),
        };
        messages::send(&*services.queue, messages::HISTORY, &message, delay, None).await?;
    }
    Ok(finished)
}

/// The same, and leaves what is left to the caller: after so long, where anything is.
pub(super) async fn proceed(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
) -> Result<(Finished, Option<Duration>), PullError> {
    let ordered = services.control.runs(id.subscription()).get(run).await?;
    if ordered.finished_at.is_some() {
        // A message that came again.
        return Ok((nothing(ordered.id, ordered.state), None));
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
    let later = match outcome.next {
        Next::Continues(delay) => Some(delay),
        Next::Ended => None,
    };
    let finished = work.settle(&ordered, outcome).await?;
    jobs::request_relay(services, id.subscription()).await?;
    Ok((finished, later))
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
        let mut account = Account::of(ordered);
        account.add(&self.loaded);
        account.failures.clone_from(&outcome.failures);
        let progress = Progress {
            windows_done: outcome.windows_done,
            windows_total: ordered.windows_total,
            rows: ordered.rows + self.loaded.total(),
            checkpoint: Some(serde_json::to_value(&account)?),
        };
        let reason = outcome.failures.iter().next().map(|(table, code)| Failure {
            code: code.clone(),
            details: json!({ "table": table, "tables": outcome.failures.len() }),
        });
        let continues = matches!(outcome.next, Next::Continues(_));
        if !continues && !outcome.stood_still {
            self.tell_loaded("load.history", &account.loaded, "")
                .await?;
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

//! Periods of the past, on demand: month by month and table by table, the newest month first. What the vendor fails to give
//! is tried again for a day, while the rest is read; then the run ends in part and says which days of which table it is.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value as Json, json};

use super::{
    Account, PullError, Watch,
    account::nothing,
    messages,
    period::Outcome,
    put_off::LeftOut,
    run::{Finished, LeftDays, Next},
    tell::Told,
    turn::{self, Found, Turn},
    windows::streams_of,
    work::{self, Beginning, HISTORY, Work},
};
use crate::{
    SourceId,
    control::{Failure, Progress, Purpose, Run, RunId, RunState, Source},
    jobs,
    journal::{Category, Severity},
    services::Services,
    warehouse::{Load, Write},
};

/// The name, in a run's checkpoint, of the days that were not read.
const LEFT_OUT: &str = "left_out";
/// Spans of days that are named where people are told; what is more is told as such.
const MOST_TOLD: usize = 12;

/// Reads on in a period; errors as of [`super::run()`]. While the plan lets nothing in, it stands still and goes on by itself.
pub async fn history(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
) -> Result<Finished, PullError> {
    let turn = Turn::default();
    Box::pin(history_turn(services, id, run, deadline, watch, &turn)).await
}

/// The same for a message, which asks for one turn of it. Where that is over, nothing is done.
pub(super) async fn history_turn(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
    turn: &Turn,
) -> Result<Finished, PullError> {
    let (finished, later) = proceed(services, id, run, deadline, watch, turn).await?;
    if let Some(Later { turn: next, delay }) = later {
        turn::ask_for(&*services.queue, messages::HISTORY, id, run, next, delay).await?;
    }
    Ok(finished)
}

/// What is left of a period.
pub(super) struct Later {
    /// The turn that is next.
    pub turn: u64,
    /// After how long.
    pub delay: Duration,
}

/// The same, and leaves what is left to the caller, where anything is.
pub(super) async fn proceed(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
    turn: &Turn,
) -> Result<(Finished, Option<Later>), PullError> {
    if let Found::Over(state) = turn::find(services, messages::HISTORY, id, run, turn).await? {
        // A message that came again, or one of several.
        return Ok((nothing(run.clone(), state), None));
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
    let mut work = match Work::begin_as(services, beginning, turn.holder(run)).await {
        Ok(work) => work,
        Err(error) => {
            if error.is_of_access() {
                pause(services, &source, run, &error).await?;
            }
            return Err(error);
        }
    };
    let outcome = Box::pin(work.one_turn_of_period(turn)).await;
    let ended = work.end().await;
    let outcome = outcome?;
    ended?;
    jobs::request_relay(services, id.subscription()).await?;
    Ok(outcome)
}

impl Work<'_> {
    /// Reads on and notes how far the run came, all while the source is held: whoever comes next finds it.
    async fn one_turn_of_period(
        &mut self,
        turn: &Turn,
    ) -> Result<(Finished, Option<Later>), PullError> {
        let (source, kind) = (&self.source.id, messages::HISTORY);
        let ordered = match turn::find(self.services, kind, source, &self.run, turn).await? {
            Found::Open(ordered) => ordered,
            Found::Over(state) => return Ok((nothing(self.run.clone(), state), None)),
        };
        let outcome = self.period(&ordered).await?;
        let later = match outcome.next {
            Next::Continues(delay) => Some(Later {
                turn: Account::of(&ordered).turn.saturating_add(1),
                delay,
            }),
            Next::Ended => None,
        };
        Ok((self.settle(&ordered, outcome).await?, later))
    }

    async fn settle(&self, ordered: &Run, outcome: Outcome) -> Result<Finished, PullError> {
        let now = self.services.clock.now();
        let id = &self.source.id;
        let mut account = Account::of(ordered);
        account.add(&self.loaded);
        account.failures.clone_from(&outcome.failures);
        if let Next::Continues(delay) = outcome.next {
            account.hand_over(now, delay);
        }
        let left = outcome.left_out.iter();
        let left: LeftDays = left
            .map(|(table, left)| (table.clone(), left.days()))
            .collect();
        let mut checkpoint = serde_json::to_value(&account)?;
        if let Json::Object(kept) = &mut checkpoint {
            kept.insert(LEFT_OUT.to_owned(), serde_json::to_value(&left)?);
        }
        let progress = Progress {
            windows_done: outcome.windows_done,
            windows_total: ordered.windows_total,
            rows: ordered.rows + self.loaded.total(),
            checkpoint: Some(checkpoint),
        };
        let reason = outcome.failures.iter().next().map(|(table, code)| Failure {
            code: code.clone(),
            details: json!({ "table": table, "tables": outcome.failures.len() }),
        });
        let continues = matches!(outcome.next, Next::Continues(_));
        if !continues && !outcome.stood_still {
            self.tell_loaded("load.history", &account.loaded, "")
                .await?;
            for (table, left) in &outcome.left_out {
                self.tell_left_out(table, left).await?;
            }
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
            left_out: left,
        })
    }

    /// Tells which days of a table were not read, so that they can be ordered again.
    async fn tell_left_out(&self, table: &str, left: &LeftOut) -> Result<(), PullError> {
        let days = left.days();
        let named = days
            .iter()
            .take(MOST_TOLD)
            .map(|(from, to)| match from == to {
                true => from.to_string(),
                false => format!("{from} – {to}"),
            });
        let mut named: Vec<String> = named.collect();
        if days.len() > MOST_TOLD {
            named.push("…".to_owned());
        }
        self.journal(Told {
            category: Category::Problem,
            severity: Severity::Warning,
            code: "load.history-left-out",
            counts: BTreeMap::new(),
            details: json!({
                "source": self.source.name,
                "table": table,
                "days": named.join(", "),
                "left_out": days,
                "failure": left.code,
                "run": self.run.as_str(),
            }),
            dedupe: format!("load.history-left-out:{}:{table}", self.run),
        })
        .await
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

/// The first day from which on a period that has ended brought all of a table; `None` where it brought none of its last days.
pub(in crate::yclients) fn read_from(run: &Run, table: &str) -> Option<NaiveDate> {
    let (from, to) = run.period_from.zip(run.period_to)?;
    let kept = run.checkpoint.as_ref().and_then(|kept| kept.get(LEFT_OUT));
    let left = kept.and_then(|left| serde_json::from_value::<LeftDays>(left.clone()).ok());
    let last = left
        .as_ref()
        .and_then(|left| left.get(table)?.iter().map(|(_, to)| *to).max());
    match last {
        Some(last) => last.succ_opt().filter(|after| *after <= to),
        // Of a run that did not note the days, nothing of a table that failed is known to be read.
        None if Account::of(run).failures.contains_key(table) => None,
        None => Some(from),
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

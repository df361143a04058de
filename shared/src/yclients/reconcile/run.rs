//! A run: window by window, to its end or as far as time allows.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    gauge::Subject,
    notes,
    plan::Progress,
    results::{self, Summary},
    since::HeldSince,
    tally::Found,
    unread::Next,
    window::{Read, Window},
};
use crate::{
    SourceId,
    control::{self, Failure, Purpose, Run, RunId, RunState},
    jobs,
    ports::Disposition,
    services::Services,
    warehouse::{Load, Outcome, Write},
    yclients::{
        client::VendorError,
        pull::{
            PullError, note_failure,
            page::Tail,
            work::{self, Beginning, Work},
        },
    },
};

/// How long to wait when the vendor's allowance is used up and nobody says when it will not be.
pub(super) const THROTTLED: Duration = Duration::from_secs(60);

/// What a run did so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The run.
    pub run: RunId,
    /// How it ended: [`RunState::Partial`] where some days were not checked, or nothing was compared as no table that can be
    /// is on; [`RunState::Failed`] where no day was checked; [`RunState::Running`] where it is to be gone on with.
    pub state: RunState,
    /// What was found.
    pub summary: Summary,
    /// When it is to be gone on with.
    pub later: Duration,
}

/// Days of a list that were compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The list's table.
    pub table: &'static str,
    /// The first of the days.
    pub from: NaiveDate,
    /// The last of them.
    pub to: NaiveDate,
    /// Whether they could be read.
    pub checked: bool,
    /// Rows that differ, lines of records included.
    pub differences: i64,
}

/// Told of every step, for whoever shows it.
pub type Watch = Arc<dyn Fn(&Step) + Send + Sync>;

/// Compares on, as far as time allows. Days that are done are not read again. What the vendor refuses is no error: its days
/// are not checked.
///
/// [`PullError::Busy`] where somebody else works on the source; [`PullError::NotActive`], [`PullError::PlanEnded`] and
/// [`PullError::RowsUsed`] where loading stands still. Errors that trying again may overcome leave the run to be gone on
/// with, the others end it.
pub async fn proceed(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
) -> Result<Finished, PullError> {
    proceed_since(services, id, run, deadline, watch, &HeldSince::new()).await
}

/// The same, of each list only from the day on that is named.
pub(crate) async fn proceed_since(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
    since: &HeldSince,
) -> Result<Finished, PullError> {
    let ordered = services.control.runs(id.subscription()).get(run).await?;
    if ordered.finished_at.is_some() {
        return over(services, ordered).await;
    }
    let outcome = go_on(services, &ordered, deadline, watch, since).await;
    if let Err(error) = &outcome
        && error.disposition() != Disposition::Retry
    {
        note_failure(&services.dispatcher(), id, run, error).await?;
    }
    outcome
}

async fn go_on(
    services: &Services,
    ordered: &Run,
    deadline: Option<DateTime<Utc>>,
    watch: Option<Watch>,
    since: &HeldSince,
) -> Result<Finished, PullError> {
    let source = services.control.source(&ordered.source_id).await?;
    let terms = work::terms(services, &source).await?;
    let beginning = Beginning {
        source,
        terms,
        run: ordered.id.clone(),
        purpose: Purpose::Reconciliation,
        origin: "reconciliation",
        deadline,
        watch: None,
    };
    let mut work = Work::begin(services, beginning).await?;
    let outcome = work.reconcile(ordered, watch.as_ref(), since).await;
    // Whatever happened, the source is free again; the lease alone would free it in a while.
    let ended = work.end().await;
    let later = outcome?;
    ended?;
    let finished = work.settle_run(ordered, later).await?;
    jobs::request_relay(services, &ordered.subscription_id).await?;
    Ok(finished)
}

/// The name that the progress of a run is kept under.
fn progress_key(run: &RunId) -> String {
    format!("reconcile/{run}")
}

/// A run that has ended already: a message that came again.
async fn over(services: &Services, run: Run) -> Result<Finished, PullError> {
    let warehouse = services.warehouses.open(&run.subscription_id);
    let key = progress_key(&run.id);
    if warehouse.state(&key).await?.is_some() {
        // It ended, and broke off before its progress was forgotten.
        let forget = Write::PutState { key, value: None };
        let load = Load {
            origin: "reconciliation",
            run: run.id.to_string(),
            observed_at: services.clock.now(),
            writes: vec![forget],
            quota: None,
        };
        warehouse.commit(load).await?;
    }
    let mut summary = results::summary(&warehouse, &run.id).await?;
    if summary.is_empty() {
        summary.reason = run.failure_code;
    }
    Ok(Finished {
        summary,
        state: run.state,
        run: run.id,
        later: Duration::ZERO,
    })
}

impl Work<'_> {
    pub(super) fn progress_key(&self) -> String {
        progress_key(&self.run)
    }

    /// Compares on; `None` at the end, or when the run is to be gone on with.
    async fn reconcile(
        &mut self,
        ordered: &Run,
        watch: Option<&Watch>,
        since: &HeldSince,
    ) -> Result<Option<Duration>, PullError> {
        self.goes_on().await?;
        let kept = self.warehouse.state(&self.progress_key()).await?;
        let mut progress: Progress = match kept {
            Some(kept) => serde_json::from_value(kept)?,
            None => Progress::default(),
        };
        let Some(period) = ordered.period_from.zip(ordered.period_to) else {
            return Ok(None);
        };
        if progress.told {
            return Ok(None);
        }
        let mut subjects = Subject::of(&ordered.tables, |table| self.enabled(table));
        for subject in &mut subjects {
            subject.since = since.get(subject.stream.table).copied();
            self.learn_categories(subject.stream).await?;
        }
        if !progress.deletes {
            let all = Subject::of(&[], |table| self.enabled(table));
            match self.confirm_deletes(&all, &mut progress).await {
                Ok(Read::Broken) => {
                    self.keep_progress(&progress).await?;
                    return Ok(Some(Duration::ZERO));
                }
                Err(PullError::Vendor(VendorError::Throttled { retry_after }))
                    if progress.may_wait() =>
                {
                    self.keep_progress(&progress).await?;
                    return Ok(Some(retry_after.unwrap_or(THROTTLED)));
                }
                // The lists will meet the same, and say so.
                Ok(Read::Whole) | Err(PullError::Vendor(_)) => {}
                Err(error) => return Err(error),
            }
            progress.deletes = true;
            progress.waits = 0;
        }
        while let Some((at, from, to)) = progress.window(&subjects, period) {
            let Some(subject) = subjects.get(at) else {
                break;
            };
            if self.out_of_time() {
                return Ok(Some(Duration::ZERO));
            }
            self.goes_on().await?;
            let mut window = Window::new(subject, from, to);
            let progress = &mut progress;
            let next = match self.read_window(&mut window).await {
                Ok(Read::Whole) => match window.lacks {
                    None => self.close(&window, progress, watch).await?,
                    Some(code) => self.incomplete(&window, code, progress, watch).await?,
                },
                Ok(Read::Broken) => self.too_long(&window, period.1, progress, watch).await?,
                Err(error) => {
                    let lists = (subjects.as_slice(), at, period);
                    self.unreadable(&window, lists, progress, error, watch)
                        .await?
                }
            };
            if let Next::Later(later) = next {
                return Ok(Some(later));
            }
        }
        self.tell_end(ordered, &mut progress).await?;
        Ok(None)
    }

    /// Says that the run goes on, so that nobody takes it for one that stands still. An error where it was ended meanwhile.
    async fn goes_on(&self) -> Result<(), PullError> {
        let mut tx = self.services.control.begin().await?;
        tx.runs(self.source.id.subscription())
            .started(&self.run, self.services.clock.now())
            .await?;
        Ok(tx.commit().await?)
    }

    /// Notes the days of a window that was read to its end, with progress and what is told, in one commit.
    async fn close(
        &mut self,
        window: &Window<'_>,
        progress: &mut Progress,
        watch: Option<&Watch>,
    ) -> Result<Next, PullError> {
        let snapshot = self.warehouse.snapshot().await?;
        let (days, examples) = notes::closed(&snapshot, self.run.as_str(), window).await?;
        drop(snapshot);
        progress.done(window.subject, window.to);
        let entries = self.entries_of(window.subject, &days, &examples);
        self.note_days(&days, entries, progress).await?;
        tell_step(watch, window.subject, (window.from, window.to), &days);
        Ok(Next::Window)
    }

    pub(super) async fn keep_progress(&mut self, progress: &Progress) -> Result<(), PullError> {
        self.note_days(&[], Vec::new(), progress).await
    }

    pub(super) async fn note_days(
        &mut self,
        days: &[notes::Day],
        entries: Vec<crate::journal::NewEntry>,
        progress: &Progress,
    ) -> Result<(), PullError> {
        let now = self.services.clock.now();
        let about = notes::About {
            run: self.run.as_str(),
            source: self.source.id.as_str(),
            mended: true,
            at: now,
        };
        let tail = Tail {
            states: vec![(self.progress_key(), Some(serde_json::to_value(progress)?))],
            notes: vec![notes::days(&about, days)],
            entries,
            ..Tail::default()
        };
        self.commit_tail(now, &tail).await
    }

    /// Rows that the whole run mended, those of turns that were killed included.
    async fn mended(&self) -> Result<i64, PullError> {
        let run = self.run.as_str();
        let counts = self.warehouse.counts_of_run(self.origin, run).await?;
        let mends = [Outcome::New.name(), Outcome::Changed.name(), "absent"];
        let mended = counts
            .values()
            .flat_map(|words| mends.iter().filter_map(|word| words.get(*word)));
        Ok(mended.sum())
    }

    async fn settle_run(
        &self,
        ordered: &Run,
        later: Option<Duration>,
    ) -> Result<Finished, PullError> {
        let now = self.services.clock.now();
        let mut summary = results::summary(&self.warehouse, &self.run).await?;
        let nothing = later.is_none() && summary.is_empty();
        if nothing {
            summary.reason = Some(results::NOTHING.to_owned());
        }
        let mended = self.mended().await?;
        let progress = control::Progress {
            windows_done: summary.lists_checked() + summary.lists_not_checked(),
            windows_total: ordered.windows_total,
            rows: mended,
            checkpoint: None,
        };
        let state = match later {
            Some(_) => RunState::Running,
            None if nothing => RunState::Partial,
            None if summary.lists_not_checked() == 0 => RunState::Done,
            None if summary.lists_checked() > 0 => RunState::Partial,
            None => RunState::Failed,
        };
        let reason = summary.reason.as_ref().map(|code| Failure {
            code: code.clone(),
            details: serde_json::json!({}),
        });
        let mut tx = self.services.control.begin().await?;
        let mut runs = tx.runs(self.source.id.subscription());
        match state {
            RunState::Running => runs.progressed(&self.run, &progress, now).await?,
            _ => {
                let reason = reason.as_ref().filter(|_| state != RunState::Done);
                runs.finished(&self.run, state, Some(&progress), reason, now)
                    .await?
            }
        };
        tx.commit().await?;
        if later.is_none() {
            self.forget_progress().await?;
        }
        Ok(Finished {
            run: self.run.clone(),
            state,
            summary,
            later: later.unwrap_or_default(),
        })
    }
}

pub(super) fn tell_step(
    watch: Option<&Watch>,
    subject: &Subject,
    (from, to): (NaiveDate, NaiveDate),
    days: &[notes::Day],
) {
    let Some(watch) = watch else {
        return;
    };
    let sum = |found: Found| found.missing + found.extra + found.differing;
    watch(&Step {
        table: subject.stream.table,
        from,
        to,
        checked: days.iter().all(|day| day.reason.is_none()),
        differences: days.iter().map(|day| sum(day.found)).sum(),
    });
}

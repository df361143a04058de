use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Account, Loaded, PullError, THROTTLED, Watch, account,
    closed::is_closed,
    cursor::TableCursor,
    known::know_tables,
    messages::{self, PullMessage},
    outcome::After,
    pass::Drained,
    usage,
    work::{Beginning, Work},
};
use crate::{
    SourceId,
    control::{Actor, Failure, NewRun, Progress, Purpose, RunId, RunKind, RunState},
    jobs,
    services::{Dispatcher, Services},
    tallies::Tally,
    yclients::{
        client::VendorError,
        streams::{self, Cadence, Stream},
    },
};

/// How a run is made.
#[derive(Clone)]
pub struct Options {
    /// When it is to hand over to its continuation; `None` for never.
    pub deadline: Option<DateTime<Utc>>,
    /// Only these tables, due or not; none for those that are due.
    pub tables: Vec<String>,
    /// The run that is continued.
    pub run: Option<RunId>,
    /// Who asked for it.
    pub actor: Actor,
    /// Who is told of every step.
    pub watch: Option<Watch>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The run.
    pub run: RunId,
    /// How it ended; [`RunState::Running`] where its continuation is queued.
    pub state: RunState,
    /// What came.
    pub loaded: Loaded,
    /// Tables that could not be read, with the code of the reason.
    pub failures: BTreeMap<String, String>,
    /// Of a period of the past: the days of them that were not read, to be ordered again.
    pub left_out: LeftDays,
}

/// Days of tables, both of each pair inclusive, at the branch; by table, the first ones first.
pub type LeftDays = BTreeMap<String, Vec<(NaiveDate, NaiveDate)>>;

/// Reads what is due of a source, or the tables that are named. Everything that was committed stays whatever comes after.
///
/// [`PullError::Busy`] where somebody else works on the source; [`PullError::NotActive`], [`PullError::PlanEnded`],
/// [`PullError::RowsUsed`] and [`PullError::StorageUsed`] where loading stands still; other errors of the databases and the queue end the run, which is
/// gone on with later. What the vendor refuses is no error: it is told in [`Finished::failures`] and the journal.
pub async fn run(
    services: &Services,
    id: &SourceId,
    options: Options,
) -> Result<Finished, PullError> {
    let source = services.control.source(id).await?;
    let terms = usage::terms(services, &source, options.run.as_ref()).await?;
    know_tables(services, &source).await?;
    let run = options.run.clone().unwrap_or_else(RunId::random);
    let (tables, mut account) = match &options.run {
        Some(run) => {
            let before = services.control.runs(id.subscription()).get(run).await?;
            if before.finished_at.is_some() {
                return Ok(account::nothing(before.id, before.state));
            }
            account::continued(before, &options.tables)
        }
        None => (options.tables.clone(), Account::default()),
    };
    let beginning = Beginning {
        source,
        terms,
        run: run.clone(),
        purpose: Purpose::Pull,
        origin: "pull",
        deadline: options.deadline,
        watch: options.watch.clone(),
    };
    let mut work = match Work::begin(services, beginning).await {
        Ok(work) => work,
        Err(error) => {
            if !matches!(error, PullError::Busy) {
                note_failure(&services.dispatcher(), id, &run, &error).await?;
            }
            return Err(error);
        }
    };
    if options.run.is_none() {
        let made = work.make_run(&options).await;
        if !matches!(made, Ok(true)) {
            let ended = work.end().await;
            made?;
            return ended.map(|()| account::nothing(run, RunState::Done));
        }
    }
    let wanted = match tables.as_slice() {
        [] => Wanted::Due,
        named => Wanted::Named(named),
    };
    let outcome = work.read_tables(wanted, &mut account).await;
    // Whatever happened, the source is free again and what came is told; the lease alone would free it in a while.
    let ended = work.end().await;
    let next = outcome?;
    ended?;
    account.add(&work.loaded);
    let state = work.finish(&next, &account).await?;
    if let Next::Continues(delay) = next {
        let message = PullMessage {
            source: id.clone(),
            run: Some(run.clone()),
        };
        messages::send(&*services.queue, messages::PULL, &message, delay, None).await?;
    }
    jobs::request_relay(services, id.subscription()).await?;
    Ok(Finished {
        run,
        state,
        loaded: work.loaded,
        failures: account.failures,
        left_out: LeftDays::new(),
    })
}

/// So many lists in a row that are not answered are a vendor that is away; fewer are lists that it cannot give.
const AWAY: usize = 3;

/// Which tables a run reads, beside those that events hinted at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// Those that are due.
    Due,
    /// These, due or not.
    Named(&'a [String]),
    /// All that are on, due or not.
    Enabled,
}

impl Wanted<'_> {
    /// Whether somebody asked for this very table.
    fn names(self, table: &str) -> bool {
        matches!(self, Self::Named(tables) if tables.iter().any(|named| named == table))
    }
}

/// What becomes of the run after its tables.
pub(super) enum Next {
    /// It is done.
    Ended,
    /// It goes on, after so long.
    Continues(Duration),
}

impl Work<'_> {
    /// Reads what is wanted and was not read yet by this run; the account says what came of each table.
    pub(super) async fn tables(
        &mut self,
        wanted: Wanted<'_>,
        account: &mut Account,
    ) -> Result<Next, PullError> {
        self.learn_hints().await?;
        let mut stopped: Option<String> = None;
        let mut unanswered = 0;
        for stream in self.in_order().await? {
            let on_demand = stream.cadence == Cadence::OnDemand;
            if (on_demand && !wanted.names(stream.table)) || account.read.contains(stream.table) {
                continue;
            }
            // What failed once is read when it is due: tried in every turn of the run, it would leave others none.
            if !matches!(wanted, Wanted::Due) && account.failures.contains_key(stream.table) {
                continue;
            }
            let is_wanted = self.is_wanted(stream, wanted);
            if let Some(code) = &stopped {
                if is_wanted {
                    account.failed(stream.table, code);
                }
                continue;
            }
            let before = self.loaded.rows.get(stream.table).copied().unwrap_or(0);
            let error = match self.table(stream, is_wanted).await {
                Ok(None) => continue,
                Ok(Some(Drained::All)) => {
                    let rows = self.loaded.rows.get(stream.table).copied().unwrap_or(0) - before;
                    self.note_done(stream, rows).await?;
                    account.was_read(stream.table);
                    unanswered = 0;
                    continue;
                }
                Ok(Some(Drained::OutOfTime)) => return Ok(Next::Continues(Duration::ZERO)),
                Err(error) => self.told_apart(error).await,
            };
            let code = error.code().to_owned();
            let is_unanswered = matches!(error, PullError::Vendor(VendorError::Unavailable { .. }));
            unanswered = if is_unanswered { unanswered + 1 } else { 0 };
            match self.note_failed(stream, error).await? {
                After::NextTable => account.failed(stream.table, &code),
                After::Stop => {
                    account.failed(stream.table, &code);
                    if is_unanswered && unanswered < AWAY && !matches!(wanted, Wanted::Due) {
                        continue;
                    }
                    if matches!(wanted, Wanted::Due) {
                        // What is left is due still.
                        return Ok(Next::Ended);
                    }
                    stopped = Some(code);
                }
                After::Later(delay) => return Ok(Next::Continues(delay.unwrap_or(THROTTLED))),
            }
        }
        Ok(Next::Ended)
    }

    /// Makes the run, now that the source is held: a pull that has to wait leaves no trace. `false` where nothing is to be
    /// read, and nobody but the clock asked.
    async fn make_run(&mut self, options: &Options) -> Result<bool, PullError> {
        let asked = options.actor != Actor::System || !options.tables.is_empty();
        let mut all = streams::streams().iter();
        if !asked && !all.any(|stream| self.is_wanted(stream, Wanted::Due)) {
            self.learn_hints().await?;
            if self.hints.is_empty() || is_closed(self.tables.values()) {
                return Ok(false);
            }
        }
        let new = NewRun {
            kind: RunKind::Pull,
            tables: options.tables.clone(),
            period: None,
            windows_total: 0,
            created_by: options.actor.clone(),
        };
        let now = self.services.clock.now();
        let mut tx = self.services.control.begin().await?;
        let mut runs = tx.runs(&self.source.subscription_id);
        runs.create_as(self.run.clone(), &self.source.id, &new, now)
            .await?;
        runs.started(&self.run, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn is_wanted(&self, stream: &Stream, wanted: Wanted<'_>) -> bool {
        let now = self.services.clock.now();
        let due = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
        match wanted {
            Wanted::Due => {
                let table = self.tables.get(stream.table);
                table.is_some_and(|table| table.enabled && due(table.next_at))
            }
            Wanted::Named(tables) => tables.iter().any(|table| {
                streams::carrier(table).is_some_and(|carrier| carrier.table == stream.table)
            }),
            Wanted::Enabled => self.enabled(stream.table),
        }
    }

    /// Reads what events hinted at, and the list where it is wanted; `None` where nothing of it was.
    async fn table(
        &mut self,
        stream: &'static Stream,
        wanted: bool,
    ) -> Result<Option<Drained>, PullError> {
        if stream.cadence == Cadence::OnDemand {
            return self.documents(stream).await.map(Some);
        }
        // While the company is closed to the account, hints wait until it is tried.
        if !wanted && (!self.has_hints(stream) || is_closed(self.tables.values())) {
            return Ok(None);
        }
        self.learn_categories(stream).await?;
        let heeded = self.heed(stream, wanted).await?;
        if heeded.out_of_time {
            return Ok(Some(Drained::OutOfTime));
        }
        if !wanted && heeded.left.is_empty() {
            return Ok(None);
        }
        let key = TableCursor::key(&self.source.id, stream.table);
        let mut cursor = self.cursor(&key).await?;
        let denied = self.tables.get(stream.table);
        if denied.is_some_and(|table| table.forbidden_since.is_some()) {
            cursor.endpoint = 0;
        }
        cursor.ask_own_endpoint_again(stream, self.services.clock.now(), self.today());
        self.refilter(stream, &mut cursor, &key).await?;
        if heeded.some_are_gone {
            cursor.doubt();
        }
        let is_under_way = cursor.pass.is_some() || !cursor.then.is_empty();
        if !is_under_way || !heeded.left.is_empty() {
            // What is under way began before the events came.
            for reading in cursor.due(stream, self.services.clock.now(), self.today()) {
                if !cursor.then.contains(&reading) {
                    cursor.then.push(reading);
                }
            }
        }
        let drained = Box::pin(self.drain(stream, &mut cursor, &key)).await?;
        if drained == Drained::All {
            self.forget_hints(&heeded.left).await?;
        }
        Ok(Some(drained))
    }

    /// The cursor of this name; one that cannot be read begins anew, which costs calls and no rows.
    pub(super) async fn cursor(&self, key: &str) -> Result<TableCursor, PullError> {
        let kept = self.warehouse.state(key).await?;
        Ok(kept
            .and_then(|json| serde_json::from_value(json).ok())
            .unwrap_or_default())
    }

    /// Ends the run, or notes how far it came.
    pub(super) async fn finish(
        &self,
        next: &Next,
        account: &Account,
    ) -> Result<RunState, PullError> {
        let now = self.services.clock.now();
        // Every message of a run tells of its own part, by how much the run had come to.
        let so_far = format!("{}:{}", account.loaded.total(), account.loaded.gone);
        self.tell_loaded("load.pulled", &self.loaded, &so_far)
            .await?;
        let progress = Progress {
            rows: account.loaded.total(),
            checkpoint: Some(serde_json::to_value(account)?),
            ..Progress::default()
        };
        let reason = account.failures.iter().next().map(|(table, code)| Failure {
            code: code.clone(),
            details: serde_json::json!({ "table": table, "tables": account.failures.len() }),
        });
        let mut tx = self.services.control.begin().await?;
        let mut runs = tx.runs(self.source.id.subscription());
        let state = match next {
            Next::Continues(_) => {
                runs.progressed(&self.run, &progress, now).await?;
                RunState::Running
            }
            Next::Ended => {
                let state = match (account.failures.is_empty(), account.read.is_empty()) {
                    (true, _) => RunState::Done,
                    (false, false) => RunState::Partial,
                    (false, true) => RunState::Failed,
                };
                runs.finished(&self.run, state, Some(&progress), reason.as_ref(), now)
                    .await?;
                state
            }
        };
        tx.commit().await?;
        if matches!(state, RunState::Done | RunState::Partial) {
            Tally::SourcesRead.add(1);
        }
        Ok(state)
    }
}

/// Ends a run as failed, where it has not ended yet.
pub(in crate::yclients) async fn note_failure(
    dispatcher: &Dispatcher,
    source: &SourceId,
    run: &RunId,
    error: &PullError,
) -> Result<(), PullError> {
    let reason = Failure {
        code: error.code().to_owned(),
        details: serde_json::json!({}),
    };
    let mut tx = dispatcher.control.begin().await?;
    tx.runs(source.subscription())
        .broke_off(run, &reason, dispatcher.clock.now())
        .await?;
    Ok(tx.commit().await?)
}

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Account, Loaded, PullError, THROTTLED, Watch, account,
    begun::Begun,
    closed::problem,
    cursor::TableCursor,
    known::know_tables,
    messages,
    outcome::After,
    pass::Drained,
    turn::{self, Found, Turn},
    usage,
    work::{Beginning, Work},
};
use crate::{
    SourceId,
    control::{Actor, Failure, Progress, Purpose, RunId, RunState},
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
    Box::pin(run_turn(services, id, options, &Turn::default())).await
}

/// The same for a message, which asks for one turn of the run. Where that is over, nothing is done.
pub(super) async fn run_turn(
    services: &Services,
    id: &SourceId,
    options: Options,
    turn: &Turn,
) -> Result<Finished, PullError> {
    let source = services.control.source(id).await?;
    let terms = usage::terms(services, &source, options.run.as_ref()).await?;
    know_tables(services, &source).await?;
    if let Some(run) = &options.run
        && let Found::Over(state) = turn::find(services, messages::PULL, id, run, turn).await?
    {
        return Ok(account::nothing(run.clone(), state));
    }
    let run = options.run.clone().unwrap_or_else(RunId::random);
    let beginning = Beginning {
        source,
        terms,
        run: run.clone(),
        purpose: Purpose::Pull,
        origin: "pull",
        deadline: options.deadline,
        watch: options.watch.clone(),
    };
    let mut work = match Work::begin_as(services, beginning, turn.holder(&run)).await {
        Ok(work) => work,
        Err(error) => {
            if !matches!(error, PullError::Busy) {
                note_failure(&services.dispatcher(), id, &run, &error).await?;
            }
            return Err(error);
        }
    };
    let outcome = Box::pin(work.one_turn(&options, turn)).await;
    // Whatever happened, the source is free again and what came is told; the lease alone would free it in a while.
    let ended = work.end().await;
    let outcome = outcome?;
    ended?;
    let (account, next, state) = match outcome {
        Came::Nothing(state) => return Ok(account::nothing(run, state)),
        Came::Read(account, next, state) => (account, next, state),
    };
    if let Next::Continues(delay) = next {
        let queue = &*services.queue;
        turn::ask_for(queue, messages::PULL, id, &run, account.turn, delay).await?;
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

/// What came of a turn.
enum Came {
    /// It was read, and noted how far the run has come.
    Read(Account, Next, RunState),
    /// There was nothing to do.
    Nothing(RunState),
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
    /// Whether it is read because somebody asked, and not because it is time.
    const fn is_asked_for(self) -> bool {
        !matches!(self, Self::Due)
    }

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
    /// Begins or takes up the run, reads, and notes how far it came, all while the source is held: whoever comes next finds it.
    async fn one_turn(&mut self, options: &Options, turn: &Turn) -> Result<Came, PullError> {
        let (tables, mut account) = match self.begun(options, turn).await? {
            Begun::Reads(tables, account) => (tables, account),
            Begun::Nothing(state) => return Ok(Came::Nothing(state)),
        };
        let wanted = match tables.as_slice() {
            [] => Wanted::Due,
            named => Wanted::Named(named),
        };
        let next = self.read_tables(wanted, &mut account).await?;
        account.add(&self.loaded);
        if let Next::Continues(delay) = next {
            account.hand_over(self.services.clock.now(), delay);
        }
        let state = self.finish(&next, &account).await?;
        Ok(Came::Read(account, next, state))
    }

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
            // What was due and was read is due again in its time, also of a run that takes many turns.
            let was_read = wanted.is_asked_for() && account.read.contains(stream.table);
            // What events hinted at since the table was read is read all the same.
            let is_hinted = !on_demand && self.has_hints(stream);
            if (on_demand && !wanted.names(stream.table)) || (was_read && !is_hinted) {
                continue;
            }
            // What failed once is read when it is due: tried in every turn of the run, it would leave others none.
            if wanted.is_asked_for() && account.failures.contains_key(stream.table) {
                continue;
            }
            let is_wanted = !was_read && self.is_wanted(stream, wanted);
            if let Some(code) = &stopped {
                if is_wanted {
                    account.failed(stream.table, code);
                }
                continue;
            }
            let before = self.loaded.rows.get(stream.table).copied().unwrap_or(0);
            let error = match self.table(stream, is_wanted, wanted).await {
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
                    if is_unanswered && unanswered < AWAY && wanted.is_asked_for() {
                        continue;
                    }
                    if !wanted.is_asked_for() {
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

    pub(super) fn is_wanted(&self, stream: &Stream, wanted: Wanted<'_>) -> bool {
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
        why: Wanted<'_>,
    ) -> Result<Option<Drained>, PullError> {
        if stream.cadence == Cadence::OnDemand {
            return self.documents(stream).await.map(Some);
        }
        // While the company is closed to the account, or its licence has run out, hints wait until it is tried.
        if !wanted && (!self.has_hints(stream) || problem(self.tables.values()).is_some()) {
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
        let since = self.refusals_stand_since(stream, wanted && why.is_asked_for());
        let table = self.tables.get(stream.table);
        let is_denied = table.is_some_and(|table| table.forbidden_since.is_some());
        let now = self.services.clock.now();
        cursor.ask_own_endpoint_again(stream, now, self.today(), since, is_denied);
        if !Box::pin(self.follow_services(stream)).await? {
            return Ok(Some(Drained::OutOfTime));
        }
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

//! How a run begins once its source is held, and how it is taken up again.

use chrono::{DateTime, Utc};

use super::{
    Account, PullError, account,
    closed::problem,
    messages,
    run::{Options, Wanted},
    turn::{self, Found, Turn},
    work::Work,
};
use crate::{
    control::{Actor, HEARD_OF, NewRun, RunKind, RunState},
    yclients::streams::{self, Stream},
};

/// What there is to do for whoever has the source.
pub(super) enum Begun {
    /// The run reads these tables, or what is due where there are none; so far it did this.
    Reads(Vec<String>, Account),
    /// Nothing: it has ended or is in other hands, or no run was made.
    Nothing(RunState),
}

impl Work<'_> {
    /// Makes the run, or takes up the one that is gone on with.
    pub(super) async fn begun(
        &mut self,
        options: &Options,
        turn: &Turn,
    ) -> Result<Begun, PullError> {
        if options.run.is_none() {
            return Ok(match self.make_run(options).await? {
                true => Begun::Reads(options.tables.clone(), Account::default()),
                false => Begun::Nothing(RunState::Done),
            });
        }
        let (source, kind) = (&self.source.id, messages::PULL);
        Ok(
            match turn::find(self.services, kind, source, &self.run, turn).await? {
                Found::Open(run) => {
                    let (tables, account) = account::continued(*run, &options.tables);
                    Begun::Reads(tables, account)
                }
                Found::Over(state) => Begun::Nothing(state),
            },
        )
    }

    /// Makes the run, now that the source is held: a pull that has to wait leaves no trace. `false` where nobody but the clock
    /// asked, and nothing is to be read or another run reads it.
    async fn make_run(&mut self, options: &Options) -> Result<bool, PullError> {
        let asked = options.actor != Actor::System || !options.tables.is_empty();
        if !asked && self.another_goes_on().await? {
            return Ok(false);
        }
        let mut all = streams::streams().iter();
        if !asked && !all.any(|stream| self.is_wanted(stream, Wanted::Due)) {
            self.learn_hints().await?;
            if self.hints.is_empty() || problem(self.tables.values()).is_some() {
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
        self.ordered_at = (options.actor != Actor::System).then_some(now);
        Ok(true)
    }

    /// Since when a refusal of a table's own list stands, for which a poorer one is read: it was another token's that was
    /// renewed since; the poorer one was refused too since; or, where the table `is_asked_for`, a person ordered it since.
    pub(super) fn refusals_stand_since(
        &self,
        stream: &Stream,
        is_asked_for: bool,
    ) -> DateTime<Utc> {
        let table = self.tables.get(stream.table);
        let denied = table.and_then(|table| table.forbidden_since);
        let ordered = self.ordered_at.filter(|_| is_asked_for);
        let since = denied.into_iter().chain(ordered);
        since.fold(self.credential.renewed_at, Ord::max)
    }

    /// Whether a pull that was due waits for its next turn, in which it reads what is due by then and what events hint at. One
    /// that was not heard of for long is over.
    async fn another_goes_on(&self) -> Result<bool, PullError> {
        let now = self.services.clock.now();
        let runs = self.services.control.runs(&self.source.subscription_id);
        // A vendor that asks to be left alone does so for an hour at most.
        let since = now - account::LONGEST_WAIT - HEARD_OF;
        let others = runs.handed_over(&self.source.id, since).await?;
        Ok(others.into_iter().any(|other| {
            let waits_until = Account::kept(Some(other.checkpoint)).goes_on_at;
            let last = waits_until.map_or(other.changed_at, |until| until.max(other.changed_at));
            last + HEARD_OF > now
        }))
    }
}

//! Reading on behalf of a job, under the id of the job's run: whoever has that run goes on with what is left, so that its
//! end is the end of the reading.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Account, Ordered, PullError, history,
    known::know_tables,
    order,
    run::{Next, Wanted},
    turn::Turn,
    usage,
    work::{Beginning, Work},
};
use crate::{
    SourceId,
    control::{Actor, ControlError, NewRun, Purpose, Run, RunId, RunKind, RunState},
    jobs,
    services::Services,
    yclients::client::{COMPANY_CLOSED, LICENCE_EXPIRED, VendorError},
};

/// Tables that somebody wants read now, due or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// These; none for all that the source has turned on.
    pub tables: Vec<String>,
    /// Who wants it.
    pub actor: Actor,
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// The run; [`RunState::Running`] where it is to be gone on with.
    pub run: Run,
    /// What it did in all of its steps.
    pub account: Account,
    /// After how long it is to be gone on with.
    pub later: Duration,
}

/// Reads on in the tables that are asked for, and in those that events hinted at: to their end, or up to the deadline.
/// Tables that are read are not read again by the same run. Errors as of [`super::run()`].
pub(crate) async fn read_now(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    asked: Asked,
    deadline: DateTime<Utc>,
) -> Result<Step, PullError> {
    let begun = begin(services, id, run, asked).await?;
    if begun.finished_at.is_some() {
        return step(services, id, run, None).await;
    }
    let source = services.control.source(id).await?;
    let terms = usage::terms(services, &source, None).await?;
    know_tables(services, &source).await?;
    let beginning = Beginning {
        source,
        terms,
        run: run.clone(),
        purpose: Purpose::Pull,
        origin: "pull",
        deadline: Some(deadline),
        watch: None,
    };
    let mut work = Work::begin(services, beginning).await?;
    let mut account = Account::of(&begun);
    let wanted = match begun.tables.as_slice() {
        [] => Wanted::Enabled,
        named => Wanted::Named(named),
    };
    let outcome = work.read_tables(wanted, &mut account).await;
    // Whatever happened, the source is free again; the lease alone would free it in a while.
    let ended = work.end().await;
    let next = outcome?;
    ended?;
    account.add(&work.loaded);
    work.finish(&next, &account).await?;
    jobs::request_relay(services, id.subscription()).await?;
    let later = match next {
        Next::Continues(delay) => Some(delay),
        Next::Ended => None,
    };
    step(services, id, run, later).await
}

/// Reads on in a period of the past, to its end or up to the deadline. Errors as of [`super::order()`] and
/// [`super::history()`]; where the plan lets nothing more in, the company is closed to the account, or its licence has run
/// out, it is the error that says so.
pub(crate) async fn read_period(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    ordered: Ordered,
    deadline: DateTime<Utc>,
) -> Result<Step, PullError> {
    order::begin(services, id, ordered, run.clone()).await?;
    let turn = Turn::default();
    let (_, later) = history::proceed(services, id, run, Some(deadline), None, &turn).await?;
    let step = step(services, id, run, later.map(|later| later.delay)).await?;
    match (step.run.state, step.run.failure_code.as_deref()) {
        (RunState::Paused, Some("plan.storage-used")) => Err(PullError::StorageUsed),
        (RunState::Paused, Some("plan.ended")) => Err(PullError::PlanEnded),
        (RunState::Paused, Some(COMPANY_CLOSED)) => Err(VendorError::CompanyClosed.into()),
        (RunState::Paused, Some(LICENCE_EXPIRED)) => Err(VendorError::LicenceExpired.into()),
        (RunState::Paused, _) => Err(PullError::RowsUsed),
        _ => Ok(step),
    }
}

async fn begin(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    asked: Asked,
) -> Result<Run, PullError> {
    match services.control.runs(id.subscription()).get(run).await {
        Err(ControlError::NotFound { .. }) => {}
        found => return Ok(found?),
    }
    let new = NewRun {
        kind: RunKind::Pull,
        tables: asked.tables,
        period: None,
        windows_total: 0,
        created_by: asked.actor,
    };
    let mut tx = services.control.begin().await?;
    let mut runs = tx.runs(id.subscription());
    let now = services.clock.now();
    let made = runs.create_as(run.clone(), id, &new, now).await?;
    tx.commit().await?;
    Ok(made)
}

impl Work<'_> {
    /// Says that the run goes on, which is an error where it was ended meanwhile, and reads.
    pub(super) async fn read_tables(
        &mut self,
        wanted: Wanted<'_>,
        account: &mut Account,
    ) -> Result<Next, PullError> {
        let mut tx = self.services.control.begin().await?;
        tx.runs(self.source.id.subscription())
            .started(&self.run, self.services.clock.now())
            .await?;
        tx.commit().await?;
        self.tables(wanted, account).await
    }
}

async fn step(
    services: &Services,
    id: &SourceId,
    run: &RunId,
    later: Option<Duration>,
) -> Result<Step, PullError> {
    let run = services.control.runs(id.subscription()).get(run).await?;
    Ok(Step {
        account: Account::of(&run),
        later: later.unwrap_or_default(),
        run,
    })
}

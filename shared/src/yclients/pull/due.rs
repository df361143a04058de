//! What is to be worked on: found by time, whatever messages were lost.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Account, PullError, is_read,
    messages::{self, PullMessage},
    run::note_failure,
};
use crate::{
    SourceId,
    control::{Actor, ControlError, Run, RunId, RunKind, SourceState, SourceWriter},
    ports::QueueError,
    services::Dispatcher,
    yclients::reconcile::{self, ReconcileMessage},
};

/// Sources looked at in one go; the next look is in a minute.
const SOURCES: usize = 1_000;
/// Runs looked at in one go.
const RUNS: usize = 200;
/// A run that has not come further for so long has nobody who works on it.
const STILL: TimeDelta = TimeDelta::minutes(15);
/// An order or a comparison that nobody could work on for so long is over.
const PATIENCE: TimeDelta = TimeDelta::days(1);
/// A source is queued once in this time, so that messages do not pile up before slow workers; in seconds.
const ONCE_IN: i64 = 300;
/// A run that stands still is asked for again once in this time, for the same reason; in seconds.
const AGAIN_IN: i64 = 3_600;

/// Queues every source with something due, and every run that was broken off; how many messages. Doing it twice at once
/// queues them once.
pub async fn queue_due(dispatcher: &Dispatcher) -> Result<usize, PullError> {
    let now = dispatcher.clock.now();
    let housekeeping = dispatcher.control.housekeeping();
    let mut queued = 0;
    for source in housekeeping.sources_due(now, SOURCES).await? {
        let dedupe = format!("{}:{source}:{}", messages::PULL, bucket(now));
        messages::send(
            &*dispatcher.queue,
            messages::PULL,
            &PullMessage::due(source),
            Duration::ZERO,
            Some(dedupe),
        )
        .await?;
        queued += 1;
    }
    for (source, run) in housekeeping.runs_standing_still(now - STILL, RUNS).await? {
        queued += usize::from(wake(dispatcher, source, run, now).await?);
    }
    Ok(queued)
}

/// Queues a source that has something due because somebody has just connected or changed it and waits to see it: ahead of
/// others, also of what [`queue_due`] queued of it, and without waiting for that to find it. Asked for again within five
/// minutes, it is queued once.
pub(in crate::yclients) async fn request(
    dispatcher: &Dispatcher,
    source: SourceId,
) -> Result<(), QueueError> {
    let bucket = bucket(dispatcher.clock.now());
    let dedupe = format!("{}:ahead:{source}:{bucket}", messages::PULL);
    let message = PullMessage::due(source);
    messages::send_ahead(&*dispatcher.queue, messages::PULL, &message, Some(dedupe)).await
}

/// The time in which something is queued once.
fn bucket(now: DateTime<Utc>) -> i64 {
    now.timestamp() / ONCE_IN
}

/// Adds these tables to a source: due at once, but for those that are read only when somebody asks.
pub(in crate::yclients) async fn add_tables(
    sources: &mut SourceWriter<'_>,
    source: &SourceId,
    names: &[&str],
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let (read, others): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| is_read(name));
    sources.add_tables(source, &read, Some(now), now).await?;
    sources.add_tables(source, &others, None, now).await
}

/// Makes a table due at once; one that is read only when somebody asks never is.
pub(in crate::yclients) async fn make_due(
    sources: &mut SourceWriter<'_>,
    source: &SourceId,
    table: &str,
    now: DateTime<Utc>,
) -> Result<(), ControlError> {
    let at = Some(now).filter(|_| is_read(table));
    sources.set_due(source, &[table], at).await
}

/// Goes on with a history, a comparison, and a pull that somebody ordered and that may still wait for its source. A pull that
/// was due goes on too, once it has handed over to a continuation. One that was broken off before that is over: no message
/// names it, and the next pull goes on where it ended.
async fn wake(
    dispatcher: &Dispatcher,
    source: SourceId,
    run: RunId,
    now: DateTime<Utc>,
) -> Result<bool, PullError> {
    let runs = dispatcher.control.runs(source.subscription());
    let standing = runs.get(&run).await?;
    match standing.kind {
        RunKind::History | RunKind::Pull if waits(&standing, now) => Ok(false),
        RunKind::History => {
            if dispatcher.control.source(&source).await?.state != SourceState::Active {
                return Ok(false);
            }
            ask_again(dispatcher, messages::HISTORY, &standing, now).await?;
            Ok(true)
        }
        RunKind::Pull if is_nobodys(&standing) => {
            note_failure(dispatcher, &source, &run, &PullError::LeaseLost).await?;
            Ok(false)
        }
        RunKind::Pull if now - standing.changed_at > PATIENCE => {
            note_failure(dispatcher, &source, &run, &PullError::Busy).await?;
            Ok(false)
        }
        RunKind::Pull => {
            ask_again(dispatcher, messages::PULL, &standing, now).await?;
            Ok(true)
        }
        RunKind::Reconciliation if now - standing.changed_at > PATIENCE => {
            note_failure(dispatcher, &source, &run, &PullError::Busy).await?;
            Ok(false)
        }
        RunKind::Reconciliation => {
            let dedupe = format!("{}:{run}:{}", reconcile::RECONCILE, bucket(now));
            let message = ReconcileMessage { source, run };
            reconcile::send(&*dispatcher.queue, &message, Duration::ZERO, Some(dedupe)).await?;
            Ok(true)
        }
        RunKind::Report => Ok(false),
    }
}

/// Whether the continuation of the run is not to come yet.
fn waits(run: &Run, now: DateTime<Utc>) -> bool {
    Account::of(run).goes_on_at.is_some_and(|at| at > now)
}

/// Whether no message goes on with the run: it was begun because tables were due, and has handed over to nobody.
fn is_nobodys(run: &Run) -> bool {
    run.created_by == Actor::System && run.tables.is_empty() && run.checkpoint.is_none()
}

/// Asks for the turn that a run stands still at, once in an hour: the message that was to bring it may only be slow, and the
/// one of the two that comes later does nothing.
async fn ask_again(
    dispatcher: &Dispatcher,
    kind: &str,
    standing: &Run,
    now: DateTime<Utc>,
) -> Result<(), PullError> {
    let (source, run, turn) = (
        standing.source_id.clone(),
        standing.id.clone(),
        Account::of(standing).turn,
    );
    let since = standing.changed_at.timestamp_micros();
    let hour = now.timestamp() / AGAIN_IN;
    let dedupe = format!("{kind}:{run}:again:{since}:{hour}");
    let message = PullMessage::of(source, run, turn);
    let queue = &*dispatcher.queue;
    messages::send(queue, kind, &message, Duration::ZERO, Some(dedupe)).await?;
    Ok(())
}

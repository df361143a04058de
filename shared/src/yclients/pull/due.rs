//! What is to be worked on: found by time, whatever messages were lost.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    PullError, is_read,
    messages::{self, PullMessage},
    run::note_failure,
};
use crate::{
    SourceId,
    control::{Actor, ControlError, RunId, RunKind, SourceState, SourceWriter},
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
/// A source is queued once in this time, so that messages do not pile up before slow workers.
const ONCE_IN: i64 = 300;

/// Queues every source with something due, and every run that was broken off; how many messages. Doing it twice at once
/// queues them once.
pub async fn queue_due(dispatcher: &Dispatcher) -> Result<usize, PullError> {
    let now = dispatcher.clock.now();
    let housekeeping = dispatcher.control.housekeeping();
    let mut queued = 0;
    for source in housekeeping.sources_due(now, SOURCES).await? {
        let (message, dedupe) = due_now(dispatcher, source);
        messages::send(
            &*dispatcher.queue,
            messages::PULL,
            &message,
            Duration::ZERO,
            dedupe,
        )
        .await?;
        queued += 1;
    }
    for (source, run) in housekeeping.runs_standing_still(now - STILL, RUNS).await? {
        let bucket = now.timestamp() / ONCE_IN;
        queued += usize::from(wake(dispatcher, source, run, bucket).await?);
    }
    Ok(queued)
}

/// Queues a source that has something due because somebody has just connected or changed it and waits to see it: ahead of
/// others, and without waiting for [`queue_due`] to find it. Asked for again within five minutes, it is queued once.
pub(in crate::yclients) async fn request(
    dispatcher: &Dispatcher,
    source: SourceId,
) -> Result<(), QueueError> {
    let (message, dedupe) = due_now(dispatcher, source);
    messages::send_ahead(&*dispatcher.queue, messages::PULL, &message, dedupe).await
}

/// The message that has a source read, and the key by which it is queued once in a while.
fn due_now(dispatcher: &Dispatcher, source: SourceId) -> (PullMessage, Option<String>) {
    let bucket = dispatcher.clock.now().timestamp() / ONCE_IN;
    let dedupe = format!("{}:{source}:{bucket}", messages::PULL);
    (PullMessage { source, run: None }, Some(dedupe))
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

/// Goes on with a history, a comparison, and a pull that somebody ordered and that may still wait for its source. A pull that was
/// due and was broken off is over: the next one goes on where it ended.
async fn wake(
    dispatcher: &Dispatcher,
    source: SourceId,
    run: RunId,
    bucket: i64,
) -> Result<bool, PullError> {
    let runs = dispatcher.control.runs(source.subscription());
    let standing = runs.get(&run).await?;
    match standing.kind {
        RunKind::History => {
            if dispatcher.control.source(&source).await?.state != SourceState::Active {
                return Ok(false);
            }
            let dedupe = format!("{}:{run}:{bucket}", messages::HISTORY);
            let message = PullMessage {
                source,
                run: Some(run),
            };
            messages::send(
                &*dispatcher.queue,
                messages::HISTORY,
                &message,
                Duration::ZERO,
                Some(dedupe),
            )
            .await?;
            Ok(true)
        }
        RunKind::Pull if standing.created_by == Actor::System => {
            note_failure(dispatcher, &source, &run, &PullError::LeaseLost).await?;
            Ok(false)
        }
        RunKind::Pull if dispatcher.clock.now() - standing.changed_at > PATIENCE => {
            note_failure(dispatcher, &source, &run, &PullError::Busy).await?;
            Ok(false)
        }
        RunKind::Pull => {
            let dedupe = format!("{}:{run}:{bucket}", messages::PULL);
            let message = PullMessage {
                source,
                run: Some(run),
            };
            messages::send(
                &*dispatcher.queue,
                messages::PULL,
                &message,
                Duration::ZERO,
                Some(dedupe),
            )
            .await?;
            Ok(true)
        }
        RunKind::Reconciliation if dispatcher.clock.now() - standing.changed_at > PATIENCE => {
            note_failure(dispatcher, &source, &run, &PullError::Busy).await?;
            Ok(false)
        }
        RunKind::Reconciliation => {
            let dedupe = format!("{}:{run}:{bucket}", reconcile::RECONCILE);
            let message = ReconcileMessage { source, run };
            reconcile::send(&*dispatcher.queue, &message, Duration::ZERO, Some(dedupe)).await?;
            Ok(true)
        }
        RunKind::Report => Ok(false),
    }
}

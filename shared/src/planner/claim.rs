use chrono::TimeDelta;

use super::{PlannerError, messages};
use crate::services::Dispatcher;

/// Jobs claimed in one transaction.
const BATCH: usize = 100;
/// Batches in one tick; whoever ticks again goes on.
const BATCHES: usize = 100;
/// How long a run may be silent before its message counts as lost.
pub(super) const SILENCE: TimeDelta = TimeDelta::minutes(5);

/// Sends off every job whose time has come, and again what was lost on the way; how many jobs were due. Any number of
/// callers may do so at once: each job goes to one of them.
pub async fn tick(dispatcher: &Dispatcher) -> Result<u64, PlannerError> {
    let mut due = 0;
    for _ in 0..BATCHES {
        let now = dispatcher.clock.now();
        if !dispatcher.control.is_any_job_due(now).await? {
            break;
        }
        let mut tx = dispatcher.control.begin().await?;
        let claimed = tx.claim_due_jobs(now, now + SILENCE, BATCH).await?;
        let silent = tx.wake_silent_runs(now, now + SILENCE, BATCH).await?;
        tx.commit().await?;
        for claimed in &claimed {
            let job = &claimed.job;
            messages::run(
                &*dispatcher.queue,
                &job.subscription_id,
                &claimed.run,
                job.kind,
            )
            .await?;
        }
        for (subscription, run, kind) in &silent {
            messages::run(&*dispatcher.queue, subscription, run, *kind).await?;
        }
        due += u64::try_from(claimed.len()).unwrap_or(0);
        if claimed.is_empty() && silent.is_empty() {
            // Nobody may have what is due: the next look would find the same.
            break;
        }
    }
    for (subscription, run) in dispatcher
        .control
        .housekeeping()
        .failing_to_tell(BATCH)
        .await?
    {
        messages::mail_failing(&*dispatcher.queue, &subscription, &run).await?;
    }
    Ok(due)
}

use chrono::TimeDelta;

use super::{PlannerError, messages};
use crate::services::Services;

/// Jobs claimed in one transaction.
const BATCH: usize = 100;
/// Batches in one tick; whoever ticks again goes on.
const BATCHES: usize = 100;
/// How long a run may be silent before its message counts as lost.
pub(super) const SILENCE: TimeDelta = TimeDelta::minutes(5);

/// Sends off every job whose time has come, and again what was lost on the way; how many jobs were due. Any number of
/// callers may do so at once: each job goes to one of them.
pub async fn tick(services: &Services) -> Result<u64, PlannerError> {
    let mut due = 0;
    for _ in 0..BATCHES {
        let now = services.clock.now();
        if !services.control.is_any_job_due(now).await? {
            break;
        }
        let mut tx = services.control.begin().await?;
        let claimed = tx.claim_due_jobs(now, now + SILENCE, BATCH).await?;
        let silent = tx.wake_silent_runs(now, now + SILENCE, BATCH).await?;
        tx.commit().await?;
        for claimed in &claimed {
            let job = &claimed.job;
            messages::run(services, &job.subscription_id, &claimed.run, job.kind).await?;
        }
        for (subscription, run, kind) in &silent {
            messages::run(services, subscription, run, *kind).await?;
        }
        due += u64::try_from(claimed.len()).unwrap_or(0);
    }
    for (subscription, run) in services
        .control
        .housekeeping()
        .failing_to_tell(BATCH)
        .await?
    {
        messages::mail_failing(services, &subscription, &run).await?;
    }
    Ok(due)
}

//! The work of a base pull: its run is over when everything that it was to read is read, or was refused.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    BasePullSettings, Gap, Totals, WorkError,
    run::{Task, Worked},
    work::{failed, has_patience, subject},
};
use crate::{
    control::{ControlError, RunState},
    services::Services,
    yclients::pull::{self, PullError, Step},
};

/// What a vendor keeps up for so long is given up.
const LONGEST: TimeDelta = TimeDelta::days(14);

/// Reads the tables of a source or, where a period was named, that period of its history.
pub(super) async fn pull(
    services: &Services,
    task: &Task<'_>,
    settings: &BasePullSettings,
) -> Result<Worked, WorkError> {
    let (source, run) = subject(task)?;
    let actor = task.lease.run.by_actor.clone();
    let tables = settings.tables.clone();
    let deadline = services.clock.now() + pull::TIME_PER_MESSAGE;
    let came = match task.period {
        Some(period) => {
            let ordered = pull::Ordered {
                from: period.from,
                to: period.to,
                tables,
                actor,
            };
            pull::read_period(services, &source, &run, ordered, deadline).await
        }
        None => {
            let asked = pull::Asked { tables, actor };
            pull::read_now(services, &source, &run, asked, deadline).await
        }
    };
    match came {
        Ok(step) => outcome(services, step),
        Err(PullError::Busy) => {
            let since = match services.control.runs(source.subscription()).get(&run).await {
                Ok(run) => run.changed_at,
                Err(ControlError::NotFound { .. }) => task.lease.run.queued_at,
                Err(error) => return Err(error.into()),
            };
            still_busy(services, since)
        }
        Err(error) => Err(failed(error)),
    }
}

fn still_busy(services: &Services, since: DateTime<Utc>) -> Result<Worked, WorkError> {
    if has_patience(services, since) {
        return Ok(Worked::Later(pull::BUSY));
    }
    Err(failed(PullError::Busy))
}

/// What the run on the source means for the run of the job.
fn outcome(services: &Services, step: Step) -> Result<Worked, WorkError> {
    let Step {
        run,
        account,
        later,
    } = step;
    match run.state {
        RunState::Waiting | RunState::Running | RunState::Paused => {
            if services.clock.now() - run.created_at > LONGEST {
                return Err(WorkError::hopeless("job.gave-up", json!({})));
            }
            Ok(Worked::Later(later))
        }
        RunState::Failed => {
            let first = account.failures.into_iter().next();
            let (table, code) = first.unwrap_or_default();
            let code = run.failure_code.unwrap_or(code);
            Err(WorkError::hopeless(
                "job.pull",
                json!({ "table": table, "code": code }),
            ))
        }
        RunState::Done | RunState::Partial => {
            let mut counts = account.loaded.rows;
            let failed = i64::try_from(account.failures.len()).unwrap_or(i64::MAX);
            let gaps = [
                (Gap::Tables, failed),
                (Gap::SetAside, account.loaded.parked),
            ];
            for (gap, count) in gaps.into_iter().filter(|(_, count)| *count > 0) {
                counts.insert(gap.name().to_owned(), count);
            }
            Ok(Worked::Done(Totals {
                rows: run.rows,
                counts,
            }))
        }
    }
}

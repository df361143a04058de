use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use super::{
    JobSettings, Period, PlannerError, WorkError, claim::SILENCE, finish, manage::zone_of,
    messages, work::work,
};
use crate::{
    SubscriptionId,
    control::{ControlError, JobKind, JobRun, JobRunId, PlannedJob},
    ports::{Disposition, random_text},
    services::Services,
};

/// The code of the error that says that a run is no longer this worker's.
const LOST: &str = "job.lost";

/// How often a run is taken up without coming further before it is given up.
const MOST_ATTEMPTS: i64 = 5;

/// So often work that does not say so itself is said to go on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// What the work of a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// All of it is done.
    Done(Totals),
    /// Time ran short; what was done is kept, and the work goes on in another message.
    Continue,
    /// What the work needs is not to be had for now: it goes on in another message after so long, as if for the first time.
    Later(Duration),
}

/// What a run did, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows that were read or written, as the kind of job counts them.
    pub rows: i64,
    /// Numbers by name, for the journal; what was left out is among them, as [`Gap`](super::Gap) names it.
    pub counts: BTreeMap<String, i64>,
}

/// A run in the hands of one worker. Work that takes longer than a minute or two says now and then that it goes on, by
/// [`Lease::keep`], or has it said by `Lease::keep_while`; another one takes the run up otherwise.
#[derive(Debug)]
pub struct Lease<'a> {
    services: &'a Services,
    subscription: &'a SubscriptionId,
    holder: String,
    /// The run.
    pub run: JobRun,
}

/// Everything the work of a run needs to know.
#[derive(Debug)]
pub struct Task<'a> {
    /// The job.
    pub job: &'a PlannedJob,
    /// Its settings, read.
    pub settings: JobSettings,
    /// The days to cover; `None` for kinds that take none, unless somebody named some.
    pub period: Option<Period>,
    /// The run.
    pub lease: &'a Lease<'a>,
}

/// Does the work of a run, as one message asks for it: to its end, or as far as time allows. Doing it again after the end
/// changes nothing; while another worker has the run, it is [`PlannerError::Held`].
pub async fn run(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobRunId,
) -> Result<(), PlannerError> {
    let Some((lease, job)) = take(services, subscription, id).await? else {
        return Ok(());
    };
    let outcome = match prepare(services, &job, &lease).await {
        Ok(task) => Box::pin(work(services, task)).await,
        Err(error) => Err(error),
    };
    conclude(&lease, job.kind, outcome).await
}

/// The run and its job, for us alone; `None` where there is nothing to do any more.
pub(super) async fn take<'s>(
    services: &'s Services,
    subscription: &'s SubscriptionId,
    id: &'s JobRunId,
) -> Result<Option<(Lease<'s>, PlannedJob)>, PlannerError> {
    let Some(lease) = Lease::take(services, subscription, id).await? else {
        return Ok(None);
    };
    let jobs = services.control.planned_jobs(subscription);
    match jobs.get(&lease.run.job_id).await {
        Ok(job) => Ok(Some((lease, job))),
        Err(ControlError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn prepare<'t>(
    services: &Services,
    job: &'t PlannedJob,
    lease: &'t Lease<'t>,
) -> Result<Task<'t>, WorkError> {
    if lease.run.attempt > MOST_ATTEMPTS {
        return Err(WorkError::hopeless("job.gave-up", json!({})));
    }
    Task::new(services, job, lease).await
}

/// Ends the run as its work ended, or gives it back to be taken up again.
pub(super) async fn conclude(
    lease: &Lease<'_>,
    kind: JobKind,
    outcome: Result<Worked, WorkError>,
) -> Result<(), PlannerError> {
    match outcome {
        Ok(Worked::Done(totals)) => finish::done(lease, &totals).await,
        Ok(Worked::Continue) => lease.hand_over(kind, Duration::ZERO).await,
        Ok(Worked::Later(after)) => lease.hand_over(kind, after).await,
        // The run is gone or in another's hands: nothing of it is ours to end.
        Err(error) if error.code == LOST => Ok(()),
        Err(error)
            if error.disposition == Disposition::Retry && lease.run.attempt < MOST_ATTEMPTS =>
        {
            lease.release(false, Duration::ZERO).await?;
            Err(PlannerError::Work(Box::new(error)))
        }
        Err(error) => finish::failed(lease, &error).await,
    }
}

impl<'a> Task<'a> {
    async fn new(
        services: &Services,
        job: &'a PlannedJob,
        lease: &'a Lease<'a>,
    ) -> Result<Self, WorkError> {
        let settings = JobSettings::read(job.kind, &job.settings).map_err(|error| {
            WorkError::hopeless("job.settings", json!({ "reason": error.to_string() }))
        })?;
        let run = &lease.run;
        let named = run.period_from.zip(run.period_to);
        let period = match (named, settings.period()) {
            (Some((from, to)), _) => Some(Period { from, to }),
            (None, Some(rule)) => {
                let business = services.control.subscription(&job.subscription_id).await?;
                // Every attempt covers the days that the first one did.
                let at = run.started_at.unwrap_or(run.queued_at);
                Some(rule.at(at, zone_of(&business))?)
            }
            (None, None) => None,
        };
        Ok(Self {
            job,
            settings,
            period,
            lease,
        })
    }
}

impl<'a> Lease<'a> {
    /// Takes the run up; `None` when it is over or gone.
    async fn take(
        services: &'a Services,
        subscription: &'a SubscriptionId,
        id: &JobRunId,
    ) -> Result<Option<Self>, PlannerError> {
        let holder = random_text::<16>();
        let now = services.clock.now();
        let mut tx = services.control.begin().await?;
        let taken = tx
            .planned_jobs(subscription)
            .take_run(id, &holder, now + SILENCE, now)
            .await?;
        tx.commit().await?;
        if let Some(run) = taken {
            return Ok(Some(Self {
                services,
                subscription,
                holder,
                run,
            }));
        }
        match services
            .control
            .planned_jobs(subscription)
            .get_run(id)
            .await
        {
            Ok(run) if run.finished_at.is_none() => Err(PlannerError::Held),
            Ok(_) | Err(ControlError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says that the work goes on. An error that ends the work quietly when the run is no longer this worker's.
    pub async fn keep(&self) -> Result<(), WorkError> {
        let now = self.services.clock.now();
        let mut tx = self.services.control.begin().await?;
        let held = tx
            .planned_jobs(self.subscription)
            .hold_run(&self.run.id, &self.holder, now + SILENCE)
            .await?;
        tx.commit().await?;
        if held {
            Ok(())
        } else {
            Err(WorkError {
                disposition: Disposition::Drop,
                ..WorkError::hopeless(LOST, json!({}))
            })
        }
    }

    /// Does this work, and says meanwhile that it goes on. It ends, as a worker does that is stopped, when the run is no
    /// longer this worker's.
    pub(super) async fn keep_while<T>(
        &self,
        work: impl Future<Output = Result<T, WorkError>>,
    ) -> Result<T, WorkError> {
        self.keep_every(SIGN_OF_LIFE, work).await
    }

    pub(super) async fn keep_every<T>(
        &self,
        time: Duration,
        work: impl Future<Output = Result<T, WorkError>>,
    ) -> Result<T, WorkError> {
        let lost = async {
            loop {
                tokio::time::sleep(time).await;
                match self.keep().await {
                    Err(error) if error.code == LOST => return error,
                    // The next sign may get through.
                    _ => {}
                }
            }
        };
        tokio::select! {
            done = work => done,
            lost = lost => Err(lost),
        }
    }

    /// Leaves the rest to whoever gets the message that comes after so long.
    async fn hand_over(&self, kind: JobKind, after: Duration) -> Result<(), PlannerError> {
        self.release(true, after).await?;
        let run = &self.run.id;
        Ok(messages::run_later(&*self.services.queue, self.subscription, run, kind, after).await?)
    }

    async fn release(&self, came_further: bool, after: Duration) -> Result<(), PlannerError> {
        let silent_after = self.services.clock.now() + after + SILENCE;
        let mut tx = self.services.control.begin().await?;
        tx.planned_jobs(self.subscription)
            .release_run(&self.run.id, &self.holder, came_further, silent_after)
            .await?;
        Ok(tx.commit().await?)
    }

    pub(super) const fn services(&self) -> &Services {
        self.services
    }

    pub(super) const fn subscription(&self) -> &SubscriptionId {
        self.subscription
    }

    pub(super) fn holder(&self) -> &str {
        &self.holder
    }
}

//! Work that waits for what it needs, and work that takes long.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    super::{RUN, Worked, remove, run_now, tick},
    bed::*,
};
use crate::{control::JobRunState, ports::QueueName};

/// Waits until the run, the only one, will not count as silent for four minutes.
async fn signed(plant: &Plant) {
    let soon = plant.bed.now() + TimeDelta::minutes(4);
    for _ in 0..1_000 {
        if !plant.services.control.is_any_job_due(soon).await.unwrap() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no sign of life");
}

#[tokio::test]
async fn what_is_not_to_be_had_for_now_is_waited_for_without_wearing_the_run_out() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let run = run_now(services, subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        plant.messages(QueueName::Pull, RUN).await;
        for _ in 0..9 {
            let later = || Ok(Worked::Later(Duration::from_secs(600)));
            plant.work(&run, later).await.unwrap();
            // It waits for its message, which nobody takes for lost meanwhile.
            plant.bed.clock.advance(TimeDelta::minutes(9));
            tick(&services.dispatcher()).await.unwrap();
            assert_eq!(plant.messages(QueueName::Pull, RUN).await, []);
            plant.bed.clock.advance(TimeDelta::minutes(2));
            let come = plant.messages(QueueName::Pull, RUN).await;
            assert_eq!(come, std::slice::from_ref(&run));
        }
        plant
            .work(&run, || Ok(Worked::Done(totals(1))))
            .await
            .unwrap();
        assert_eq!(plant.runs(&job).await[0].state, JobRunState::Done);
        plant.close().await;
    }
}

#[tokio::test]
async fn work_that_takes_long_is_said_to_go_on_and_ends_when_its_job_is_removed() {
    for plant in plants().await {
        let job = plant.add("").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let run = run_now(services, subscription, &job.id, None, &BY)
            .await
            .unwrap()
            .id;
        plant.messages(QueueName::Pull, RUN).await;
        run_with(services, subscription, &run, async |task| {
            let work = async {
                for _ in 0..3 {
                    plant.bed.clock.advance(TimeDelta::minutes(4));
                    signed(&plant).await;
                    tick(&services.dispatcher()).await.unwrap();
                    assert_eq!(plant.messages(QueueName::Pull, RUN).await, []);
                }
                remove(services, subscription, &job.id, &BY).await.unwrap();
                std::future::pending::<()>().await;
                Ok(())
            };
            let often = Duration::from_millis(5);
            let ended = task.lease.keep_every(often, work).await.unwrap_err();
            assert_eq!(ended.code, "job.lost");
            Err(ended)
        })
        .await
        .unwrap();
        plant.close().await;
    }
}

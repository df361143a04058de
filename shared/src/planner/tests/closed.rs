use chrono::TimeDelta;
use serde_json::json;

use super::{
    super::{RUN, WorkError, run, tick},
    bed::plants,
};
use crate::{
    SourceId,
    control::JobRunState,
    ports::QueueName,
    yclients::client::{COMPANY_CLOSED, LICENCE_EXPIRED, OF_COMPANY},
};

#[tokio::test]
async fn while_its_company_is_closed_a_job_waits_and_its_owners_are_not_mailed() {
    a_job_waits(COMPANY_CLOSED).await;
}

#[tokio::test]
async fn while_its_company_has_no_licence_a_job_waits_and_its_owners_are_not_mailed() {
    a_job_waits(LICENCE_EXPIRED).await;
}

async fn a_job_waits(problem: &str) {
    for plant in plants().await {
        let job = plant.add("every 15 minutes").await;
        let (services, subscription) = (&plant.services, &job.subscription_id);
        let source: SourceId = plant.source().unwrap().parse().unwrap();
        let now = plant.bed.now();
        let mut tx = services.control.begin().await.unwrap();
        let mut sources = tx.sources(subscription);
        sources
            .add_tables(&source, &["yclients_records"], Some(now), now)
            .await
            .unwrap();
        sources
            .stop_tables(&source, problem, now + TimeDelta::hours(24))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for _ in 0..4 {
            let next = plant.job(&job).await.next_at.unwrap();
            plant.bed.clock.set(next);
            tick(&services.dispatcher()).await.unwrap();
            let id = plant.messages(QueueName::Pull, RUN).await.remove(0);
            run(services, subscription, &id).await.unwrap();
            let after = plant.job(&job).await.next_at.unwrap();
            assert_eq!(after - next, TimeDelta::minutes(15));
        }
        let last = plant.runs(&job).await.remove(0);
        assert_eq!(
            (last.state, last.failure_code.as_deref()),
            (JobRunState::Failed, Some(problem))
        );
        assert_eq!(plant.job(&job).await.failures, 0);
        assert_eq!(plant.journal("job.not-run").await, 4);
        plant.close().await;
    }
}

#[test]
fn a_run_that_met_a_closed_company_or_one_without_a_licence_is_no_failure_of_the_job() {
    let met = |code: &str| WorkError::hopeless("job.pull", json!({ "table": "x", "code": code }));
    for problem in OF_COMPANY {
        assert!(met(problem).is_standstill());
        assert!(WorkError::hopeless(problem, json!({})).is_standstill());
    }
    assert!(!met("vendor.forbidden").is_standstill());
}

use chrono::TimeDelta;
use serde_json::json;

use super::{JobKind, NewPlannedJob};
use crate::control::{Actor, testing::beds};

fn new_job(name: &str) -> NewPlannedJob {
    NewPlannedJob {
        source_id: None,
        kind: JobKind::Retention,
        name: name.into(),
        settings: json!({ "older_than_days": 90 }),
        schedule: Some("every 1 hour".parse().unwrap()),
        next_at: None,
    }
}

#[tokio::test]
async fn the_longest_due_come_first_and_those_of_others_stay_theirs() {
    for bed in beds().await {
        let other = bed.other_subscription().await;
        let mut tx = bed.control.begin().await.unwrap();
        for (name, minutes) in [("c", 3), ("a", 1), ("later", 60), ("b", 2)] {
            let mut job = new_job(name);
            job.next_at = Some(bed.now() + TimeDelta::minutes(minutes));
            let owner = if name == "b" {
                &other.id
            } else {
                &bed.subscription.id
            };
            tx.planned_jobs(owner)
                .create(&job, &Actor::System, bed.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let now = bed.now() + TimeDelta::minutes(10);
        assert!(!bed.control.is_any_job_due(bed.now()).await.unwrap());
        assert!(bed.control.is_any_job_due(now).await.unwrap());
        let mut tx = bed.control.begin().await.unwrap();
        let first = tx.claim_due_jobs(now, now, 2).await.unwrap();
        let names = |claimed: &[super::Claimed]| {
            claimed
                .iter()
                .map(|due| due.job.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&first), ["a", "b"]);
        assert_eq!(first[1].job.subscription_id, other.id);
        let second = tx.claim_due_jobs(now, now, 2).await.unwrap();
        assert_eq!(names(&second), ["c"]);
        tx.commit().await.unwrap();
        let own = bed.control.planned_jobs(&bed.subscription.id);
        let listed = own.list(None, 10).await.unwrap().items;
        assert_eq!(listed.len(), 3);
        assert!(own.get(&first[1].job.id).await.is_err(), "another's job");
        assert!(own.get_run(&first[1].run).await.is_err(), "another's run");
        assert_eq!(own.get_run(&first[0].run).await.unwrap().queued_at, now);
        bed.close().await;
    }
}

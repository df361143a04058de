use serde_json::json;

use super::{NewRun, Progress, RunKind, RunState};
use crate::control::{Actor, ControlError, Failure, sources::tests::connected, testing::beds};

#[tokio::test]
async fn a_run_goes_its_way_and_what_ended_stays_ended() {
    for bed in beds().await {
        let id = &bed.subscription.id;
        let source = connected(&bed, 1).await;
        let new = NewRun {
            kind: RunKind::History,
            tables: vec!["yclients_records".into()],
            period: Some(("2026-01-01".parse().unwrap(), "2026-02-28".parse().unwrap())),
            windows_total: 2,
            created_by: Actor::CommandLine,
        };
        let mut tx = bed.control.begin().await.unwrap();
        let mut writer = tx.runs(id);
        let run = writer.create(&source.id, &new, bed.now()).await.unwrap();
        assert_eq!(
            (run.state, run.period_from),
            (RunState::Waiting, new.period.map(|p| p.0))
        );
        writer.started(&run.id, bed.now()).await.unwrap();
        let progress = Progress {
            windows_done: 1,
            windows_total: 2,
            rows: 500,
            checkpoint: Some(json!({ "page": 3 })),
        };
        for _ in 0..2 {
            let run = writer
                .progressed(&run.id, &progress, bed.now())
                .await
                .unwrap();
            assert_eq!((run.rows, run.windows_done), (500, 1));
        }
        let reason = Failure {
            code: "plan.rows".into(),
            details: json!({ "limit": 5 }),
        };
        let paused = writer.paused(&run.id, &reason, bed.now()).await.unwrap();
        assert_eq!(paused.failure_code.as_deref(), Some("plan.rows"));
        assert_eq!(paused.checkpoint, progress.checkpoint);
        let on = writer.started(&run.id, bed.now()).await.unwrap();
        assert_eq!((on.failure_code, on.rows), (None, 500));
        let later = bed.now() + chrono::TimeDelta::minutes(20);
        for (rows, windows, at) in [(600, 0, later), (1, 2, bed.now())] {
            let (rows, windows) = (Some(rows), Some(windows));
            writer.lives(&run.id, rows, windows, at).await.unwrap();
        }
        for _ in 0..2 {
            writer
                .finished(&run.id, RunState::Done, None, None, bed.now())
                .await
                .unwrap();
        }
        writer
            .lives(&run.id, Some(9_000), None, later)
            .await
            .unwrap();
        assert!(matches!(
            writer.started(&run.id, bed.now()).await,
            Err(ControlError::Transition { .. })
        ));
        tx.commit().await.unwrap();
        let runs = bed.control.runs(id);
        let read = runs.get(&run.id).await.unwrap();
        assert_eq!(read.finished_at, Some(bed.now()));
        assert_eq!(
            (read.rows, read.windows_done),
            (600, 2),
            "never fewer, and none after the end"
        );
        assert_eq!(
            runs.list(Some(&source.id), None, None, 10)
                .await
                .unwrap()
                .items,
            [read]
        );
        let still = bed.control.housekeeping();
        let later = later + chrono::TimeDelta::hours(1);
        assert_eq!(still.runs_standing_still(later, 5).await.unwrap(), []);
        let other = bed.other_subscription().await;
        assert_eq!(
            bed.control
                .runs(&other.id)
                .list(None, None, None, 10)
                .await
                .unwrap()
                .items,
            []
        );
        let mut tx = bed.control.begin().await.unwrap();
        let foreign = tx.runs(&other.id).create(&source.id, &new, bed.now()).await;
        assert!(matches!(foreign, Err(ControlError::NotFound { .. })));
        tx.rollback().await.unwrap();
        bed.close().await;
    }
}

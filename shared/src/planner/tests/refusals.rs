use super::{
    super::{JobSettings, NewJob, Period, PlannerError, ReconciliationSettings, add, run_now},
    bed::{BY, plants},
};

#[tokio::test]
async fn what_cannot_be_run_is_refused_with_its_reason() {
    for plant in plants().await {
        let (services, subscription) = (&plant.services, &plant.bed.subscription.id);
        let refused = async |change: &dyn Fn(&mut NewJob)| {
            let mut new = plant.new_job("");
            change(&mut new);
            add(services, subscription, new, &BY).await.unwrap_err()
        };
        assert!(matches!(
            refused(&|new| new.name = " ".into()).await,
            PlannerError::Name
        ));
        assert!(matches!(
            refused(&|new| new.name = "ж".repeat(65)).await,
            PlannerError::Name
        ));
        assert!(matches!(
            refused(&|new| new.source = None).await,
            PlannerError::NoSource { .. }
        ));
        let foreign = Some("anothershop-source01".to_owned());
        assert!(matches!(
            refused(&|new| new.source = foreign.clone()).await,
            PlannerError::NoSuchSource { .. }
        ));
        let since = |day: &str| {
            JobSettings::Reconciliation(ReconciliationSettings {
                period: format!("since {day}").parse().unwrap(),
                tables: Vec::new(),
            })
        };
        let error = refused(&|new| new.settings = since("2026-03-02")).await;
        assert_eq!(
            error.to_string(),
            "the period 2026-03-02 to 2026-03-01 lies in the future"
        );
        let job = plant.add("").await;
        let day = |text: &str| text.parse().unwrap();
        let ahead = Period {
            from: day("2026-03-02"),
            to: day("2026-03-05"),
        };
        let error = run_now(services, subscription, &job.id, Some(ahead), &BY)
            .await
            .unwrap_err();
        assert!(matches!(error, PlannerError::Period(_)), "{error}");
        assert_eq!(plant.job(&job).await.current_run, None);
        plant.close().await;
    }
}

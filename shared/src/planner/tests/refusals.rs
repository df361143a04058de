use super::{
    super::{
        BasePullSettings, JobSettings, NewJob, Period, PeriodRule, PlannerError,
        ReconciliationSettings, ReportSettings, add, edit, run_now,
    },
    bed::{BY, plants},
};
use crate::control::{ReportId, sources_testing::connected};

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
        let missing = Some(format!("{subscription}-source99"));
        assert!(matches!(
            refused(&|new| new.source = missing.clone()).await,
            PlannerError::NoSuchSource { .. }
        ));
        for (table, is_there) in [("yclients_recrods", false), ("customers", true)] {
            let tables = vec![table.to_owned()];
            let pull = JobSettings::BasePull(BasePullSettings {
                tables: tables.clone(),
            });
            let compare = JobSettings::Reconciliation(ReconciliationSettings {
                period: "last 7 days".parse().unwrap(),
                tables,
            });
            for settings in [pull, compare] {
                let error = refused(&|new| new.settings = settings.clone()).await;
                let kind = settings.kind();
                let words = match is_there {
                    true => format!("a job of the kind {kind} cannot take the table {table}"),
                    false => format!("there is no table {table}"),
                };
                assert_eq!(error.to_string(), words);
                assert_eq!(error.code(), "job_table");
            }
        }
        let since = |day: &str| {
            JobSettings::Reconciliation(ReconciliationSettings {
                period: format!("since {day}").parse().unwrap(),
                tables: Vec::new(),
            })
        };
        let error = refused(&|new| new.settings = since("2026-03-02")).await;
        assert_eq!(
            error.to_string(),
            "the period since 2026-03-02 lies in the future"
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

#[tokio::test]
async fn a_report_s_job_keeps_its_report_and_its_source() {
    for plant in plants().await {
        let (services, subscription) = (&plant.services, &plant.bed.subscription.id);
        let refresh = || {
            JobSettings::Report(ReportSettings {
                report: ReportId::random(),
                period: PeriodRule::LastDays(7),
            })
        };
        let other = connected(&plant.bed, 2).await.id;
        let mut new = plant.new_job("daily at 03:00");
        new.settings = refresh();
        let job = add(services, subscription, new.clone(), &BY).await.unwrap();
        let mut another_report = new.clone();
        another_report.settings = refresh();
        let mut another_source = new.clone();
        another_source.source = Some(other.to_string());
        for wrong in [another_report, another_source] {
            let refused = edit(services, subscription, &job.id, wrong, &BY).await;
            assert!(matches!(refused, Err(PlannerError::OtherReport)));
        }
        new.name = "Weekly".into();
        edit(services, subscription, &job.id, new, &BY)
            .await
            .unwrap();
        plant.close().await;
    }
}

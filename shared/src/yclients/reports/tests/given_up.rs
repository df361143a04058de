use chrono::TimeDelta;

use super::{
    super::{RemovedRows, remove},
    bed::*,
    targets::targets,
};
use crate::control::{ReportKind, RowsLeft};

#[tokio::test]
async fn rows_that_a_removed_report_kept_are_found_and_go_later_with_the_names_of_its_tables() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Consumables;
        has(&desk.shop, kind, &[1, 2]);
        let reports = services.control.reports(shop);
        for target in targets(kind) {
            let (report, job) = desk.add(desk.order(kind, target.clone())).await;
            desk.done(&job).await;
            let kept = remove(services, shop, &report.id, RemovedRows::Kept, &BY).await;
            assert_eq!(kept.unwrap(), RowsLeft::Kept);
            let removed = reports.removed().await.unwrap();
            assert_eq!(removed.len(), 1, "{target:?}");
            assert_eq!(removed[0].rows_left(), Some(RowsLeft::Kept));
            let again = remove(services, shop, &report.id, RemovedRows::Kept, &BY).await;
            assert_eq!(again.unwrap_err().code(), "not_found");
            services.clock.advance(TimeDelta::seconds(1));
            let gone = remove(services, shop, &report.id, RemovedRows::Deleted, &BY).await;
            assert_eq!(gone.unwrap(), RowsLeft::Gone);
            assert!(reports.removed().await.unwrap().is_empty(), "{target:?}");
            assert!(reports.table_names().await.unwrap().is_empty());
            let none = remove(services, shop, &report.id, RemovedRows::Deleted, &BY).await;
            assert_eq!(none.unwrap_err().code(), "not_found");
        }
        assert_eq!(desk.journal("report.rows-given-up").await.len(), 3);
        assert_eq!(desk.journal("report.cleared").await.len(), 3);
        desk.close().await;
    }
}

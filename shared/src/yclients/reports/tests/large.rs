//! A report of many rows that is removed.

use std::sync::Arc;

use futures::TryStreamExt;

use super::super::{RemovedRows, Target, remove};
use super::bed::*;
use crate::{
    catalog,
    control::ReportKind,
    warehouse::{Admit, Filter, Load, Rows, Rule, Scan, Value, Write, internal},
};

const ROWS: i64 = 4_500;

#[tokio::test]
async fn rows_of_a_large_report_go_in_loads_of_bounded_size() {
    for desk in desks().await {
        let (services, shop) = (&desk.plant.services, &desk.source.subscription_id);
        let kind = ReportKind::Services;
        has(&desk.shop, kind, &[1, 2]);
        let (other, kept) = desk.add(desk.order(kind, Target::Json)).await;
        desk.done(&kept).await;
        let (report, _) = desk.add(desk.order(kind, Target::Json)).await;
        let table = catalog::table("yclients_reports").unwrap();
        let mut rows = Rows::new(2);
        for key in 0..ROWS {
            rows.push_values(&[report.id.as_str().into(), Value::Text(key.to_string())]);
        }
        let admit = Admit {
            table: Arc::clone(table),
            source_id: desk.source.id.to_string(),
            columns: ["report", "key"].map(str::to_owned).into(),
            rows,
            rule: Rule::Newest,
            undo: None,
            personal_data_event: None,
            children: Vec::new(),
            filter: None,
        };
        let load = Load {
            origin: "report",
            run: "run".to_owned(),
            observed_at: services.clock.now(),
            writes: vec![Write::Admit(admit)],
            quota: None,
        };
        let warehouse = services.warehouses.open(shop);
        warehouse.commit(load).await.unwrap();
        remove(services, shop, &report.id, RemovedRows::Deleted, &BY)
            .await
            .unwrap();
        assert_eq!(desk.records(&report, &Target::Json).await, [0_i64; 0]);
        assert_eq!(desk.records(&other, &Target::Json).await, [1, 2]);
        let scan = Scan::of(internal::loads())
            .columns(["counts"])
            .filter(Filter::equal("origin", "report-removal"));
        let snapshot = warehouse.snapshot().await.unwrap();
        let batches: Vec<Rows> = snapshot
            .scan(scan)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let erased: Vec<i64> = batches
            .iter()
            .flat_map(Rows::iter)
            .map(|row| {
                let counts: serde_json::Value =
                    serde_json::from_str(row.get(0).as_str().unwrap()).unwrap();
                counts["yclients_reports"]["erased"].as_i64().unwrap()
            })
            .collect();
        assert_eq!(erased.iter().sum::<i64>(), ROWS);
        assert!(
            erased.len() > 2 && erased.iter().all(|rows| *rows <= 2_000),
            "{erased:?}"
        );
        assert_eq!(desk.journal("report.cleared").await.len(), 1);
        drop(snapshot);
        desk.close().await;
    }
}

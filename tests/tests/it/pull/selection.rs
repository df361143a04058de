//! Which tables and rows are loaded.

use chrono::TimeDelta;
use serde_json::json;
use wynos::{control::Actor, warehouse::Value, yclients::selection};

use super::{Bed, on_both, small};

on_both! {
    async fn a_filter_is_previewed_and_then_done_to_rows_that_are_there(bed: Bed, small(200, "")) {
        bed.pull_through().await;
        bed.history().await;
        let services = bed.services();
        let all = bed.rows("yclients_records", &["id", "service_category_ids"]).await;
        let category = all
            .iter()
            .find_map(|row| match &row[1] {
                Value::Json(text) => serde_json::from_str::<Vec<i64>>(text).unwrap().first().copied(),
                _ => None,
            })
            .unwrap();
        let filter = json!({ "column": "service_category_ids", "has": category });
        let preview = selection::preview(&services, &bed.source, "yclients_records", &filter)
            .await
            .unwrap();
        assert_eq!(preview.held, all.len() as u64);
        assert!(preview.kept > 0 && preview.kept < preview.held, "{preview:?}");
        let set = selection::set_filter(
            &services, &bed.source, "yclients_records", Some(&filter), Actor::System,
        );
        set.await.unwrap();
        bed.live(0, TimeDelta::minutes(1));
        bed.pull_through().await;
        let kept = bed.rows("yclients_records", &["id"]).await;
        assert_eq!(kept.len() as u64, preview.kept);
        // Child rows of what is kept out went with it.
        let lines = bed.rows("yclients_record_services", &["record_id"]).await;
        assert!(lines.iter().all(|line| kept.contains(line)));
        // Taken away again, the last month comes back by itself and the rest with its period.
        let unset = selection::set_filter(&services, &bed.source, "yclients_records", None, Actor::System);
        unset.await.unwrap();
        bed.live(0, TimeDelta::minutes(1));
        bed.pull_through().await;
        bed.history().await;
        assert_eq!(bed.rows("yclients_records", &["id"]).await.len(), all.len());
        bed.end().await;
    }

    async fn a_table_that_is_off_is_not_loaded_and_what_needs_it_is_told(bed: Bed, small(60, "")) {
        let services = bed.services();
        let off = |table: &'static str| {
            selection::set_enabled(&services, &bed.source, table, false, Actor::System)
        };
        off("yclients_goods").await.unwrap();
        off("yclients_services").await.unwrap();
        bed.pull_through().await;
        assert!(bed.rows("yclients_goods", &["id"]).await.is_empty());
        let needs = selection::set_enabled(&services, &bed.source, "yclients_records", true, Actor::System)
            .await
            .unwrap();
        let missing: Vec<_> = needs.iter().filter(|need| !need.met).map(|need| need.on.as_str()).collect();
        assert_eq!(missing, ["yclients_services"]);
        let all = json!("all");
        let refused = selection::preview(&services, &bed.source, "yclients_record_services", &all);
        assert!(refused.await.unwrap_err().to_string().contains("yclients_records"));
        bed.end().await;
    }
}

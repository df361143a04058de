//! Categories of services that are newer than the copy of their list.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use wynos::{
    control::{Actor, RunState},
    warehouse::Value,
    yclients::selection,
};

use super::{Bed, on_both, small};

const RECORDS: &str = "yclients_records";
const LINES: &str = "yclients_record_services";
const SERVICES: &str = "yclients_services";

/// How often the vendor was asked for services so far.
async fn calls_for_services(bed: &Bed) -> u64 {
    let url = format!("{}/sandbox/limits", bed.sandbox.control_url);
    let answer: Json = reqwest::get(url).await.unwrap().json().await.unwrap();
    let calls = &answer["calls"]["services"];
    let of = |end: &str| calls[end].as_u64().unwrap_or(0);
    of("answered") + of("failed")
}

/// A category that has services.
async fn a_category(bed: &Bed) -> i64 {
    let categories = bed.rows(SERVICES, &["category_id"]).await;
    match categories.first().map(|row| &row[0]) {
        Some(Value::Integer(category)) => *category,
        other => panic!("{other:?}"),
    }
}

async fn only_of(bed: &Bed, table: &str, filter: &Json) {
    let services = bed.services();
    selection::set_filter(&services, &bed.source, table, Some(filter), Actor::System)
        .await
        .unwrap();
    bed.live(0, TimeDelta::minutes(1));
    bed.pull_through().await;
}

/// What is held of a record: its categories, and those of its lines.
async fn held(bed: &Bed, record: i64) -> Option<(Value, Vec<Value>)> {
    let records = bed.rows(RECORDS, &["id", "service_category_ids"]).await;
    let lines = bed.rows(LINES, &["record_id", "category_id"]).await;
    let own = |row: &&Vec<Value>| row[0] == Value::Integer(record);
    let categories = records.iter().find(own)?[1].clone();
    let lines = lines.iter().filter(own).map(|row| row[1].clone());
    Some((categories, lines.collect()))
}

fn of(category: i64) -> Option<(Value, Vec<Value>)> {
    let categories = Value::Json(format!("[{category}]"));
    Some((categories, vec![Value::Integer(category)]))
}

/// Time passes until what changed is due, and services are not.
async fn pull_in_an_hour(bed: &Bed) {
    bed.live(0, TimeDelta::hours(1));
    let finished = bed.pull().await.unwrap();
    assert_eq!(finished.state, RunState::Done, "{finished:?}");
}

on_both! {
    async fn a_record_of_a_new_service_passes_the_filter_of_its_category(bed: Bed, small(120, "")) {
        bed.pull_through().await;
        let category = a_category(&bed).await;
        only_of(&bed, RECORDS, &json!({ "column": "service_category_ids", "has": category })).await;
        let calls = calls_for_services(&bed).await;
        let (service, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        pull_in_an_hour(&bed).await;
        assert_eq!(held(&bed, record).await, of(category));
        // Its service came with it, by one call.
        let services = bed.rows(SERVICES, &["id"]).await;
        assert!(services.contains(&vec![Value::Integer(service)]));
        assert_eq!(calls_for_services(&bed).await, calls + 1);
        pull_in_an_hour(&bed).await;
        assert_eq!(calls_for_services(&bed).await, calls + 1);
        bed.end().await;
    }

    async fn a_record_of_a_service_that_is_kept_out_has_its_category(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let category = a_category(&bed).await;
        only_of(&bed, SERVICES, &json!({ "column": "title", "is": "equal", "value": "-" })).await;
        let (service, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        let calls = calls_for_services(&bed).await;
        pull_in_an_hour(&bed).await;
        assert_eq!(held(&bed, record).await, of(category));
        let services = bed.rows(SERVICES, &["id"]).await;
        assert!(!services.contains(&vec![Value::Integer(service)]));
        assert_eq!(calls_for_services(&bed).await, calls + 1);
        // What the vendor said of it is remembered: the same record comes again, and nobody asks.
        pull_in_an_hour(&bed).await;
        assert_eq!(held(&bed, record).await, of(category));
        assert_eq!(calls_for_services(&bed).await, calls + 1);
        bed.end().await;
    }

    async fn a_service_that_the_vendor_no_longer_has_is_asked_about_once(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let category = a_category(&bed).await;
        let (service, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        bed.sandbox.withdraw_service(bed.company, service);
        let calls = calls_for_services(&bed).await;
        for _ in 0..2 {
            pull_in_an_hour(&bed).await;
            let none = (Value::Json("[]".to_owned()), vec![Value::Null]);
            assert_eq!(held(&bed, record).await, Some(none));
            assert_eq!(calls_for_services(&bed).await, calls + 1);
        }
        bed.end().await;
    }

    async fn services_that_are_off_are_not_asked_for(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let category = a_category(&bed).await;
        let services = bed.services();
        let off = selection::set_enabled(&services, &bed.source, SERVICES, false, Actor::System);
        off.await.unwrap();
        let (_, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        let calls = calls_for_services(&bed).await;
        pull_in_an_hour(&bed).await;
        assert!(held(&bed, record).await.is_some());
        assert_eq!(calls_for_services(&bed).await, calls);
        bed.end().await;
    }

    async fn records_come_without_categories_where_the_vendor_denies_services(bed: Bed, small(60, "")) {
        bed.pull_through().await;
        let category = a_category(&bed).await;
        let (_, record) = bed.sandbox.book_new_service(bed.company, category).unwrap();
        bed.faults("forbidden=services").await;
        pull_in_an_hour(&bed).await;
        assert!(held(&bed, record).await.is_some());
        // It was denied once, and is tried again in a day.
        let calls = calls_for_services(&bed).await;
        pull_in_an_hour(&bed).await;
        assert_eq!(calls_for_services(&bed).await, calls);
        bed.end().await;
    }
}

//! Reports as a program reads them back and changes them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::source_work::connected;

const REPORTS: &str = "/api/v1/reports";

#[tokio::test]
async fn a_program_reads_back_how_a_report_is_defined_and_what_it_does_not_say_stays() {
    let (_site, _, mut program, made) = connected().await;
    let new = json!({
        "name": "Wares", "source": made["id"], "kind": "services", "schedule": "every 1 hours",
    });
    let (status, report) = program.ask(Method::POST, REPORTS, Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{report}");
    let path = format!("{REPORTS}/{}", report["report"]["id"].as_str().unwrap());
    let (_, one) = program.ask(Method::GET, &path, None).await;
    assert_eq!(one["fields"], json!([]), "{one}");
    assert_eq!(one["schedule"], "every hour", "{one}");
    for nothing in ["table", "description", "period"] {
        assert_eq!(one.get(nothing), Some(&Value::Null), "{nothing}: {one}");
    }
    let renamed = json!({ "name": "F1b" });
    let (status, after) = program.ask(Method::PUT, &path, Some(renamed)).await;
    assert_eq!(status, StatusCode::OK, "{after}");
    assert_eq!(after["job"]["schedule"], "every hour", "{after}");
    let by_hand = json!({ "name": "F1b", "schedule": null });
    let (_, after) = program.ask(Method::PUT, &path, Some(by_hand)).await;
    assert_eq!(after["job"]["schedule"], Value::Null, "{after}");
    let (_, one) = program.ask(Method::GET, &path, None).await;
    assert_eq!(
        (&one["name"], &one["schedule"]),
        (&json!("F1b"), &Value::Null)
    );

    // Its records belong to no days: a period would be passed by.
    let job = one["job"].as_str().unwrap();
    let days = json!({ "from": "2026-11-01", "to": "2026-11-20" });
    let run = format!("/api/v1/jobs/{job}/run");
    let (status, refused) = program.ask(Method::POST, &run, Some(days)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert_eq!(refused["field"], "period", "{refused}");
    let wrong = json!({ "name": "F1b", "schedule": "weekly on foo" });
    let (status, refused) = program.ask(Method::PUT, &path, Some(wrong)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("weekly on foo"), "{detail}");
    assert!(detail.contains("weekly on mon,thu at 04:00"), "{detail}");
}

#[tokio::test]
async fn a_report_of_days_tells_its_period() {
    let (_site, _, mut program, made) = connected().await;
    let new = json!({
        "name": "Visits", "source": made["id"], "kind": "consumables", "period": "last 2 months",
    });
    let (status, report) = program.ask(Method::POST, REPORTS, Some(new)).await;
    assert_eq!(status, StatusCode::CREATED, "{report}");
    let path = format!("{REPORTS}/{}", report["report"]["id"].as_str().unwrap());
    let (_, one) = program.ask(Method::GET, &path, None).await;
    assert_eq!(
        (&one["period"], &one["schedule"]),
        (&json!("last 2 months"), &Value::Null),
        "{one}"
    );
}

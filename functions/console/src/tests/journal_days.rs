//! The journal by the days of the business.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use wynos::control::Scope;

use super::{Site, api::Program};

#[tokio::test]
async fn a_program_asks_the_journal_for_days_of_the_businesss_zone() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    // The first at noon; the second at half past eleven in the evening in UTC, when it is the next day in Warsaw.
    for id in ["8", "9"] {
        let whom = json!({ "customer": id, "people": "altegio_clients" });
        program
            .ask(Method::POST, "/api/v1/erasures", Some(whom))
            .await;
        site.work().await;
        let later = TimeDelta::hours(11) + TimeDelta::minutes(30);
        site.services.clock.advance(later);
    }
    for (days, entries) in [
        ("", 4),
        ("&since=2026-11-21", 4),
        ("&since=2026-11-22", 2),
        ("&until=2026-11-21", 2),
        ("&since=2026-11-22&until=2026-11-22", 2),
        ("&since=2026-11-21T23:00:00Z", 2),
        ("&until=2026-11-21T12:00:00Z", 0),
        ("&since=2026-11-23", 0),
    ] {
        let path = format!("/api/v1/journal?category=retention{days}");
        let (status, found) = program.ask(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::OK, "{days}: {found}");
        let found = found["items"].as_array().unwrap();
        assert_eq!(found.len(), entries, "{days}: {found:?}");
    }
    for wrong in [
        "since=soon",
        "until=2026-11-31",
        "since=2026-11-22&until=2026-11-21",
    ] {
        let path = format!("/api/v1/journal?{wrong}");
        let (status, refused) = program.ask(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    }
    let (_, refused) = program
        .ask(Method::GET, "/api/v1/journal?since=soon", None)
        .await;
    assert_eq!(refused["field"], "since", "{refused}");
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("2026-01-31"),
        "says which forms there are: {detail}"
    );
}

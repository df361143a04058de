use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};
use wynos::control::Scope;

use super::Site;

#[tokio::test]
async fn a_program_makes_runs_pauses_and_removes_jobs_of_its_own_business() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let (other, _) = site.shop("Other", "ewa@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let foreign = format!("Bearer {}", site.token(&other, Scope::Write).await);
    let mut browser = site.browser();
    let mut ask = async |token: &str, method: Method, path: &str, body: Value| {
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let answer = browser
            .request(method, path, body, &[("authorization", token)])
            .await;
        let json: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        (answer.status, json)
    };
    let order = json!({
        "kind": "retention", "name": "Старое", "settings": { "older_than_days": 90 }, "schedule": "daily at 03:30",
    });
    let (status, job) = ask(&token, Method::POST, "/api/v1/jobs", order.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{job}");
    assert_eq!(job["schedule"], "daily at 03:30");
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let (status, _) = ask(&foreign, Method::GET, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another's job");
    for (field, value) in [
        ("schedule", json!("every 0 minutes")),
        ("name", json!("ж".repeat(65))),
        ("kind", json!("report")),
        ("source", json!("anothershop-source01")),
        ("settings", json!({ "older_than_days": 0 })),
    ] {
        let mut bad = order.clone();
        bad[field] = value;
        let (status, problem) = ask(&token, Method::POST, "/api/v1/jobs", bad).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {problem}"
        );
        assert!(problem.to_string().contains(field), "{problem}");
    }
    let run = format!("{path}/run");
    let misplaced = format!("{run}?from=2026-01-01&to=2026-01-02");
    let (status, _) = ask(&token, Method::POST, &misplaced, Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "days belong in the body");
    let (status, first) = ask(&token, Method::POST, &run, Value::Null).await;
    assert_eq!(
        (status, &first["state"]),
        (StatusCode::ACCEPTED, &json!("queued"))
    );
    let (status, again) = ask(&token, Method::POST, &run, Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT, "it does not overlap itself");
    assert!(again.to_string().contains("under way"), "{again}");
    let (_, runs) = ask(&token, Method::GET, &format!("{path}/runs"), Value::Null).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
    let (_, paused) = ask(&token, Method::POST, &format!("{path}/pause"), Value::Null).await;
    assert_eq!(paused["next_at"], Value::Null);
    let (_, list) = ask(&token, Method::GET, "/api/v1/jobs", Value::Null).await;
    assert_eq!(list["items"][0]["running"], json!(true));
    let (status, _) = ask(&token, Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, reports) = ask(&token, Method::GET, "/api/v1/reports", Value::Null).await;
    assert_eq!(reports["items"], json!([]));
    let mut people = site.signed_in("anna@example.com").await;
    let page = people.get(&format!("/s/{shop}/jobs")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
}

#[tokio::test]
async fn what_is_wrong_with_a_job_is_named_in_the_language_of_the_program() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let token = format!("Bearer {}", site.token(&shop, Scope::Write).await);
    let mut browser = site.browser();
    let order = |kind: &str, settings: Value| {
        json!({ "kind": kind, "name": "Old rows", "settings": settings }).to_string()
    };
    let age = "older_than_days";
    for (language, body, field, words) in [
        (
            "en",
            order("retention", json!({})),
            "settings",
            "the field older_than_days is missing",
        ),
        (
            "pl",
            order("retention", json!({})),
            "settings",
            "brakuje pola older_than_days",
        ),
        (
            "ru",
            order("retention", json!({})),
            "settings",
            "не хватает поля older_than_days",
        ),
        (
            "pl",
            order("retention", json!({ age: "90" })),
            "settings",
            "całkowita liczba dni",
        ),
        (
            "pl",
            order("retention", json!({ age: 0 })),
            "settings",
            "całkowita liczba dni",
        ),
        (
            "ru",
            order("retention", json!({ "older": 1 })),
            "settings",
            "могут быть older_than_days, tables",
        ),
        (
            "en",
            order("report", json!({})),
            "kind",
            "one of base_pull, reconciliation, retention",
        ),
        (
            "pl",
            order("pull", json!({})),
            "kind",
            "base_pull, reconciliation, retention",
        ),
    ] {
        let headers = [("authorization", &*token)];
        browser.language = language;
        let answer = browser
            .request(
                Method::POST,
                "/api/v1/jobs",
                Body::from(body.clone()),
                &headers,
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["field"], field, "{body}: {problem}");
        let told = problem["detail"].as_str().unwrap();
        assert!(told.contains(words), "{body}: {told}");
    }
}

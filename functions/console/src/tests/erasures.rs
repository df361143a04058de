//! Erasing people whom nobody has a row of.

use axum::http::{Method, StatusCode};
use serde_json::json;
use wynos::control::Scope;

use super::{Site, api::Program};

#[tokio::test]
async fn whoever_has_no_row_is_erased_when_it_is_said_among_whom() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let mut ask = async |body| {
        program
            .ask(Method::POST, "/api/v1/erasures", Some(body))
            .await
    };
    let (status, _) = ask(json!({ "customer": "9" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for wrong in [
        json!({ "customer": "9", "people": "nobody" }),
        json!({ "customer": "nine", "people": "altegio_clients" }),
    ] {
        let (status, _) = ask(wrong).await;
        assert!(status.is_client_error() && status != StatusCode::NOT_FOUND);
    }
    let (status, answer) = ask(json!({ "customer": "9", "people": "altegio_clients" })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    assert_eq!(answer["known"], false, "{answer}");
    site.work().await;
    let (_, told) = program
        .ask(Method::GET, "/api/v1/journal?category=retention", None)
        .await;
    let items = told["items"].as_array().unwrap().iter();
    let mut codes: Vec<_> = items.filter_map(|entry| entry["code"].as_str()).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        ["retention.erased-nothing", "retention.erasure-asked"],
        "an id that nobody has is no erasure that found somebody"
    );
    // Whoever has the id sees the line under the hash, and can erase others of that id.
    let mut anna = site.signed_in("anna@example.com").await;
    let path = format!("/s/{shop}/personal-data");
    let known = anna.get(&format!("{path}?customer=9")).await;
    assert!(!known.body.contains("card empty"), "{}", known.body);
    assert!(
        known.body.contains("confirm-yclients_clients"),
        "{}",
        known.body
    );
    let unknown = anna.get(&format!("{path}?customer=8")).await;
    assert!(unknown.body.contains("card empty"), "{}", unknown.body);
    let whom = [
        ("customer", "8"),
        ("people", "yclients_clients"),
        ("confirm", "8"),
    ];
    anna.post(&path, &whom).await;
    site.work().await;
    let known = anna.get(&format!("{path}?customer=8")).await;
    assert!(!known.body.contains("card empty"), "{}", known.body);
}

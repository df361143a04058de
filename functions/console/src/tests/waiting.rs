use axum::http::Method;
use serde_json::{Value, json};
use wynos::control::Scope;

use super::{api::Program, sources::site};

#[tokio::test]
async fn what_waits_for_its_turn_says_since_when() {
    let site = site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    let (_, added) = program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    assert_eq!(added["due_since"], Value::Null, "{added}");
    let path = format!("/api/v1/sources/{}", added["id"].as_str().unwrap());
    site.services.clock.advance(chrono::TimeDelta::minutes(47));
    let (_, source) = program.ask(Method::GET, &path, None).await;
    assert_eq!(source["next_at"], "2026-11-21T12:47:00Z", "{source}");
    assert_eq!(source["due_since"], "2026-11-21T12:00:00Z", "{source}");
    let (_, tables) = program
        .ask(Method::GET, &format!("{path}/tables"), None)
        .await;
    let since = |name: &str| {
        let mut tables = tables["items"].as_array().unwrap().iter();
        tables.find(|table| table["name"] == name).unwrap()["due_since"].clone()
    };
    assert_eq!(since("yclients_records"), "2026-11-21T12:00:00Z");
    assert_eq!(since("yclients_documents"), Value::Null, "read by nobody");
    let mut anna = site.signed_in("anna@example.com").await;
    let base = format!("/s/{shop}/sources");
    let one = format!("{base}/{}", added["id"].as_str().unwrap());
    for (language, words) in [
        ("en", "waiting since 21 November 2026, 13:00 CET"),
        ("pl", "czeka od 21.11.2026, 13:00 CET"),
        ("ru", "ожидает с 21.11.2026, 13:00 CET"),
    ] {
        anna.get("/account").await;
        anna.post("/account/language", &[("locale", language)])
            .await;
        for path in [&base, &one] {
            let page = anna.get(path).await.body;
            assert!(page.contains(words), "{path} {language}: {page}");
        }
    }
}

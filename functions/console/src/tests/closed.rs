//! Sources whose company is closed to their account.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::{
    SourceId,
    control::{Actor, NewSource, VendorName},
    yclients::client::LICENCE_EXPIRED,
};

use super::source_work::connected;

#[tokio::test]
async fn who_lost_a_company_signs_in_for_the_others_and_is_told_which_stands_still() {
    let (site, shop, mut program, made) = connected().await;
    // Another one of the same sign-in, whose company the account does not see any more.
    let credential = made["credential"].as_str().unwrap();
    let new = NewSource {
        credential_id: credential.parse().unwrap(),
        name: "Lost".to_owned(),
        vendor: VendorName::Yclients,
        base_url: None,
        company_id: 7,
        title: "Lost".to_owned(),
        time_zone: "Europe/Moscow".to_owned(),
        created_by: Actor::System,
    };
    let now = site.services.clock.now();
    let mut tx = site.services.control.begin().await.unwrap();
    let mut sources = tx.sources(&shop);
    let lost = sources.create(&new, now).await.unwrap().id;
    sources
        .add_tables(&lost, &["yclients_records"], Some(now), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let kept = format!("/api/v1/sources/{}", made["id"].as_str().unwrap());
    let entry = json!({ "token": "another" });
    let path = format!("{kept}/credential");
    let (status, renewed) = program.ask(Method::PUT, &path, Some(entry)).await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    assert_eq!(renewed["id"], made["id"]);
    let closed = json!([{ "id": lost.as_str(), "name": "Lost", "company_id": 7 }]);
    assert_eq!(renewed["closed"], closed);
    let of_lost = format!("/api/v1/sources/{lost}");
    for (path, problem) in [
        (&kept, Value::Null),
        (&of_lost, json!("vendor.company-closed")),
    ] {
        let (_, shown) = program.ask(Method::GET, path, None).await;
        assert_eq!(
            (&shown["state"], &shown["problem"]),
            (&json!("active"), &problem)
        );
    }

    let mut browser = site.signed_in("anna@example.com").await;
    let page = format!("/s/{shop}/sources/{lost}");
    for language in ["pl", "ru", "en"] {
        browser.get("/account").await;
        browser
            .post("/account/language", &[("locale", language)])
            .await;
        let shown = browser.get(&page).await.body;
        assert!(shown.contains("pill bad"), "{shown}");
        assert!(shown.contains("<details class=\"card\" open>"), "{shown}");
        assert!(!shown.contains("console-source") && !shown.contains("problem-vendor"));
    }
    let typed = [("entry", "token"), ("token", "a-third")];
    let told = browser.post(&format!("{page}/renew"), &typed).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.body.contains("notice busy") && told.body.contains("Lost (7)"));
}

#[tokio::test]
async fn a_source_whose_licence_has_run_out_says_so_and_when_it_is_tried_again() {
    let (site, shop, mut program, made) = connected().await;
    let id: SourceId = made["id"].as_str().unwrap().parse().unwrap();
    let now = site.services.clock.now();
    let tomorrow = now + chrono::TimeDelta::days(1);
    let mut tx = site.services.control.begin().await.unwrap();
    let mut sources = tx.sources(&shop);
    let stopped = sources.stop_tables(&id, LICENCE_EXPIRED, tomorrow).await;
    assert!(stopped.unwrap());
    tx.commit().await.unwrap();
    let one = format!("/api/v1/sources/{id}");
    let (_, listed) = program.ask(Method::GET, "/api/v1/sources", None).await;
    let (_, shown) = program.ask(Method::GET, &one, None).await;
    for shown in [&listed["items"][0], &shown] {
        let why = (&shown["state"], &shown["problem"], &shown["stands_still"]);
        assert_eq!(
            why,
            (&json!("active"), &json!(LICENCE_EXPIRED), &Value::Null)
        );
        assert_eq!(shown["next_at"], "2026-11-22T12:00:00Z");
    }
    let mut browser = site.signed_in("anna@example.com").await;
    let list = format!("/s/{shop}/sources");
    let page = format!("{list}/{id}");
    for (language, again) in [
        ("pl", "następna próba 22.11.2026, 13:00 CET"),
        ("ru", "следующая попытка 22.11.2026, 13:00 CET"),
        ("en", "tried again 22 November 2026, 13:00 CET"),
    ] {
        browser.get("/account").await;
        browser
            .post("/account/language", &[("locale", language)])
            .await;
        for path in [&list, &page] {
            let shown = browser.get(path).await.body;
            assert!(shown.contains("pill bad"), "{shown}");
            assert!(shown.contains(again), "{shown}");
            assert!(!shown.contains("console-source") && !shown.contains("problem-vendor"));
        }
    }
    // It is good again.
    let mut tx = site.services.control.begin().await.unwrap();
    let mut sources = tx.sources(&shop);
    let restarted = sources.restart_tables(&id, LICENCE_EXPIRED, now).await;
    assert!(restarted.unwrap());
    tx.commit().await.unwrap();
    let (_, shown) = program.ask(Method::GET, &one, None).await;
    assert_eq!(shown["problem"], Value::Null);
}

//! Sources whose company is closed to their account.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::control::{Actor, NewSource, VendorName};

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

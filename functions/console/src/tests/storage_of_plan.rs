use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use wynos::control::{Scope, TableResult};

use super::{Site, api::Program, sources};

#[tokio::test]
async fn what_is_used_of_the_plan_is_told_to_its_own_alone() {
    let site = Site::new().await;
    let (shop, _) = site.shop("Shop", "anna@example.com").await;
    let (empty, _) = site.shop("Empty", "ewa@example.com").await;
    site.customers(&shop, &[("c1", "Jan")]).await;
    let now = site.services.clock.now();
    let mut tx = site.services.control.begin().await.unwrap();
    tx.note_usage(&shop, "2026-11", 1_234, now).await.unwrap();
    tx.commit().await.unwrap();
    let mut program = Program::new(&site, &shop, Scope::Read).await;
    let (status, used) = program.ask(Method::GET, "/api/v1/storage", None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(used["bytes"].as_u64().unwrap() > 0, "{used}");
    let mut told = used.clone();
    told["bytes"] = Value::Null;
    let expected = json!({
        "bytes": null, "bytes_allowed": 20_000_000_000_u64, "month": "2026-11", "rows": 1_234,
        "rows_allowed": 5_000_000, "plan_ends": null, "stands_still": null,
    });
    assert_eq!(told, expected);
    let mut other = Program::new(&site, &empty, Scope::Read).await;
    let (_, used) = other.ask(Method::GET, "/api/v1/storage", None).await;
    assert_eq!((&used["bytes"], &used["rows"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_table_that_the_plan_refused_shows_that_loading_stands_still_below_the_limit() {
    let site = sources::site().await;
    let (shop, _) = site.shop("Salon", "anna@example.com").await;
    let mut program = Program::new(&site, &shop, Scope::Write).await;
    let new = json!({ "token": "application", "company": 1050 });
    program
        .ask(Method::POST, "/api/v1/sources", Some(new))
        .await;
    let mut anna = site.signed_in("anna@example.com").await;
    let base = format!("/s/{shop}");
    let pages = [base.clone(), format!("{base}/sources")];
    for (outcome, code) in [("done", None), ("plan.rows-used", Some("plan.rows-used"))] {
        let source = site.services.control.sources(&shop).list().await.unwrap();
        let result = TableResult {
            outcome: outcome.to_owned(),
            last_at: None,
            last_rows: None,
            next_at: None,
            forbidden_since: None,
        };
        let mut tx = site.services.control.begin().await.unwrap();
        tx.sources(&shop)
            .table_result(&source[0].id, "yclients_records", &result, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let (_, used) = program.ask(Method::GET, "/api/v1/storage", None).await;
        assert_eq!(used["stands_still"].as_str(), code, "{used}");
        let one = format!("/api/v1/sources/{}", source[0].id);
        let (_, listed) = program.ask(Method::GET, "/api/v1/sources", None).await;
        let (_, one) = program.ask(Method::GET, &one, None).await;
        for shown in [&listed["items"][0], &one] {
            assert_eq!(shown["stands_still"].as_str(), code, "{shown}");
            let others = (&shown["state"], &shown["problem"]);
            assert_eq!(others, (&json!("active"), &Value::Null));
        }
        for path in &pages {
            let shown = anna.get(path).await.body;
            assert_eq!(
                shown.contains("Loading stands still"),
                code.is_some(),
                "{path}"
            );
        }
    }
}

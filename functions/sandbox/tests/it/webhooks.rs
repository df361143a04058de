use anyhow::{Context, Result};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::{COMPANY, Caller, number};

#[tokio::test]
async fn settings_are_replaced_as_a_whole() -> Result<()> {
    let caller = Caller::small().await?;
    let path = "/hooks_settings/4564";
    assert_eq!(caller.good(path).await?["data"]["urls"], json!([]));
    let set = json!({ "urls": ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"], "active": 1, "record": true });
    assert_eq!(caller.post(path, set).await?.status(), StatusCode::CREATED);
    let read = caller.good(path).await?["data"].clone();
    assert_eq!(
        (&read["record"], &read["client"], &read["active"]),
        (&json!(1), &json!(0), &json!(1))
    );
    let fewer = json!({ "urls": ["http://127.0.0.1:9/b"], "client": 1 });
    caller.post(path, fewer).await?;
    let read = caller.good(path).await?["data"].clone();
    assert_eq!(
        (&read["urls"], &read["record"]),
        (&json!(["http://127.0.0.1:9/b"]), &json!(0))
    );

    let many: Vec<String> = (0..11)
        .map(|number| format!("http://127.0.0.1:9/{number}"))
        .collect();
    let refused = caller.post(path, json!({ "urls": many })).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    Ok(())
}

#[tokio::test]
async fn what_happens_is_told_with_the_row_as_it_is() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer("/step", json!({ "events": 200, "seconds": 3_600 }))
        .await?;
    let told = caller.control("/webhooks?limit=100000").await?;
    let told = told["webhooks"].as_array().context("no list")?;
    assert!(told.len() > 200);
    let records = caller.truth("yclients_records", COMPANY).await?;
    let mut seen = 0;
    // The last webhook of a record carries what the record is now.
    let of_records = told
        .iter()
        .rev()
        .map(|one| &one["body"])
        .filter(|body| body["resource"] == "record");
    let mut known = std::collections::BTreeSet::new();
    for body in of_records.filter(|body| number(&body["company_id"]) == COMPANY) {
        if known.insert(number(&body["resource_id"])) {
            let truth = &records[&number(&body["resource_id"])];
            assert_eq!(
                number(&body["data"]["attendance"]),
                number(&truth["attendance"])
            );
            assert_eq!(body["data"]["deleted"], truth["deleted"]);
            assert_eq!(body["data"]["date"], truth["date"]);
            seen += 1;
        }
    }
    assert!(seen > 20);
    Ok(())
}

#[tokio::test]
async fn webhooks_are_lost_doubled_shuffled_and_cut_by_policy() -> Result<()> {
    let caller = Caller::small().await?;
    let spec = "hooks.drop=0.1,hooks.twice=0.2,hooks.shuffle=10,hooks.partial=0.3,hooks.array=0.2";
    caller.steer("/faults", json!({ "spec": spec })).await?;
    caller.steer("/step", json!({ "events": 300 })).await?;
    let told = caller.control("/webhooks?limit=100000").await?;
    let stats = &told["stats"];
    for count in ["lost", "twice", "partial"] {
        assert!(stats[count].as_u64() > Some(10), "{count}: {stats}");
    }
    let told = told["webhooks"].as_array().context("no list")?;
    assert!(told.iter().any(|one| one["body"].is_array()));
    assert!(told.iter().any(|one| one["lost"] == json!(true)));
    Ok(())
}

#[tokio::test]
async fn webhooks_are_posted_to_the_urls_of_the_settings() -> Result<()> {
    let caller = Caller::small().await?;
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<Value>();
    let app = axum::Router::new().route(
        "/hook",
        axum::routing::post(move |axum::Json(body): axum::Json<Value>| {
            let sender = sender.clone();
            async move {
                let _ = sender.send(body);
            }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let settings = json!({ "urls": [url], "active": 1, "record": 1 });
    caller.post("/hooks_settings/4564", settings).await?;
    caller.steer("/step", json!({ "events": 60 })).await?;
    let patience = std::time::Duration::from_secs(20);
    for _ in 0..5 {
        let body = tokio::time::timeout(patience, receiver.recv())
            .await?
            .context("nothing came")?;
        assert_eq!(
            (number(&body["company_id"]), body["resource"].as_str()),
            (COMPANY, Some("record"))
        );
    }
    Ok(())
}

use anyhow::Result;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::caller::{Caller, number};

#[tokio::test]
async fn ordered_faults_befall_the_next_requests() -> Result<()> {
    let caller = Caller::small().await?;
    let next = ["html", "gateway", "empty", "throttle"]
        .map(|fault| json!({ "fault": fault, "path": "/records" }));
    caller.steer("/faults", json!({ "next": next })).await?;
    caller.good("/accounts/4564").await?;
    let mut answers = Vec::new();
    for _ in 0..3 {
        let answer = caller.get("/records/4564").await?;
        answers.push((answer.status().as_u16(), answer.text().await?));
    }
    assert_eq!(answers[0].0, 500);
    assert!(answers[0].1.starts_with("<html>"));
    assert_eq!(answers[1].0, 502);
    assert_eq!(answers[2], (500, String::new()));
    assert_eq!(
        caller.get("/records/4564").await?.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    caller.good("/records/4564").await?;
    Ok(())
}

#[tokio::test]
async fn bodies_can_be_cut_and_connections_broken() -> Result<()> {
    let caller = Caller::small().await?;
    let next = json!([{ "fault": "truncate" }, { "fault": "reset" }]);
    caller.steer("/faults", json!({ "next": next })).await?;
    let cut = caller.get("/records/4564").await?.text().await?;
    assert!(cut.starts_with("{\"success\":true") && serde_json::from_str::<Value>(&cut).is_err());
    // The break may come before the head was read, or within the body.
    let broken = match caller.get("/records/4564").await {
        Ok(answer) => answer.text().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    caller.good("/records/4564").await?;
    Ok(())
}

#[tokio::test]
async fn a_time_out_lasts_longer_than_a_caller_waits() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer(
            "/faults",
            json!({ "spec": "hang=30", "next": [{ "fault": "timeout" }] }),
        )
        .await?;
    let url = format!("{}/records/4564", caller.running.base_url);
    let request = caller
        .asking(caller.client.get(url))
        .timeout(std::time::Duration::from_millis(200));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    caller.good("/records/4564").await?;
    Ok(())
}

#[tokio::test]
async fn rights_licences_and_tokens_can_be_taken_away() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer("/faults", json!({ "spec": "forbidden=clients+staff" }))
        .await?;
    assert_eq!(
        caller.get("/clients/4564").await?.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        caller.get("/company/4564/staff").await?.status(),
        StatusCode::FORBIDDEN
    );
    caller.good("/staff/4564").await?;

    caller
        .steer("/faults", json!({ "spec": "licence=4564" }))
        .await?;
    assert_eq!(
        caller.get("/clients/4564").await?.status(),
        StatusCode::FORBIDDEN
    );
    let search = caller
        .post("/company/4564/clients/search", json!({}))
        .await?;
    assert_eq!(search.status(), StatusCode::PAYMENT_REQUIRED);
    caller.good("/clients/5681").await?;

    for (fault, shown) in [
        ("closed", StatusCode::UNAUTHORIZED),
        ("locked", StatusCode::OK),
    ] {
        caller
            .steer("/faults", json!({ "spec": format!("{fault}=5681") }))
            .await?;
        assert_eq!(
            caller.get("/clients/5681").await?.status(),
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(caller.get("/company/5681/").await?.status(), shown);
        caller.good("/clients/4564").await?;
        let open = caller.good("/companies?my=1").await?;
        let open = open["data"].as_array().into_iter().flatten();
        assert_eq!(
            open.map(|one| number(&one["id"])).collect::<Vec<_>>(),
            [4564]
        );
    }

    caller.steer("/faults", json!({ "spec": "" })).await?;
    caller.steer("/revoke", json!({})).await?;
    assert_eq!(
        caller.get("/clients/4564").await?.status(),
        StatusCode::UNAUTHORIZED
    );
    let wrong = caller
        .steer("/faults", json!({ "spec": "earthquake" }))
        .await;
    assert!(wrong.is_err());
    Ok(())
}

#[tokio::test]
async fn rows_that_are_made_between_two_pages_move_the_rest_along() -> Result<()> {
    let caller = Caller::small().await?;
    caller
        .steer("/faults", json!({ "spec": "drift=20" }))
        .await?;
    let rows = caller.all("/records/4564?count=50&with_deleted=1").await?;
    let mut ids: Vec<i64> = rows.iter().map(|row| number(&row["id"])).collect();
    let read = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() < read, "nothing was read twice");
    Ok(())
}

#[tokio::test]
async fn lists_can_fail_have_short_pages_or_lack_rows() -> Result<()> {
    let caller = Caller::small().await?;
    let rows = |answer: &Value| answer["data"].as_array().map_or(0, Vec::len);
    let whole = caller.good("/clients/4564?count=200").await?;
    let all = rows(&whole);
    assert!(all > 10);
    caller
        .steer(
            "/faults",
            json!({ "spec": "short=clients,broken=accounts" }),
        )
        .await?;
    let mut pages = Vec::new();
    for page in 1..=all.div_ceil(10) + 1 {
        let path = format!("/clients/4564?count=200&page={page}");
        let answer = caller.good(&path).await?;
        assert_eq!(answer["meta"]["total_count"], whole["meta"]["total_count"]);
        pages.push(rows(&answer));
    }
    assert_eq!((pages[0], pages.iter().sum::<usize>()), (10, all));
    assert_eq!(pages.last(), Some(&0));
    let accounts = caller.get("/accounts/4564").await?;
    assert_eq!(accounts.status(), StatusCode::INTERNAL_SERVER_ERROR);
    caller
        .steer("/faults", json!({ "spec": "lossy=clients" }))
        .await?;
    let lossy = caller.good("/clients/4564?count=200").await?;
    assert_eq!(lossy["meta"], whole["meta"]);
    assert_eq!(rows(&lossy), all.div_ceil(2));
    caller.good("/accounts/4564").await?;
    Ok(())
}

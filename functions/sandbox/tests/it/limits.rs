use anyhow::Result;
use reqwest::StatusCode;
use serde_json::{Value, json};
use wynos_sandbox::{Limits, Options};

use crate::caller::Caller;

/// What the vendor says to one request too many, in any of its forms.
async fn is_refusal(answer: reqwest::Response) -> Result<bool> {
    let status = answer.status();
    let body = answer.text().await?;
    if status == StatusCode::TOO_MANY_REQUESTS {
        assert_eq!(body, "");
        return Ok(true);
    }
    assert_eq!(status, StatusCode::OK);
    let body: Value = serde_json::from_str(&body)?;
    if body["success"] == json!(false) {
        assert_eq!(body["meta"]["message"], json!("Превышен лимит запросов"));
    }
    Ok(body["success"] == json!(false))
}

async fn refused_of(caller: &Caller, requests: usize) -> Result<usize> {
    let mut refused = 0;
    for _ in 0..requests {
        refused += usize::from(is_refusal(caller.get("/accounts/4564").await?).await?);
    }
    Ok(refused)
}

#[tokio::test]
async fn more_than_five_a_second_are_refused_in_both_forms() -> Result<()> {
    let options = Options {
        records: 20,
        limits: Some(Limits::default()),
        ..Options::default()
    };
    let caller = Caller::new(options).await?;
    let begin = std::time::Instant::now();
    let refused = refused_of(&caller, 40).await?;
    // Signing in was the first request; each second that passed lets five more through.
    let seconds = usize::try_from(begin.elapsed().as_secs())?;
    assert!(
        refused >= 35usize.saturating_sub(5 * seconds) && refused <= 36,
        "{refused} refused in {seconds} s"
    );
    let told = caller.control("/limits").await?;
    assert_eq!(told["counts"]["refused"], json!(refused));
    assert!(told["counts"]["most_in_a_second"].as_u64() <= Some(5));
    Ok(())
}

#[tokio::test]
async fn more_than_the_minutes_are_refused_and_the_counts_can_begin_anew() -> Result<()> {
    let limits = Limits {
        per_minute: 200,
        per_second: 1_000_000,
    };
    let options = Options {
        records: 20,
        limits: Some(limits),
        ..Options::default()
    };
    let caller = Caller::new(options).await?;
    assert_eq!(refused_of(&caller, 199).await?, 0);
    assert_eq!(refused_of(&caller, 4).await?, 4);
    let told = caller.control("/limits").await?;
    assert_eq!(told["counts"]["refused_by_minute"], json!(4));
    assert_eq!(
        told["calls"]["accounts"],
        json!({ "answered": 199, "failed": 4 })
    );

    caller.steer("/limits", json!({ "on": false })).await?;
    assert_eq!(refused_of(&caller, 30).await?, 0);
    Ok(())
}

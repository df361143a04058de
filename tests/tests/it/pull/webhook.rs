//! The registration of a source's webhook at a vendor that takes ten addresses.

use serde_json::{Value as Json, json};
use wynos::{
    control::Actor,
    yclients::hooks::{self, RegistrationError},
};

use super::{Bed, on_both, small};

/// The most addresses that the vendor takes.
const MOST: usize = 10;

fn others(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("https://other{number}.example.com/hook"))
        .collect()
}

/// The company's settings as other integrations write them.
async fn write(bed: &Bed, urls: &[String]) -> reqwest::StatusCode {
    let mut settings = json!({ "urls": urls, "active": 1, "self_sending": 1 });
    for flag in ["record", "client"] {
        settings[flag] = json!(1);
    }
    ask(bed, reqwest::Method::POST, Some(&settings)).await.0
}

async fn ask(
    bed: &Bed,
    method: reqwest::Method,
    body: Option<&Json>,
) -> (reqwest::StatusCode, Json) {
    let client = reqwest::Client::new();
    let about: Json = client
        .get(format!("{}/sandbox", bed.sandbox.control_url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token = about["application_token"].as_str().unwrap();
    let url = format!("{}/hooks_settings/{}", bed.sandbox.base_url, bed.company);
    let mut request = client
        .request(method, url)
        .header("Accept", "application/vnd.yclients.v2+json")
        .header("Authorization", format!("Bearer partner, User {token}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Json::Null))
}

async fn urls(bed: &Bed) -> Vec<String> {
    let (_, answer) = ask(bed, reqwest::Method::GET, None).await;
    serde_json::from_value(answer["data"]["urls"].clone()).unwrap()
}

on_both! {
    async fn the_tenth_address_is_the_last_and_nobody_loses_theirs(bed: Bed, small(10, "")) {
        let (services, by) = (bed.services(), Actor::System);
        // The vendor itself takes no eleventh.
        assert!(!write(&bed, &others(MOST + 1)).await.is_success());
        assert!(write(&bed, &others(MOST)).await.is_success());
        let full = hooks::register(&services, &bed.source, &by).await.unwrap_err();
        assert!(matches!(full, RegistrationError::Full { limit: MOST }), "{full:?}");
        assert_eq!(full.code(), Some("webhook.full"));
        assert_eq!(urls(&bed).await, others(MOST));

        assert!(write(&bed, &others(MOST - 1)).await.is_success());
        let done = hooks::register(&services, &bed.source, &by).await.unwrap();
        assert!(done.registered);
        assert_eq!(done.others, MOST - 1);
        let mut expected = others(MOST - 1);
        expected.push(done.address.to_string());
        assert_eq!(urls(&bed).await, expected);
        // Ours counts once: with ten there it may be registered again, and have another key.
        hooks::register(&services, &bed.source, &by).await.unwrap();
        let rotated = hooks::rotate(&services, &bed.source, &by).await.unwrap();
        assert_ne!(rotated.address, done.address);
        expected.pop();
        expected.push(rotated.address.to_string());
        assert_eq!(urls(&bed).await, expected);
        hooks::unregister(&services, &bed.source, &by).await.unwrap();
        assert_eq!(urls(&bed).await, others(MOST - 1));
        bed.end().await;
    }
}

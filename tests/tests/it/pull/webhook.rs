//! The registration of a source's webhook at a vendor that takes ten addresses.

use serde_json::{Value as Json, json};
use wynos::{
    catalog::Locale,
    control::Actor,
    journal::JournalFilter,
    yclients::hooks::{self, Kinds, RegistrationError},
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

    async fn beside_others_their_kinds_are_kept_unless_all_are_asked_for(bed: Bed, small(10, "")) {
        let (services, by) = (bed.services(), Actor::System);
        let settings = json!({ "urls": others(1), "active": 1, "record": 1, "client": 0, "self_sending": 1 });
        assert!(ask(&bed, reqwest::Method::POST, Some(&settings)).await.0.is_success());
        let kept = hooks::register(&services, &bed.source, &by).await.unwrap();
        assert!(kept.registered && !kept.switched_off);
        assert_eq!(kept.missing.len(), 12);
        assert!(kept.missing.contains(&"client") && !kept.missing.contains(&"record"));
        let advice = kept.advice(Locale::En).unwrap();
        assert!(advice.contains("client") && advice.contains(r#""kinds": "add""#), "{advice}");
        let (_, now) = ask(&bed, reqwest::Method::GET, None).await;
        assert_eq!((&now["data"]["record"], &now["data"]["client"]), (&json!(1), &json!(0)));

        let added = hooks::register_for(&services, &bed.source, Kinds::Add, &by).await.unwrap();
        assert!(added.registered && added.missing.is_empty());
        assert_eq!((added.others, added.advice(Locale::En)), (1, None));
        let (_, now) = ask(&bed, reqwest::Method::GET, None).await;
        for on in ["active", "record", "client", "finances_operation", "self_sending"] {
            assert_eq!(now["data"][on], json!(1), "{on}: {now}");
        }
        assert_eq!(urls(&bed).await, [others(1), vec![added.address.to_string()]].concat());
        // Those of others stay when ours goes, with what they are told.
        hooks::unregister(&services, &bed.source, &by).await.unwrap();
        assert_eq!(urls(&bed).await, others(1));
        let entries = services.control.journal(&bed.stack.shop);
        let entries = entries.list(&JournalFilter::default(), None, 10).await.unwrap().items;
        let added = entries.iter().filter(|entry| entry.code == "webhook.kinds-added");
        assert_eq!(added.count(), 1, "{entries:?}");
        bed.end().await;
    }

    async fn what_others_switched_off_is_switched_on_only_by_asking_for_all_kinds(bed: Bed, small(10, "")) {
        let (services, by) = (bed.services(), Actor::System);
        let settings = json!({ "urls": others(1), "active": 0, "record": 1 });
        assert!(ask(&bed, reqwest::Method::POST, Some(&settings)).await.0.is_success());
        let refused = hooks::register(&services, &bed.source, &by).await.unwrap_err();
        assert_eq!(refused.code(), Some("webhook.switched-off"));
        assert!(refused.text(Locale::En).contains("--all-kinds"));
        assert_eq!(urls(&bed).await, others(1));
        let off = hooks::registration(&services, &bed.source).await.unwrap();
        assert!(off.switched_off && !off.registered && off.advice(Locale::En).is_some());
        let on = hooks::register_for(&services, &bed.source, Kinds::Add, &by).await.unwrap();
        assert!(on.registered && !on.switched_off && on.missing.is_empty());
        assert_eq!(urls(&bed).await, [others(1), vec![on.address.to_string()]].concat());
        bed.end().await;
    }
}

use reqwest::{StatusCode, header};
use serde_json::json;

use super::site::{OWNER, Site, customers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_uploaded_shown_applied_ordered_mailed_claimed_and_downloaded() {
    let site = Site::new("journey").await;
    site.import(&customers(25)).await;

    let ordered = site
        .post(
            "exports",
            json!({ "format": "csv", "table": "customers", "locale": "pl" }),
        )
        .await;
    let id = ordered["id"].as_str().unwrap();
    let built = site.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], 25);

    let (link, mail) = site.mailed(id).await;
    let location = site.claim(&link).await.unwrap();
    assert!(location.starts_with(&site.host.stack.files()), "{location}");
    let file = reqwest::get(&location).await.unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    let disposition = file.headers()[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    assert!(disposition.contains(".csv"), "{disposition}");
    let content = file.text().await.unwrap();
    assert!(content.contains("Jan Żółć 25"), "{content}");

    // The mail bounces after all, which SES publishes: the owner sees it where the file is, and in the journal.
    let publish = async |event: &str| {
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        let told = event["Records"][0]["body"].as_str().unwrap();
        let told = told.replace("0102018c-example", &mail);
        site.host.stack.publish("MailTopic", &told).await.unwrap();
    };
    publish(include_str!("../../../../events/mail-bounced.json")).await;
    let page = format!("{}/s/{}/exports/{id}", site.host.url, site.shop);
    let shows = async |text: &str| {
        site.until(text, async |site| {
            let page = site.browser.get(&page).send().await.unwrap();
            let page = page.text().await.unwrap();
            page.contains(OWNER) && page.contains(text)
        })
        .await;
    };
    shows("adres jest nieosiągalny").await;
    assert_eq!(site.told("mail.bounced").await, 1);

    // A complaint comes the same way.
    publish(include_str!("../../../../events/mail-complained.json")).await;
    shows("oznaczył wiadomość jako niechcianą").await;
    assert_eq!(site.told("mail.complained").await, 1);
    assert_eq!(site.waiting("MailDeadLetters").await, 0);
}

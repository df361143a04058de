//! S3 and SES refuse for a while.

use reqwest::StatusCode;
use serde_json::json;

use super::site::{Site, customers};

/// What S3 says when it is asked too much; the end of the connection is the end of the body.
const SLOW_DOWN: &str = "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
    <?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

/// What SES says while the account's sending is paused.
const PAUSED: &str = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n\
    <ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>Sender</Type>\
    <Code>AccountSendingPausedException</Code><Message>Email sending is disabled.</Message></Error>\
    <RequestId>tests</RequestId></ErrorResponse>";

/// Calls after which an adapter has given up at least once and the message has come again.
const GIVEN_UP: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_built_and_mailed_once_though_s3_and_ses_refuse_for_a_while() {
    let site = Site::new("refused").await;
    site.import(&customers(20)).await;
    let roads = &site.host.stack.roads;

    roads.files.answer(SLOW_DOWN);
    let ordered = site
        .post("exports", json!({ "format": "csv", "table": "customers" }))
        .await;
    let id = ordered["id"].as_str().unwrap();
    site.until("S3 asked again and again", async |_| {
        roads.files.answered() >= GIVEN_UP
    })
    .await;
    roads.mails.answer(PAUSED);
    roads.files.calm();
    let built = site.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], 20);
    assert_eq!(site.told("export.built").await, 1);
    let keys = site.host.stack.store.keys("files").unwrap();
    assert_eq!(keys.iter().filter(|key| key.contains(id)).count(), 1);
    assert_eq!(site.host.stack.store.unfinished().unwrap(), 0);

    // The mail is refused as often as it may be, put aside, and sent once it is brought home.
    site.until("the mail put aside", async |site| {
        site.waiting("MailDeadLetters").await == 1
    })
    .await;
    assert_eq!(site.told("work.put-aside").await, 1);
    roads.mails.calm();
    let reasons = site.redrive_mails().await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let reason = &reasons[0];
    assert!(reason.contains("Email sending is disabled"), "{reason}");
    let (link, _) = site.mailed(id).await;
    let file = reqwest::get(site.claim(&link).await.unwrap())
        .await
        .unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    assert_eq!(file.text().await.unwrap().lines().count(), 21);
    let name = format!("delivery-{id}");
    let mails = site.host.stack.moto.mails().await.unwrap();
    let mails = mails.iter().filter(|mail| mail.raw.contains(&name));
    assert_eq!(mails.count(), 1);
    assert_eq!(site.waiting("ExportDeadLetters").await, 0);
}

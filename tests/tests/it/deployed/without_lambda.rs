//! `wynos serve`, built with its feature `aws`: files in S3, work in SQS, mails through SES, and no Lambda.

use std::time::{Duration, Instant};

use aws_sdk_ses::types::ConfigurationSet;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::{Value as Json, json};
use wynos::ports::QueueName;
use wynos_tests::{
    aws::{ACCESS_KEY, Moto, REGION, SECRET_KEY, Store, cloud},
    program::{Backend, Installation},
    served::Served,
};

use super::site::{PATIENCE, announcement, answer, claim, csrf, customers, link_in, upload};

const OWNER: &str = "served@example.pl";

/// The configuration set, and what queues' names begin with.
const NAME: &str = "served";

/// A server at work, and a program with a token.
struct Server {
    url: String,
    token: String,
}

impl Server {
    async fn ask(&self, request: reqwest::RequestBuilder, path: &str) -> Json {
        answer(request.bearer_auth(&self.token), path).await
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        let url = format!("{}/api/v1/{path}", self.url);
        self.ask(Client::new().post(url).json(&body), path).await
    }

    async fn when(&self, path: &str, status: &str) -> Json {
        let began = Instant::now();
        loop {
            let url = format!("{}/api/v1/{path}", self.url);
            let found = self.ask(Client::new().get(url), path).await;
            if found["status"] == status {
                return found;
            }
            let hopeless = found["status"] == "failed" || began.elapsed() > PATIENCE;
            assert!(!hopeless, "{path} is not {status}: {found}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Queues, a sender and a configuration set; the options that name them.
async fn prepared(moto: &Moto) -> Vec<String> {
    let cloud = cloud(moto.endpoint()).await;
    let queues = aws_sdk_sqs::Client::new(&cloud);
    let mut options: Vec<String> = [
        "--bucket",
        "files",
        "--bucket-by-path",
        "--ses",
        "--mail-configuration-set",
        NAME,
        "--mail-from",
        "Wynos <served@example.com>",
    ]
    .map(str::to_owned)
    .into();
    for queue in QueueName::ALL {
        let mut urls = Vec::new();
        for kind in ["work", "dead"] {
            let made = queues.create_queue();
            let made = made.queue_name(format!("{NAME}-{queue}-{kind}"));
            urls.push(made.send().await.unwrap().queue_url.unwrap());
        }
        options.push("--sqs-queue".to_owned());
        options.push(format!("{queue}={}", urls.join(",")));
    }
    let mails = aws_sdk_ses::Client::new(&cloud);
    let sender = mails.verify_email_identity();
    let sender = sender.email_address("served@example.com").send();
    sender.await.unwrap();
    let set = ConfigurationSet::builder().name(NAME).build().unwrap();
    let made = mails.create_configuration_set().configuration_set(set);
    made.send().await.unwrap();
    options
}

async fn signed_in(url: &str) -> Client {
    let browser = Client::builder()
        .cookie_store(true)
        .redirect(Policy::none());
    let browser = browser.build().unwrap();
    let page = browser.get(format!("{url}/sign-in")).send().await.unwrap();
    let page = page.text().await.unwrap();
    let fields = [
        ("csrf", csrf(&page).unwrap()),
        ("email", OWNER),
        ("password", "correct horse battery"),
    ];
    let form = browser.post(format!("{url}/sign-in")).form(&fields);
    assert_eq!(form.send().await.unwrap().status(), StatusCode::SEE_OTHER);
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_keeps_its_files_in_s3_its_work_in_sqs_and_mails_through_ses() {
    let (moto, store) = (Moto::shared().unwrap(), Store::start().unwrap());
    store.bucket("files").unwrap();
    let mut wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let help = wynos.command(["serve", "--help"]).output().unwrap();
    let built = String::from_utf8_lossy(&help.stdout).contains("--sqs-queue");
    assert!(
        built,
        "wynos is built without its feature: cargo build --workspace --bins --features standalone/aws, as make test does"
    );
    let shop = wynos.subscription("Serwis Żółw", OWNER).unwrap();
    let order = ["token", "create", "--subscription", &shop];
    let made = wynos.done([&order[..], &["--scope", "write"]].concat());
    let token = made.unwrap()["token"].as_str().unwrap().to_owned();
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_REGION", REGION),
        ("AWS_ENDPOINT_URL", moto.endpoint()),
        ("AWS_ENDPOINT_URL_S3", &store.endpoint()),
    ] {
        wynos.tell(name, value);
    }
    let options = prepared(moto).await;
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let served = Served::start(&wynos, None, &options).unwrap();
    let url = format!("http://{}", served.address);
    let server = Server { url, token };

    let list = customers(25);
    let begun = server.post("imports", announcement(&list)).await;
    let id = begun["id"].as_str().unwrap();
    let address = begun["upload_url"].as_str().unwrap();
    assert!(address.starts_with(&store.endpoint()), "{address}");
    let stored = upload(&begun, &list).send().await.unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    // Nobody tells of uploads here, so whoever uploaded does.
    server.post(&format!("imports/{id}/start"), json!({})).await;
    server.when(&format!("imports/{id}"), "previewed").await;
    server.post(&format!("imports/{id}/apply"), json!({})).await;
    server.when(&format!("imports/{id}"), "applied").await;

    let order = json!({ "format": "csv", "table": "customers" });
    let ordered = server.post("exports", order).await;
    let id = ordered["id"].as_str().unwrap();
    let built = server.when(&format!("exports/{id}"), "ready").await;
    assert_eq!(built["counts"]["customers"], 25);

    let began = Instant::now();
    let raw = loop {
        let mails = moto.mails().await.unwrap();
        if let Some(mail) = mails.into_iter().find(|mail| mail.to.contains(OWNER)) {
            break mail.raw;
        }
        assert!(began.elapsed() < PATIENCE, "no mail\n{}", served.said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let browser = signed_in(&server.url).await;
    let link = link_in(&raw, &server.url);
    let location = claim(&browser, &link).await.unwrap();
    assert!(location.starts_with(&store.endpoint()), "{location}");
    let file = reqwest::get(&location).await.unwrap();
    assert_eq!(file.status(), StatusCode::OK);
    let content = file.text().await.unwrap();
    assert!(content.contains("Jan Żółć 25"), "{content}");
    served.stop().unwrap();
}

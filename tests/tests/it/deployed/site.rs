use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use wynos::{
    SubscriptionId,
    control::{Actor, Control, DatabaseTarget, NewApiToken, Scope},
    journal::{Entry, JournalFilter},
    ports::Clock,
};
use wynos_tests::lambda_host::{Host, Stack};

/// How long anything may take: the machine may be busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(90);

pub const OWNER: &str = "ola@example.pl";

/// A system as deployed, with its first owner at a browser and a program with a token.
pub struct Site {
    pub host: Host,
    pub control: Control,
    pub shop: SubscriptionId,
    pub browser: Client,
    token: String,
}

impl Site {
    /// Deployed anew; work that fails is tried three times without a pause.
    pub async fn new(name: &str) -> Self {
        let parameters = [("MaxReceives", "5"), ("RetrySeconds", "0")];
        let stack = Stack::new(name, &parameters).await.unwrap();
        Self::on(stack, &[]).await
    }

    /// On that stack, its functions told these variables more than the template's.
    pub async fn on(stack: Stack, variables: &[(&str, &str)]) -> Self {
        let host = Host::start(stack, variables).await.unwrap();
        let browser = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .unwrap();
        let shop = set_up(&host, &browser).await;
        let target = DatabaseTarget::Postgres {
            url: host.stack.database.as_str().to_owned(),
            schema: "control".to_owned(),
            max_connections: 2,
        };
        let control = Control::connect(&target).await.unwrap();
        let owner = control.accounts().by_email(OWNER).await.unwrap().unwrap();
        let mut tx = control.begin().await.unwrap();
        let (by, now) = (Actor::Account(owner.id), Clock::System.now());
        let made: NewApiToken = tx
            .create_api_token(&shop, "tests", Scope::Write, &by, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let token = made.secret.reveal().to_owned();
        Self {
            host,
            control,
            shop,
            browser,
            token,
        }
    }

    pub async fn post(&self, path: &str, body: Json) -> Json {
        let url = format!("{}/api/v1/{path}", self.host.url);
        let sent = Client::new().post(url).bearer_auth(&self.token).json(&body);
        answer(sent, path).await
    }

    /// What a post is answered, whether it is good or bad.
    pub async fn try_post(&self, path: &str, body: &Json) -> StatusCode {
        let url = format!("{}/api/v1/{path}", self.host.url);
        let sent = Client::new().post(url).bearer_auth(&self.token).json(body);
        sent.send().await.unwrap().status()
    }

    pub async fn patch(&self, path: &str, body: Json) -> Json {
        let url = format!("{}/api/v1/{path}", self.host.url);
        let sent = Client::new().patch(url).bearer_auth(&self.token);
        answer(sent.json(&body), path).await
    }

    pub async fn get(&self, path: &str) -> Json {
        let url = format!("{}/api/v1/{path}", self.host.url);
        answer(Client::new().get(url).bearer_auth(&self.token), path).await
    }

    /// The thing at that path, when it has that status.
    pub async fn when(&self, path: &str, status: &str) -> Json {
        let began = Instant::now();
        loop {
            let found = self.get(path).await;
            if found["status"] == status {
                return found;
            }
            let hopeless = found["status"] == "failed" || began.elapsed() > PATIENCE;
            assert!(
                !hopeless,
                "{path} is not {status}: {found}\n{:#?}",
                self.journal().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Uploads a list of customers as a program does, and waits for the preview that S3's notification leads to.
    pub async fn uploaded(&self, list: &str) -> String {
        let (id, put) = self.announced(list).await;
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
        self.when(&format!("imports/{id}"), "previewed").await;
        id
    }

    /// Announces a list of customers; the import, and the request that stores the file.
    pub async fn announced(&self, list: &str) -> (String, reqwest::RequestBuilder) {
        let begun = self.post("imports", announcement(list)).await;
        let id = begun["id"].as_str().unwrap().to_owned();
        (id, upload(&begun, list))
    }

    /// Imports a list to its end.
    pub async fn import(&self, list: &str) {
        let id = self.uploaded(list).await;
        self.post(&format!("imports/{id}/apply"), json!({})).await;
        self.when(&format!("imports/{id}"), "applied").await;
    }

    pub async fn journal(&self) -> Vec<Entry> {
        let journal = self.control.journal(&self.shop);
        let page = journal.list(&JournalFilter::default(), None, 200).await;
        page.unwrap().items
    }

    /// The link of the mail about a delivery, and what SES calls the mail.
    pub async fn mailed(&self, delivery: &str) -> (String, String) {
        let name = format!("delivery-{delivery}");
        let began = Instant::now();
        loop {
            let mails = self.host.stack.moto.mails().await.unwrap();
            if let Some(mail) = mails.iter().find(|mail| mail.raw.contains(&name)) {
                assert!(mail.to.contains(OWNER), "{:?}", mail.to);
                return (link_in(&mail.raw, &self.host.url), mail.id.clone());
            }
            assert!(began.elapsed() < PATIENCE, "no mail about {delivery}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Presses the button of the download page; where that leads.
    pub async fn claim(&self, link: &str) -> Result<String, StatusCode> {
        claim(&self.browser, link).await
    }
}

/// What a program says of a list of customers that it wants to upload.
pub fn announcement(list: &str) -> Json {
    let sha256: String = Sha256::digest(list)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    json!({
        "file_name": "customers.csv", "format": "csv", "table": "customers",
        "size": list.len(), "sha256": sha256,
    })
}

/// The request that stores the list where the import that was begun wants it.
pub fn upload(begun: &Json, list: &str) -> reqwest::RequestBuilder {
    let mut put = Client::new().put(begun["upload_url"].as_str().unwrap());
    for (name, value) in begun["upload_headers"].as_object().unwrap() {
        if name != "content-length" {
            put = put.header(name, value.as_str().unwrap());
        }
    }
    put.body(list.to_owned())
}

/// Presses the button of a download page; where that leads.
pub async fn claim(browser: &Client, link: &str) -> Result<String, StatusCode> {
    let page = browser.get(link).send().await.unwrap();
    let page = page.text().await.unwrap();
    let Some(token) = csrf(&page) else {
        return Err(StatusCode::CONFLICT);
    };
    let pressed = browser.post(link).form(&[("csrf", token)]);
    let answer = pressed.send().await.unwrap();
    match answer.headers().get("location") {
        Some(location) => Ok(location.to_str().unwrap().to_owned()),
        None => Err(answer.status()),
    }
}

/// A list of that many customers.
pub fn customers(count: usize) -> String {
    let mut list = String::from("id;type;person;phone\r\n");
    for number in 1..=count {
        list += &format!("c{number};PERSONAL;Jan Żółć {number};501 234 567\r\n");
    }
    list
}

async fn set_up(host: &Host, browser: &Client) -> SubscriptionId {
    let page = browser.get(&host.setup_url).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    let token = host.setup_url.split("token=").nth(1).unwrap();
    let fields = [
        ("csrf", csrf(&page).unwrap()),
        ("token", token),
        ("business", "Serwis Żółw"),
        ("person", "Ola Żak"),
        ("email", OWNER),
        ("password", "dobre hasło 1"),
        ("locale", "pl"),
    ];
    let form = browser.post(format!("{}/setup", host.url)).form(&fields);
    let done = form.send().await.unwrap();
    let location = done.headers().get("location").unwrap().to_str().unwrap();
    location.rsplit('/').next().unwrap().parse().unwrap()
}

pub async fn answer(request: reqwest::RequestBuilder, path: &str) -> Json {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

pub fn csrf(page: &str) -> Option<&str> {
    let (_, rest) = page.rsplit_once("name=\"csrf\" value=\"")?;
    rest.split('"').next()
}

/// The link in a mail whose lines are folded.
pub fn link_in(raw: &str, url: &str) -> String {
    let text = raw
        .replace("=\r\n", "")
        .replace("=\n", "")
        .replace("=3D", "=");
    let at = text.find(&format!("{url}/d/")).unwrap();
    let link = &text[at..];
    let end = link.find(|letter: char| letter.is_whitespace() || "\"<>".contains(letter));
    link[..end.unwrap()].to_owned()
}

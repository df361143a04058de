use std::collections::BTreeMap;

use anyhow::{Context, Result};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use wynos_sandbox::{OWNER_EMAIL, Options, PASSWORD, Running, Sandbox};

/// The company that most tests ask.
pub const COMPANY: i64 = 4_564;
/// The company that lies in Yekaterinburg's time.
pub const EASTERN: i64 = 5_681;

/// Somebody who signed in to a sandbox of their own.
pub struct Caller {
    pub running: Running,
    pub client: Client,
    pub token: String,
}

impl Caller {
    pub async fn new(options: Options) -> Result<Self> {
        let running = Sandbox::start(options).await?;
        let mut caller = Self {
            running,
            client: Client::new(),
            token: String::new(),
        };
        let signed_in = caller.sign_in(OWNER_EMAIL, PASSWORD).await?;
        assert_eq!(signed_in.status(), StatusCode::CREATED);
        let body: Value = signed_in.json().await?;
        caller.token = body["data"]["user_token"]
            .as_str()
            .context("no token")?
            .to_owned();
        Ok(caller)
    }

    /// A sandbox with few records.
    pub async fn small() -> Result<Self> {
        Self::new(Options {
            records: 600,
            ..Options::default()
        })
        .await
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> Result<Response> {
        let request = self.client.post(format!("{}/auth", self.running.base_url));
        let request = request.header("authorization", "Bearer partner");
        Ok(request
            .json(&json!({ "login": login, "password": password }))
            .send()
            .await?)
    }

    pub fn asking(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(
            "authorization",
            format!("Bearer partner, User {}", self.token),
        )
    }

    pub async fn get(&self, path: &str) -> Result<Response> {
        let url = format!("{}{path}", self.running.base_url);
        Ok(self.asking(self.client.get(url)).send().await?)
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Response> {
        let url = format!("{}{path}", self.running.base_url);
        Ok(self
            .asking(self.client.post(url))
            .json(&body)
            .send()
            .await?)
    }

    /// The body of an answer that must be good.
    pub async fn good(&self, path: &str) -> Result<Value> {
        let answer = self.get(path).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let body: Value = answer.json().await?;
        assert_eq!(body["success"], json!(true), "{path}");
        Ok(body)
    }

    /// Every row of a paged list, read to its first empty page.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
        let between = if path.contains('?') { '&' } else { '?' };
        let mut rows = Vec::new();
        for page in 1..10_000 {
            let body = self.good(&format!("{path}{between}page={page}")).await?;
            let shown = body["data"].as_array().context("no list")?;
            if shown.is_empty() {
                return Ok(rows);
            }
            rows.extend(shown.iter().cloned());
        }
        anyhow::bail!("{path} does not end")
    }

    /// Reads what the controls tell.
    pub async fn control(&self, path: &str) -> Result<Value> {
        let url = format!("{}/sandbox{path}", self.running.control_url);
        Ok(self
            .client
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// Steers.
    pub async fn steer(&self, path: &str, body: Value) -> Result<Value> {
        let url = format!("{}/sandbox{path}", self.running.control_url);
        Ok(self
            .client
            .post(url)
            .json(&body)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// A company's truth, by id.
    pub async fn truth(&self, table: &str, company: i64) -> Result<BTreeMap<i64, Value>> {
        let rows = self.truth_lines(table, company).await?;
        Ok(rows
            .into_iter()
            .map(|row| (number(&row["id"]), row))
            .collect())
    }

    pub async fn truth_lines(&self, table: &str, company: i64) -> Result<Vec<Value>> {
        let url = format!(
            "{}/sandbox/truth/{table}?company={company}",
            self.running.control_url
        );
        let text = self
            .client
            .get(url)
            .send()
            .await?
            .error_for_status()?
            .text()
            .await?;
        text.lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }
}

/// A number that may come as a string.
pub fn number(value: &Value) -> i64 {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    text.parse()
        .unwrap_or_else(|_| panic!("not a whole number: {value}"))
}

/// A number with a fraction, as a number of kopecks.
pub fn kopecks(value: &Value) -> i64 {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let float: f64 = text
        .parse()
        .unwrap_or_else(|_| panic!("not a number: {value}"));
    #[expect(clippy::cast_possible_truncation, reason = "amounts are small")]
    let kopecks = (float * 100.0).round() as i64;
    kopecks
}

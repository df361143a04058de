use anyhow::{Context, bail};
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use sha2::{Digest, Sha256};
use url::Url;

/// A person at a browser, as far as the demonstration needs one: cookies, forms and their tokens.
pub(super) struct Visitor {
    client: Client,
    console: Url,
}

/// A file that was downloaded.
pub(super) struct Downloaded {
    /// Its bytes' number.
    pub(super) size: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

impl Visitor {
    pub(super) fn new(console: Url) -> anyhow::Result<Self> {
        // Every redirect is followed by hand: the journey tells of each.
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).build()?;
        Ok(Self { client, console })
    }

    /// Opens a page; where it leads is not followed.
    pub(super) async fn open(&self, link: &Url) -> anyhow::Result<Response> {
        Ok(self.client.get(link.clone()).send().await?)
    }

    /// Signs in, by the form a person would fill in.
    pub(super) async fn sign_in(&self, email: &str, password: &str) -> anyhow::Result<()> {
        let form = self.console.join("sign-in")?;
        let page = self.client.get(form.clone()).send().await?.text().await?;
        let fields = [("csrf", csrf(&page)?), ("next", "/"), ("email", email), ("password", password)];
        let answer = self.client.post(form).form(&fields).send().await?;
        if answer.status() != StatusCode::SEE_OTHER {
            bail!("signing in was answered by {}", answer.status());
        }
        Ok(())
    }

    /// Presses the button of the download page; gives where the file is, or the status of a refusal.
    pub(super) async fn press_download(&self, link: &Url) -> anyhow::Result<Result<Url, StatusCode>> {
        let page = self.open(link).await?;
        if page.status() != StatusCode::OK {
            return Ok(Err(page.status()));
        }
        let page = page.text().await?;
        let Ok(token) = csrf(&page) else { return Ok(Err(StatusCode::CONFLICT)) };
        let answer = self.client.post(link.clone()).form(&[("csrf", token)]).send().await?;
        match answer.headers().get("location").and_then(|location| location.to_str().ok()) {
            Some(location) if answer.status() == StatusCode::SEE_OTHER => Ok(Ok(self.console.join(location)?)),
            _ => Ok(Err(answer.status())),
        }
    }

    /// Downloads a file into a place on the disk.
    pub(super) async fn download(&self, from: &Url, to: &std::path::Path) -> anyhow::Result<Downloaded> {
        use tokio::io::AsyncWriteExt;
        let mut answer = self.client.get(from.clone()).send().await?.error_for_status()?;
        let mut file = tokio::fs::File::create(to).await?;
        let (mut digest, mut size) = (Sha256::new(), 0);
        while let Some(chunk) = answer.chunk().await? {
            digest.update(&chunk);
            size += chunk.len() as u64;
            file.write_all(&chunk).await?;
        }
        file.sync_all().await?;
        let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Downloaded { size, sha256 })
    }
}

/// The token that a page's form carries.
fn csrf(page: &str) -> anyhow::Result<&str> {
    let (_, rest) = page.rsplit_once("name=\"csrf\" value=\"").context("the page has no form")?;
    rest.split('"').next().context("the form has no token")
}

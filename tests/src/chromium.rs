//! A real browser for tests: headless Chromium, driven through chromedriver.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use serde_json::json;

use crate::{
    find_program, is_root,
    supervised::{Supervised, private_directory},
};

/// A browser window of its own profile. It is closed, and its profile removed, when this value is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    downloads: PathBuf,
    _driver: Supervised,
}

impl Browser {
    /// Starts chromedriver on a free port and opens a window.
    ///
    /// Fails when Chromium or its driver is not installed, or does not start within a minute.
    pub async fn start() -> Result<Self> {
        let driver = program("chromedriver")?;
        let directory = private_directory("wynos-chromium-")?;
        let downloads = directory.join("downloads");
        fs::create_dir(&downloads)?;

        // Home and temporary files are the browser's own, so that it neither reads nor litters anybody else's.
        let (home, scratch) = (
            assignment("HOME=", &directory),
            assignment("TMPDIR=", &directory),
        );
        let command = [
            "env".into(),
            home,
            scratch,
            driver.into(),
            "--port=0".into(),
        ];
        let driver = Supervised::start(directory, "TERM", &command)?;
        let port = driver.wait_until(Duration::from_secs(60), |driver| port_in(&driver.log()))?;
        let client = ClientBuilder::rustls()?
            .capabilities(capabilities(driver.directory(), &downloads)?)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .with_context(|| {
                format!(
                    "opening a browser window; the driver's log:\n{}",
                    driver.log()
                )
            })?;
        Ok(Self {
            client,
            downloads,
            _driver: driver,
        })
    }

    /// The window.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until a download of this name is complete, for at most 30 s, and gives its place.
    pub async fn downloaded(&self, name: &str) -> Result<PathBuf> {
        let file = self.downloads.join(name);
        for _ in 0..600 {
            // Chromium writes under another name and renames when all of it has come.
            if file.is_file() {
                return Ok(file);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!(
            "{name} was not downloaded; there are {:?}",
            self.download_names()?
        )
    }

    /// The names in the download folder, those of unfinished downloads among them.
    pub fn download_names(&self) -> Result<Vec<String>> {
        let names = fs::read_dir(&self.downloads)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }
}

fn capabilities(directory: &Path, downloads: &Path) -> Result<fantoccini::wd::Capabilities> {
    let profile = format!("--user-data-dir={}", directory.join("profile").display());
    let mut arguments = vec![
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Containers often have a tiny /dev/shm.
        "--disable-dev-shm-usage",
        "--window-size=1280,900",
        profile.as_str(),
    ];
    if is_root() {
        arguments.push("--no-sandbox");
    }
    let options = json!({
        "binary": program("chromium")?,
        "args": arguments,
        "prefs": { "download.default_directory": downloads, "download.prompt_for_download": false },
    });
    Ok([
        ("browserName".to_owned(), json!("chrome")),
        ("goog:chromeOptions".to_owned(), options),
    ]
    .into_iter()
    .collect())
}

/// The port in chromedriver's line `ChromeDriver was started successfully on port 12345.`
fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

fn program(name: &str) -> Result<PathBuf> {
    find_program(name).with_context(|| {
        format!("{name} is not installed (Debian: apt-get install chromium chromium-driver)")
    })
}

fn assignment(name: &str, value: &Path) -> OsString {
    let mut text = OsString::from(name);
    text.push(value);
    text
}

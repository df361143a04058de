use std::{
    collections::BTreeSet,
    ffi::OsString,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

use crate::{
    find_program, is_root, project,
    supervised::{Supervised, private_directory},
};

/// How long it may take to start: it is a Python program, on a machine that may be compiling.
const START: Duration = Duration::from_secs(90);

/// A local AWS in a process of its own, which ends with the tests.
#[derive(Debug)]
pub struct Moto {
    endpoint: String,
    _process: Supervised,
}

/// A mail that was handed over.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct SentMail {
    /// What SES calls it.
    pub id: String,
    /// Who it is for.
    pub to: BTreeSet<String>,
    /// The MIME message.
    pub raw: String,
}

impl Moto {
    /// The one that all tests of this process share; what they make in it needs names of its own.
    pub fn shared() -> Result<&'static Self> {
        static SERVER: OnceLock<Result<Moto, String>> = OnceLock::new();
        let started = SERVER.get_or_init(|| Self::start().map_err(|error| format!("{error:#}")));
        started
            .as_ref()
            .map_err(|message| anyhow!("starting moto: {message}"))
    }

    /// One of its own.
    pub fn start() -> Result<Self> {
        let python = program("python")?;
        // It cannot be asked to choose a port; this one was free a moment ago.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut command: Vec<OsString> = Vec::new();
        if is_root() {
            // Another user may not be let to Python, so it stays who it is and loses what root may do.
            let drop = [
                "setpriv",
                "--no-new-privs",
                "--bounding-set=-all",
                "--inh-caps=-all",
                "--",
            ];
            command.extend(drop.map(OsString::from));
        }
        command.push(python.into());
        command.push(project::root().join("tests/src/aws/local_aws.py").into());
        command.push(port.to_string().into());
        let process = Supervised::start(private_directory("wynos-moto-")?, "TERM", &command)?;
        process.wait_until(START, |_| {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .is_ok()
                .then_some(())
        })?;
        Ok(Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            _process: process,
        })
    }

    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Every mail that was handed to it, by anybody.
    pub async fn mails(&self) -> Result<Vec<SentMail>> {
        let url = format!("{}/mails", self.endpoint);
        Ok(reqwest::get(url).await?.error_for_status()?.json().await?)
    }
}

/// A program of Python's packages: where `scripts/need.sh` installs them, or anywhere in `PATH`.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let own = project::root().join("target/python/bin").join(name);
    if own.is_file() {
        return Ok(own);
    }
    find_program(name).with_context(|| {
        format!("{name} is not installed: run scripts/need.sh moto sam, as `make test` does")
    })
}

//! The program `wynos`, run as a person or a script would run it.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::{
    postgres::{DatabaseUrl, fresh_database},
    project,
};

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Backend {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// A place where `wynos` keeps its data, of one test alone.
#[derive(Debug)]
pub struct Installation {
    program: PathBuf,
    folder: TempDir,
    database: Option<DatabaseUrl>,
    through: Option<String>,
    variables: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// The JSON object on the last line of standard output.
    pub result: Json,
    /// What people were told.
    pub told: String,
}

impl Installation {
    /// A new place on this database.
    pub async fn new(backend: Backend) -> Result<Self> {
        let database = match backend {
            Backend::Sqlite => None,
            Backend::Postgres => Some(fresh_database().await?),
        };
        Ok(Self {
            program: project::program()?,
            folder: tempfile::tempdir()?,
            database,
            through: None,
            variables: Vec::new(),
        })
    }

    /// Tells it something by its environment.
    pub fn tell(&mut self, variable: &str, value: &str) {
        let told = (variable.to_owned(), value.to_owned());
        self.variables.push(told);
    }

    /// The same place, its database reached through another address.
    pub fn database_through(&mut self, address: std::net::SocketAddr) -> Result<()> {
        let database = self.database.as_ref().context("no database server")?;
        let mut url = url::Url::parse(database.as_str())?;
        let placed =
            url.set_host(Some("127.0.0.1")).is_ok() && url.set_port(Some(address.port())).is_ok();
        ensure!(placed, "the database has no host");
        self.through = Some(url.to_string());
        Ok(())
    }

    /// The same place, its database opened by another user of the server.
    pub fn database_as(&mut self, user: &str, password: &str) -> Result<()> {
        let database = self.database.as_ref().context("no database server")?;
        let mut url = url::Url::parse(database.as_str())?;
        let named = url.set_username(user).is_ok() && url.set_password(Some(password)).is_ok();
        ensure!(named, "the database has no host");
        self.through = Some(url.to_string());
        Ok(())
    }

    /// Where the database server listens.
    pub fn database_address(&self) -> Result<std::net::SocketAddr> {
        let database = self.database.as_ref().context("no database server")?;
        let url = url::Url::parse(database.as_str())?;
        let port = url.port().unwrap_or(5432);
        Ok(std::net::SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// The database, where it is not in files.
    pub fn database(&self) -> Option<&DatabaseUrl> {
        self.database.as_ref()
    }

    /// The folder of the test's own files, outside the data directory.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command with its arguments, and the place that it works on.
    pub fn command<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .arg("--json")
            .arg("--data-dir")
            .arg(self.data_dir())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(database) = &self.database {
            let url = self.through.as_deref().unwrap_or(database.as_str());
            command.arg("--database-url").arg(url);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Result<Ended> {
        let output = self.command(arguments).output().context("running wynos")?;
        Ended::read(&output)
    }

    /// Runs a command that must be done without problems; gives its result.
    pub fn done<I: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = I>) -> Result<Json> {
        let ended = self.run(arguments)?;
        ensure!(ended.code == Some(0), "{ended:?}");
        Ok(ended.result)
    }

    /// Makes a subscription; gives its id. The owner's password is `correct horse battery`.
    pub fn subscription(&self, name: &str, owner: &str) -> Result<String> {
        let mut command = self.command([
            "subscription",
            "create",
            name,
            "--owner",
            owner,
            "--password-stdin",
            "--plan",
            "standard",
        ]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child
            .stdin
            .take()
            .context("no input")?
            .write_all(b"correct horse battery\n")?;
        let ended = Ended::read(&child.wait_with_output()?)?;
        ensure!(ended.code == Some(0), "{ended:?}");
        let id = ended.result.get("id").and_then(Json::as_str);
        Ok(id.context("no id")?.to_owned())
    }
}

impl Ended {
    /// What a command that ended left on its outputs.
    pub fn read(output: &Output) -> Result<Self> {
        let text = String::from_utf8(output.stdout.clone())?;
        let result = text
            .lines()
            .next_back()
            .map_or(Ok(Json::Null), serde_json::from_str)?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Self {
            code: output.status.code(),
            result,
            told,
        })
    }
}

//! `wynos serve`, to be killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, ensure};

use crate::program::Installation;

/// A server; it is killed when it is dropped.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Served {
    /// Starts one and waits until it listens. With no address it takes a free port; `options` come after the command.
    pub fn start(
        wynos: &Installation,
        address: Option<SocketAddr>,
        options: &[&str],
    ) -> Result<Self> {
        let address =
            address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let mut command = wynos.command(["serve", "--listen", &address]);
        let mut child = command
            .args(options)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting wynos serve")?;
        let errors = child.stderr.take().context("no output")?;
        let said = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
        let listens = lines.by_ref().find_map(|line| {
            keep(&said, &line);
            let address = line.split_once("listens on ")?.1;
            address.split([';', ' ']).next()?.parse().ok()
        });
        let kept = Arc::clone(&said);
        std::thread::spawn(move || lines.for_each(|line| keep(&kept, &line)));
        let mut server = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            said,
        };
        let told = || format!("it does not listen:\n{}", server.said());
        server.address = listens.with_context(told)?;
        Ok(server)
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has told so far.
    pub fn said(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.clone()
    }

    /// Ends it as a power cut does; gives what it had told.
    pub fn kill(mut self) -> Result<String> {
        let running = self.child.try_wait()?.is_none();
        ensure!(running, "it had ended by itself:\n{}", self.said());
        self.child.kill()?;
        self.child.wait()?;
        Ok(self.said())
    }

    /// Asks it to end, which it does cleanly; gives what it had told.
    pub fn stop(mut self) -> Result<String> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").arg(id).status()?;
        ensure!(told.success(), "it could not be told");
        let ended = self.child.wait()?;
        ensure!(ended.success(), "it ended with {ended}:\n{}", self.said());
        Ok(self.said())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended is no more to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep(said: &Mutex<String>, line: &str) {
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    said.push_str(line);
    said.push('\n');
}

//! Servers for tests that cannot outlive the test process.
//!
//! Each server is the child of a small shell in a session of its own, which waits until a pipe held by the test process
//! closes. The kernel closes it even when the process is killed, so nothing is left running and no directory is left over.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Arguments: the server's directory, the signal that stops it, and its command line.
const SUPERVISOR: &str = r#"
directory=$1 signal=$2
shift 2

# Kills everything in this session but the supervisor itself, and says whether anything was still alive. It looks into
# /proc because procps may not be installed.
kill_session() {
    found=no
    for entry in /proc/[0-9]*; do
        pid=${entry#/proc/}
        [ "$pid" != $$ ] || continue
        { read -r line <"$entry/stat"; } 2>/dev/null || continue
        set -- ${line##*) }
        [ "$4" = $$ ] && [ "$1" != Z ] || continue
        kill -s KILL "$pid" 2>/dev/null && found=yes
    done
    [ $found = yes ]
}

(
    sh -c 'echo $$ >"$0"; exec "$@"' "$directory/pid" "$@" </dev/null
    echo $? >"$directory/ended"
) &
read -r _
kill -s "$signal" "$(cat "$directory/pid")" 2>/dev/null
tries=0
while [ ! -e "$directory/ended" ] && [ $tries -lt 100 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
# What is not dead yet could still write into the directory.
while kill_session; do
    sleep 0.02
done
rm -rf "$directory"
"#;

/// Makes a directory for a server, which nobody else can read.
pub fn private_directory(prefix: &str) -> std::io::Result<PathBuf> {
    let mut builder = tempfile::Builder::new();
    let directory = builder
        .prefix(prefix)
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir()?;
    Ok(directory.keep())
}

/// A server that is stopped, and whose directory is removed, when this value is dropped or the process ends.
#[derive(Debug)]
pub struct Supervised {
    supervisor: Child,
    directory: PathBuf,
}

impl Supervised {
    /// Starts `command` with its output in `log` inside `directory`, which from now on belongs to the server.
    ///
    /// `stop_signal` is the name of the signal that ends the server without ceremony, such as `TERM`. Whatever of it is
    /// still there five seconds later is killed.
    pub fn start(directory: PathBuf, stop_signal: &str, command: &[OsString]) -> Result<Self> {
        let log = fs::File::create(directory.join("log")).context("creating the server's log")?;
        let supervisor = Command::new("setsid")
            .args(["sh", "-c", SUPERVISOR, "supervisor"])
            .arg(&directory)
            .arg(stop_signal)
            .args(command)
            .current_dir(&directory)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().context("sharing the server's log")?)
            .stderr(log)
            .spawn()
            .context("starting the supervising shell (setsid, of util-linux)")?;
        Ok(Self {
            supervisor,
            directory,
        })
    }

    /// The server's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What the server has printed so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// Calls `ready` every 20 ms until it gives a value; fails, quoting the log, when the server ends or `limit` passes.
    pub fn wait_until<T>(
        &self,
        limit: Duration,
        mut ready: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T> {
        let started = Instant::now();
        loop {
            if let Some(value) = ready(self) {
                return Ok(value);
            }
            if self.directory.join("ended").exists() {
                bail!(
                    "the server ended while it was starting; its log:\n{}",
                    self.log()
                );
            }
            if started.elapsed() > limit {
                bail!(
                    "the server was not ready after {} s; its log:\n{}",
                    limit.as_secs(),
                    self.log()
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops the server and waits until it and its directory are gone.
    pub fn stop(&mut self) -> std::io::Result<ExitStatus> {
        drop(self.supervisor.stdin.take());
        self.supervisor.wait()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and the directory is in the system's temporary folder.
        let _ = self.stop();
    }
}

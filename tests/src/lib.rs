//! What the end-to-end tests stand on: a private PostgreSQL, a real browser, a network that fails on demand, and the
//! repository read as data.
//!
//! Servers started here end with the test process, however it ends: see [`supervised`].

pub mod aws;
pub mod chaos_proxy;
pub mod chromium;
pub mod contracts;
pub mod faults;
pub mod lambda_host;
pub mod postgres;
pub mod program;
pub mod project;
pub mod served;
pub mod stack;
pub mod supervised;

/// The value of an environment variable, or nothing when it is unset, empty or not UTF-8.
#[expect(
    clippy::disallowed_methods,
    reason = "tests have no command line to be configured by"
)]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether this process runs as root, which PostgreSQL refuses and Chromium's sandbox does not support.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The first of the folders in `PATH` that holds an executable of this name, with the name appended.
pub fn find_program(name: &str) -> Option<std::path::PathBuf> {
    let path = environment("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

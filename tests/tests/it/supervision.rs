//! Servers of tests never outlive them.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use wynos_tests::supervised::{Supervised, private_directory};

const HELPER: &str = "WYNOS_TEST_SUPERVISED_DIRECTORY";

fn directory() -> std::path::PathBuf {
    private_directory("wynos-supervised-").unwrap()
}

fn runs(pid: &str) -> bool {
    // A process that ended but was not yet waited for is still listed, with the state Z.
    fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "waited too long for {what}"
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// A server that ignores its stop signal and has a child.
fn stubborn(directory: &Path) -> Supervised {
    let script = "trap '' TERM; sleep 1000 & echo $! >child; echo ready; wait; sleep 1000";
    let command = ["env", "-C", directory.to_str().unwrap(), "sh", "-c", script].map(Into::into);
    let server = Supervised::start(directory.to_path_buf(), "TERM", &command).unwrap();
    server
        .wait_until(Duration::from_secs(10), |server| {
            server.log().contains("ready").then_some(())
        })
        .unwrap();
    server
}

#[test]
fn stopping_ends_a_stubborn_server_its_children_and_its_directory() {
    let directory = directory();
    let mut server = stubborn(&directory);
    let pids = ["pid", "child"].map(|name| fs::read_to_string(directory.join(name)).unwrap());
    assert!(pids.iter().all(|pid| runs(pid)));
    server.stop().unwrap();
    assert!(!pids.iter().any(|pid| runs(pid)));
    assert!(!directory.exists());
}

#[test]
fn a_server_that_ends_while_starting_is_reported_with_its_log() {
    let command = ["sh", "-c", "echo no such option; exit 2"].map(Into::into);
    let server = Supervised::start(directory(), "TERM", &command).unwrap();
    let error = server
        .wait_until(Duration::from_secs(10), |_| None::<()>)
        .unwrap_err();
    assert!(error.to_string().contains("no such option"), "{error}");
}

/// Runs in a process of its own, which the test below kills.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the directory comes from the test that started this process"
)]
fn helper_holds_a_server_until_it_is_killed() {
    let Ok(directory) = std::env::var(HELPER) else {
        return;
    };
    let _server = stubborn(Path::new(&directory));
    fs::write(Path::new(&directory).join("held"), "").unwrap();
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn a_killed_test_process_leaves_no_server_and_no_directory() {
    let directory = directory();
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "supervision::helper_holds_a_server_until_it_is_killed",
        ])
        .env(HELPER, &directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for("the helper's server", || directory.join("held").exists());
    let pids = ["pid", "child"].map(|name| fs::read_to_string(directory.join(name)).unwrap());
    process.kill().unwrap();
    process.wait().unwrap();
    wait_for("the server's end", || !pids.iter().any(|pid| runs(pid)));
    wait_for("the directory's removal", || !directory.exists());
}

//! Commands that hold a source and are interrupted: they give it back.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use serde_json::Value as Json;
use wynos::ports::Clock;
use wynos_sandbox::Running;
use wynos_tests::program::{Backend, Ended, Installation};

use super::beside_vendor;

/// Calls that the vendor has had.
async fn calls(vendor: &Running) -> u64 {
    let url = format!("{}/sandbox/limits", vendor.control_url);
    let told: Json = reqwest::get(url).await.unwrap().json().await.unwrap();
    let endpoints = told["calls"].as_object().unwrap().values();
    let counts = endpoints.filter_map(Json::as_object).flatten();
    counts.filter_map(|(_, count)| count.as_u64()).sum()
}

/// Waits until the command has asked the vendor a few times, then sends the signal; how the command ended.
async fn interrupt(vendor: &Running, before: u64, child: Child, signal: &str) -> Ended {
    let mut child = child;
    while calls(vendor).await < before + 3 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
    }
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(sent.unwrap().success());
    Ended::read(&child.wait_with_output().unwrap()).unwrap()
}

fn start(wynos: &Installation, words: &[&str]) -> Child {
    let mut command = wynos.command(words);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Signs in at the sandbox and connects its first company; how that ended.
pub(super) fn connect(wynos: &Installation, shop: &str) -> Ended {
    let mut child = wynos
        .command(["source", "add", "yclients", "--subscription", shop])
        .args(["--company", "4564", "--login", "owner@sandbox.test"])
        .arg("--password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(b"sandbox\n").unwrap();
    drop(typed);
    Ended::read(&child.wait_with_output().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_command_gives_its_source_back() {
    for backend in Backend::ALL {
        let (vendor, wynos) = beside_vendor(backend, 3_000, "slow=150").await;
        let shop = wynos.subscription("Salon", "owner@example.com").unwrap();
        let source = connect(&wynos, &shop).result["id"].clone();
        let source = source.as_str().unwrap();
        let of = ["--source", source];
        let today = Clock::System.now().date_naive();
        let (from, to) = (today - chrono::TimeDelta::days(700), today);
        let (from, to) = (from.to_string(), to.to_string());
        let days = ["--from", from.as_str(), "--to", &to];
        let pull = [&["pull"][..], &of].concat();
        let history = [&pull[..], &days].concat();
        let reconcile = [&["reconcile"][..], &of, &days].concat();
        for (command, signal) in [(&pull, "INT"), (&history, "TERM"), (&reconcile, "INT")] {
            let before = calls(&vendor).await;
            let ended = interrupt(&vendor, before, start(&wynos, command), signal).await;
            assert_eq!(ended.code, Some(130), "{command:?}: {ended:?}");
            assert_eq!(ended.result["code"], "interrupted", "{command:?}");
            // Whoever comes next has the source at once.
            let one = [&pull[..], &["--table", "yclients_staff"]].concat();
            let next = wynos.run(one).unwrap();
            assert_eq!(next.code, Some(0), "after {command:?}: {next:?}");
        }
        // The period that was not read to its end is not forgotten, and says so.
        let listed = wynos.run(["job", "list", "--subscription", &shop]).unwrap();
        let history = &listed.result["histories"][0];
        assert_eq!(history["state"], "paused", "{listed:?}");
        assert_eq!(history["failure"], "pull.interrupted");
        let windows = |name: &str| history[name].as_i64().unwrap();
        assert!(windows("windows_done") < windows("windows_total"));
        let told = listed
            .told
            .lines()
            .find(|line| line.contains("  history  "));
        let told = told.unwrap();
        assert!(
            told.contains(" windows, ") && told.contains("The work was interrupted"),
            "{told}"
        );
    }
}

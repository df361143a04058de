//! Imports of the real program that are killed, that find the disk full, or that lose their database.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use wynos_tests::{
    chaos_proxy::ChaosProxy,
    find_program,
    program::{Backend, Installation},
    project,
};

use super::{after_header, customers_file};

/// What the subscription holds, as an exchange file without its header.
pub fn contents(wynos: &Installation, shop: &str, name: &str) -> String {
    let path = wynos.folder().join(name);
    let output = path.to_str().unwrap();
    wynos
        .done([
            "export",
            "--subscription",
            shop,
            "--format",
            "xml",
            "--output",
            output,
        ])
        .unwrap();
    after_header(&path)
}

/// Starts the import and kills it after that long, unless it has ended; whether it was killed.
fn killed(wynos: &Installation, shop: &str, file: &str, after: Duration) -> bool {
    let mut child = wynos
        .command(["import", file, "--subscription", shop])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    if child.try_wait().unwrap().is_some() {
        return false;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

#[tokio::test]
async fn invariant_01_the_program_killed_at_any_moment_ends_as_if_it_had_not_been() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        let [calm, broken] =
            ["Calm", "Broken"].map(|name| wynos.subscription(name, "owner@example.com").unwrap());
        let file = customers_file(wynos.folder(), 9_000);
        let path = file.to_str().unwrap();
        wynos
            .done(["import", path, "--subscription", &calm])
            .unwrap();
        // Moments from the seed of a small generator, later and later.
        let (mut seed, mut kills, mut most) = (2_026_u64, 0, 60_u64);
        loop {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let moment = Duration::from_millis(most / 2 + (seed >> 33) % most);
            if !killed(&wynos, &broken, path, moment) {
                break;
            }
            kills += 1;
            most += most / 2;
        }
        assert!(kills > 3, "{backend:?}: killed {kills} times only");
        // The last one may have ended by itself with its work done, or was done before it could be killed.
        wynos
            .run(["import", path, "--subscription", &broken])
            .unwrap();
        let (calm, broken) = (
            contents(&wynos, &calm, "calm.xml"),
            contents(&wynos, &broken, "broken.xml"),
        );
        assert!(calm == broken, "{backend:?}: they differ");
    }
}

/// A disk of three megabytes that grows, in a mount namespace of its own.
const SMALL_DISK: &str = r#"
mkdir -p "$DATA" && mount -t tmpfs -o size=3m tmpfs "$DATA" || exit 77
wynos() { "$PROGRAM" --json --data-dir "$DATA" "$@"; }
made=$(echo "correct horse battery" | wynos subscription create Shop --owner a@example.com --password-stdin 2>/dev/null)
shop=$(echo "$made" | sed -n 's/.*"id":"\([a-z0-9]*\)".*/\1/p')
wynos import "$FILE" --subscription "$shop"
echo "first $?"
mount -o remount,size=200m "$DATA"
wynos import "$FILE" --subscription "$shop"
echo "second $?"
"#;

#[test]
fn a_full_disk_is_told_and_the_import_goes_on_when_there_is_room() {
    let (Some(unshare), folder) = (find_program("unshare"), tempfile::tempdir().unwrap()) else {
        println!("unshare is not there: skipped");
        return;
    };
    let file = customers_file(folder.path(), 6_000);
    let told = Command::new(unshare)
        .args(["-rm", "sh", "-c", SMALL_DISK])
        .env("PROGRAM", project::program().unwrap())
        .env("DATA", folder.path().join("data"))
        .env("FILE", file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    if told.status.code() != Some(0) && !said.contains("first") {
        println!("this machine lets nobody mount a small disk: skipped");
        return;
    }
    let (first, second) = said.split_once("first 1").expect("the first import fails");
    assert!(
        first.contains("disk is full") || first.contains("no room left"),
        "{said}"
    );
    assert!(
        second.contains("second 0") && second.contains("\"new\":6000"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_told_and_the_import_goes_on_when_it_is_back() {
    let mut wynos = Installation::new(Backend::Postgres).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let file = customers_file(wynos.folder(), 9_000);
    let path = file.to_str().unwrap().to_owned();
    let proxy = ChaosProxy::start(wynos.database_address().unwrap())
        .await
        .unwrap();
    wynos.database_through(proxy.address()).unwrap();
    let import = ["import", &path, "--subscription", &shop];
    let mut moment = Duration::from_millis(150);
    let mut failures = 0;
    let ended = loop {
        proxy.calm();
        let mut command = tokio::process::Command::from(wynos.command(import));
        let running = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let waiting = tokio::spawn(running.wait_with_output());
        tokio::time::sleep(moment).await;
        proxy.refuse();
        proxy.cut();
        let ended = waiting.await.unwrap().unwrap();
        if ended.status.success() {
            break ended;
        }
        failures += 1;
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{told}");
        assert!(
            told.contains("database") || told.contains("warehouse"),
            "{told}"
        );
        moment = moment.mul_f64(1.5);
    };
    assert!(failures > 1, "it was away {failures} times only");
    assert!(Path::new(&path).exists());
    assert!(String::from_utf8_lossy(&ended.stdout).contains("\"customers\""));
    proxy.calm();
    let count = wynos.done(import).unwrap();
    assert_eq!(count["counts"]["customers"]["unchanged"], 9_000, "{count}");
}

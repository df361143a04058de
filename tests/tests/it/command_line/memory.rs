use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use wynos_tests::program::{Backend, Installation};

use super::customers_file;

/// Enough rows to fill most of the databases' caches, and five times as many: held in memory, the rest would take 60 MiB.
const FEW: u64 = 12_000;
const MANY: u64 = 5 * FEW;
/// What the rest of the rows may add: caches that fill up to their bounds, not data.
const ALLOWANCE_KIB: u64 = 24 * 1024;
/// What no step may take, whatever it reads or writes.
const LIMIT_KIB: u64 = 112 * 1024;

/// Runs a command to its end; gives the most memory that it held, in KiB.
pub(super) fn peak_of(command: &mut Command) -> u64 {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        // The mark only rises, so the last look before the end tells nearly all of it.
        peak = peak.max(high_water_mark(&status).unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            let mut said = String::new();
            let errors = child.stderr.as_mut().unwrap();
            errors.read_to_string(&mut said).unwrap();
            assert!(ended.success(), "{ended:?}: {said}");
            return peak;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn high_water_mark(status: &Path) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

async fn peaks(backend: Backend, customers: u64) -> Vec<(&'static str, u64)> {
    let wynos = Installation::new(backend).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let file = customers_file(wynos.folder(), customers);
    let import = ["import", file.to_str().unwrap(), "--subscription", &shop];
    let mut peaks = vec![("import", peak_of(&mut wynos.command(import)))];
    let out = wynos.folder().join("out");
    let out = out.to_str().unwrap();
    let kinds: [(&'static str, &[&str]); 4] = [
        ("xml", &["--format", "xml"]),
        (
            "csv",
            &["--format", "csv", "--table", "customers", "--locale", "pl"],
        ),
        (
            "xlsx",
            &["--format", "xlsx", "--table", "customers", "--locale", "pl"],
        ),
        ("sqlite", &["--format", "sqlite"]),
    ];
    for (kind, more) in kinds {
        let export = ["export", "--subscription", &shop, "--output", out];
        peaks.push((kind, peak_of(&mut wynos.command(export.iter().chain(more)))));
    }
    peaks
}

#[tokio::test]
async fn invariant_09_memory_does_not_grow_with_the_data() {
    for backend in Backend::ALL {
        let (few, many) = (peaks(backend, FEW).await, peaks(backend, MANY).await);
        println!("{backend:?}: {few:?}, five times the rows {many:?}");
        for ((what, few), (_, many)) in few.iter().zip(&many) {
            assert!(
                *many <= few + ALLOWANCE_KIB,
                "{backend:?}, {what}: {few} KiB, five times the rows {many} KiB"
            );
            assert!(*many <= LIMIT_KIB, "{backend:?}, {what}: {many} KiB");
        }
    }
}

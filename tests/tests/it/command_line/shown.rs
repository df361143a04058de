//! What people see: the demonstration, and how far a file has come on a terminal.

use std::process::Command;

use wynos_tests::{
    find_program,
    program::{Backend, Installation},
};

use super::customers_file;

/// Customers of the demonstration's shop.
const CUSTOMERS: u64 = 60;

#[tokio::test]
async fn the_demonstration_does_the_whole_job_and_ends() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let customers = CUSTOMERS.to_string();
    let arguments = ["demo", "--exit", "--unlimited", "--records", "40"];
    let demo = wynos
        .run(arguments.into_iter().chain(["--customers", &customers]))
        .unwrap();
    assert_eq!(demo.code, Some(0), "{demo:?}");
    let rows = demo.result["rows"].as_u64().unwrap();
    assert!(rows > CUSTOMERS, "{demo:?}");
    for made in ["id", "moved_to", "salon"] {
        assert!(demo.result[made].is_string(), "{made}: {demo:?}");
    }
    // The shop comes in, changes nothing the second time, and moves; every customer was in three files and two loads.
    let told = |line: &str| {
        let found = demo.told.lines().filter(|told| told.contains(line)).count();
        assert_eq!(found, 1, "{line}: {}", demo.told);
    };
    let came_in = format!("{rows} new, 0 changed, 0 unchanged");
    assert_eq!(demo.told.matches(&came_in).count(), 2, "{}", demo.told);
    told(&format!("0 new, 0 changed, {rows} unchanged"));
    told(&format!("{rows} rows in "));
    told("one press of the button");
    told("another owner, a moment later, is refused");
    told("the file is the same, byte for byte, but for its header");
    told(&format!("lines for {CUSTOMERS} customers"));
    told("row by row and column by column");
    told("200 things happened at the vendor");
    told("Done in ");
}

#[tokio::test]
async fn a_terminal_shows_how_much_of_a_file_is_done_and_a_program_sees_none_of_it() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let file = customers_file(wynos.folder(), 3_000);
    let import = ["import", file.to_str().unwrap(), "--subscription", &shop];
    let command = wynos.command(import);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    // People do not ask for JSON.
    let words = words.filter(|word| *word != "--json");
    let line: Vec<String> = words
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let script = find_program("script").expect("a terminal is there with the base system");
    let seen = Command::new(script)
        .args([
            "-qec",
            &format!("stty cols 100 rows 40; {}", line.join(" ")),
            "/dev/null",
        ])
        .output()
        .unwrap();
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    for part in ["importing [", "% ", "iB/"] {
        assert!(seen.contains(part), "{part}: {seen}");
    }

    let again = wynos.run(import).unwrap();
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(!again.told.contains('['), "{again:?}");
}

//! What the repository promises about itself.

use std::collections::BTreeSet;

use wynos_tests::project::{TextFile, local_links, root, tracked_text_files};

/// The most lines a Rust file may have; longer ones are split by meaning.
const LINES: usize = 400;

/// The tracked files, or none with a word when this copy of the project is no git checkout.
fn tracked() -> Vec<TextFile> {
    tracked_text_files().unwrap().unwrap_or_else(|| {
        println!("skipped: not a git checkout");
        Vec::new()
    })
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // Written in two parts so that this file does not match itself.
    let places = ["work", "farm", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    let names_a_place = |line: &str| {
        let lettered = |rest: &str| {
            rest.starts_with(|first: char| first == '.' || first.is_ascii_alphanumeric())
        };
        places
            .iter()
            .any(|place| line.split(place).skip(1).any(lettered))
    };
    let mut found = Vec::new();
    for file in tracked() {
        for (number, line) in file
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| names_a_place(line))
        {
            found.push(format!("{}:{}: {line}", file.path.display(), number + 1));
        }
    }
    assert_none("paths of a machine", &found);
}

#[test]
fn rust_files_are_short_enough_to_read() {
    let files = tracked()
        .into_iter()
        .filter(|file| file.has_extension("rs"));
    let long = files
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > LINES);
    let found: Vec<String> = long
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert_none("Rust files that are too long", &found);
}

#[test]
fn links_between_documents_resolve() {
    let root = root();
    let mut found = Vec::new();
    for file in tracked()
        .into_iter()
        .filter(|file| file.has_extension("md"))
    {
        let folder = root.join(&file.path).parent().unwrap().to_path_buf();
        for target in local_links(&file.text).filter(|target| !folder.join(target).exists()) {
            found.push(format!("{}: {target}", file.path.display()));
        }
    }
    assert_none("links that lead nowhere", &found);
}

#[test]
fn tests_named_in_the_architecture_exist() {
    let files = tracked();
    let named: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.path.ends_with("docs/ARCHITECTURE.md"))
        .flat_map(|file| file.text.split('`'))
        .filter(|word| word.starts_with("invariant_"))
        .collect();
    let missing = named.into_iter().filter(|name| {
        let function = format!("fn {name}");
        !files
            .iter()
            .any(|file| file.has_extension("rs") && file.text.contains(&function))
    });
    let found: Vec<String> = missing.map(str::to_owned).collect();
    assert_none(
        "tests that docs/ARCHITECTURE.md names and nobody wrote",
        &found,
    );
}

#[test]
fn no_test_is_switched_off() {
    let attribute = ["#[", "ignore"].concat();
    let files = tracked()
        .into_iter()
        .filter(|file| file.has_extension("rs") && file.text.contains(&attribute));
    let found: Vec<String> = files.map(|file| file.path.display().to_string()).collect();
    assert_none("ignored tests", &found);
}

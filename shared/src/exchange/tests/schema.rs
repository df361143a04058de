use std::{io::Write as _, process::Command};

use super::{
    super::{Passwords, ProfileName, SCHEMA, generate_schema},
    data, header, write, write_with,
};

#[test]
fn the_schema_in_the_docs_follows_from_the_catalog() {
    assert_eq!(
        SCHEMA,
        generate_schema(),
        "run: cargo run -p wynos --example exchange_schema > docs/exchange-v1.xsd"
    );
}

/// Whether xmllint accepts a file; `None` where it is not installed, which continuous integration does not allow.
fn valid(file: &[u8]) -> Option<bool> {
    let dir = tempfile::tempdir().unwrap();
    let (schema, path) = (dir.path().join("v1.xsd"), dir.path().join("file.xml"));
    std::fs::write(&schema, SCHEMA).unwrap();
    std::fs::write(&path, file).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([&schema, &path])
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if std::env::var_os("CI").is_some() => panic!("xmllint: {error}"),
        Err(_) => {
            println!("skipped: xmllint is not installed");
            return None;
        }
    };
    if !output.status.success() {
        std::io::stderr().write_all(&output.stderr).unwrap();
    }
    Some(output.status.success())
}

#[test]
fn xmllint_accepts_our_files_and_refuses_wrong_ones() {
    let full = header(ProfileName::Full);
    let reveal = |stored: &str| Ok(stored.to_owned());
    let shop = data::small_shop(ProfileName::Full);
    let files = [
        write(
            &header(ProfileName::Basic),
            &data::small_shop(ProfileName::Basic),
        ),
        write(&full, &shop),
        write_with(&full, &shop, Passwords::Include(Box::new(reveal))).0,
        write(&full, &super::Data::new()),
    ];
    for file in &files {
        let Some(valid) = valid(file) else {
            return;
        };
        assert!(valid);
    }
    let wrong = String::from_utf8(files[1].clone()).unwrap();
    for (right, wrong_value) in [
        ("BUSINESS", "ROBOT"),
        ("<srp>120.5</srp>", "<srp>120.555</srp>"),
    ] {
        let wrong = wrong.replace(right, wrong_value);
        assert_eq!(valid(wrong.as_bytes()), Some(false), "{wrong_value}");
    }
}

#[test]
fn xmllint_accepts_any_data() {
    use proptest::{
        strategy::{Strategy, ValueTree},
        test_runner::TestRunner,
    };
    let mut runner = TestRunner::deterministic();
    let any = data::any_data(ProfileName::Full);
    for _ in 0..8 {
        let data = any.new_tree(&mut runner).unwrap().current();
        assert_ne!(
            valid(&write(&header(ProfileName::Full), &data)),
            Some(false),
            "{data:?}"
        );
    }
}

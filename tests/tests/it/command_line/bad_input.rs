use std::{fs, path::Path};

use wynos_tests::program::{Backend, Installation};

use super::{after_header, sample_file};

/// Files that must be refused, and a word that the message must say.
fn bad_files(folder: &Path, good: &Path) -> Vec<(std::path::PathBuf, &'static str)> {
    let text = fs::read_to_string(good).unwrap();
    let end = text.len();
    let broken: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "truncated.xml",
            text.as_bytes()[..end * 2 / 3].to_vec(),
            "line",
        ),
        (
            "changed.xml",
            text.replacen("Polna", "Ponla", 1).into_bytes(),
            "SHA-256",
        ),
        (
            "doctype.xml",
            text.replacen("<wynos", "<!DOCTYPE wynos []><wynos", 1)
                .into_bytes(),
            "DOCTYPE",
        ),
        (
            "entity.xml",
            text.replacen("<person>", "<person>&boom;", 1).into_bytes(),
            "entit",
        ),
        (
            "newer.xml",
            text.replacen(
                "exchange:1\" version=\"1.0\"",
                "exchange:1\" version=\"2.0\"",
                1,
            )
            .into_bytes(),
            "2.0",
        ),
        (
            "utf16.xml",
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "UTF-8",
        ),
        ("zip.xml", b"PK\x03\x04rest of an archive".to_vec(), "zip"),
        ("empty.xml", Vec::new(), "empty"),
        ("not.xml", b"this is no XML at all".to_vec(), "XML"),
    ];
    let write = |(name, bytes, word): (&str, Vec<u8>, &'static str)| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        (path, word)
    };
    broken
        .into_iter()
        .map(|(name, bytes, word)| write((name, bytes, word)))
        .collect()
}

#[tokio::test]
async fn a_file_that_cannot_be_taken_names_its_fault_and_changes_nothing() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        let good = sample_file(wynos.folder(), 15);
        let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
        wynos
            .done(["import", good.to_str().unwrap(), "--subscription", &shop])
            .unwrap();
        for (path, word) in bad_files(wynos.folder(), &good) {
            let ended = wynos
                .run(["import", path.to_str().unwrap(), "--subscription", &shop])
                .unwrap();
            assert_eq!(ended.code, Some(1), "{}: {ended:?}", path.display());
            let message = ended.result["message"].as_str().unwrap();
            assert!(
                message.to_lowercase().contains(&word.to_lowercase()),
                "{}: {message}",
                path.display()
            );
        }
        let exported = wynos.folder().join("out.xml");
        let to = ["--format", "xml", "--output", exported.to_str().unwrap()];
        wynos
            .done(["export", "--subscription", &shop].into_iter().chain(to))
            .unwrap();
        assert_eq!(after_header(&good), after_header(&exported), "{backend:?}");
    }
}

/// A file of one row without checksums, so that a line of it can be anything.
fn by_hand(table: &str, row: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wynos xmlns=\"urn:wynos:exchange:1\" version=\"1.0\">\n\
         <header><origin>demoshop1</origin><created_at>2026-03-04T05:06:07Z</created_at>\
         <profile>full</profile></header>\n<{table}>\n{row}\n</{table}>\n\
         <trailer><section name=\"{table}\" rows=\"1\"/></trailer></wynos>"
    )
}

/// Whatever of a file does not come in, the program ends with three and names the line.
#[tokio::test]
async fn whatever_is_left_out_ends_with_three_and_its_line() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let repair = |inside: &str| {
        let row =
            format!("<repair id=\"x:r\"><rma>1</rma><status>CLOSED</status>{inside}</repair>");
        by_hand("repairs", &row)
    };
    let action = by_hand(
        "repair_actions",
        "<repair_action id=\"x:a\"><repair_id>x:no</repair_id><name>a</name></repair_action>",
    );
    let list = "rma,status,customer_id\n1,CLOSED,x:no\n".to_owned();
    // The file, its last arguments, the line at fault, and what becomes of its row.
    let cases = [
        (
            "type.xml",
            repair("<warranty>maybe</warranty>"),
            None,
            Some(5),
            "rejected",
        ),
        (
            "element.xml",
            repair("<colour>red</colour>"),
            None,
            Some(5),
            "rejected",
        ),
        ("required.xml", action, None, Some(5), "rejected"),
        (
            "optional.xml",
            repair("<customer_id>x:no</customer_id>"),
            None,
            Some(5),
            "left_out",
        ),
        ("reference.csv", list, Some("repairs"), Some(2), "left_out"),
        (
            "column.csv",
            "rma,status,Aura\n2,CLOSED,x\n".to_owned(),
            Some("repairs"),
            Some(1),
            "left_out",
        ),
        (
            "whole.csv",
            "rma,status\n3,CLOSED\n".to_owned(),
            Some("repairs"),
            None,
            "left_out",
        ),
    ];
    for (name, content, table, line, count) in cases {
        let (path, report) = (wynos.folder().join(name), wynos.folder().join("report.csv"));
        fs::write(&path, content).unwrap();
        let mut arguments = vec!["import", path.to_str().unwrap(), "--subscription", &shop];
        arguments.extend(["--report", report.to_str().unwrap()]);
        arguments.extend(table.iter().flat_map(|table| ["--table", table]));
        let ended = wynos.run(arguments).unwrap();
        let expected = if line.is_some() { 3 } else { 0 };
        assert_eq!(ended.code, Some(expected), "{name}: {ended:?}");
        let counts = ended.result["counts"].as_object().unwrap();
        let lost: u64 = counts.values().filter_map(|of| of[count].as_u64()).sum();
        assert_eq!(lost, u64::from(line.is_some()), "{name}: {ended:?}");
        let report = fs::read_to_string(&report).unwrap();
        if let Some(line) = line {
            let report = report.replace(';', ",");
            assert!(report.contains(&format!(",{line},")), "{name}: {report}");
        }
    }
}

#[tokio::test]
async fn a_report_is_not_written_over_what_is_read() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let list = wynos.folder().join("list.csv");
    fs::write(&list, "rma,status\n1,CLOSED\n").unwrap();
    let other = wynos
        .folder()
        .join("../")
        .join(wynos.folder().file_name().unwrap());
    let same = other.join("list.csv");
    let (list, same) = (list.to_str().unwrap(), same.to_str().unwrap());
    let arguments = ["--table", "repairs", "--subscription", &shop, "--report"];
    let ended = wynos
        .run(["import", list].into_iter().chain(arguments).chain([same]))
        .unwrap();
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(fs::read_to_string(list).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn wrong_usage_ends_with_two_and_a_message() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let nowhere = ["import", "nothing.dat", "--subscription", &shop];
    assert_eq!(wynos.run(nowhere).unwrap().code, Some(2));
    let unknown = [
        "import",
        "nothing.xml",
        "--subscription",
        "nosuchsubscription",
    ];
    assert_eq!(wynos.run(unknown).unwrap().code, Some(2));
    let no_table = [
        "export",
        "--subscription",
        &shop,
        "--format",
        "csv",
        "--output",
        "x.csv",
    ];
    assert_eq!(wynos.run(no_table).unwrap().code, Some(2));
    let missing = wynos
        .run(["import", "nothing.xml", "--subscription", &shop])
        .unwrap();
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(
        missing.result["message"]
            .as_str()
            .unwrap()
            .contains("nothing.xml"),
        "{missing:?}"
    );
}

/// What the program would drop of a job, it refuses; what it would have to guess, it asks for.
#[tokio::test]
async fn a_job_takes_the_options_of_its_kind_alone() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let period = ["--period", "last 3 days"];
    let age = ["--older-than-days", "30"];
    let add = |kind: &str, options: &[&str]| {
        let job = ["job", "add", kind, "--name", "Job", "--subscription", &shop];
        wynos.run([&job[..], options].concat()).unwrap()
    };
    let refused: [(&str, &[&str], &str); 5] = [
        ("base-pull", &period, "--period"),
        ("base-pull", &age, "--older-than-days"),
        ("reconciliation", &age, "--older-than-days"),
        (
            "retention",
            &["--period", "last 3 days", "--older-than-days", "30"],
            "--period",
        ),
        ("retention", &[], "--older-than-days"),
    ];
    for (kind, options, named) in refused {
        let ended = add(kind, options);
        assert_eq!(ended.code, Some(2), "{kind} {options:?}: {ended:?}");
        let message = ended.result["message"].as_str().unwrap();
        assert!(message.contains(named), "{kind} {options:?}: {message}");
    }
    let below = add("retention", &["--older-than-days", "-1"]);
    assert_eq!(below.code, Some(2), "{below:?}");
    let message = below.result["message"].as_str().unwrap();
    assert!(message.contains("whole number of days"), "{message}");
    assert!(!message.contains("-- -1"), "{message}");
    let made = add("retention", &age);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(made.result["settings"]["older_than_days"], 30);
    let listed = wynos.run(["job", "list", "--subscription", &shop]).unwrap();
    assert_eq!(listed.result["jobs"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn files_that_are_there_stay_and_nobody_is_erased_who_is_not_there() {
    let wynos = Installation::new(Backend::Sqlite).await.unwrap();
    let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
    let mine = wynos.folder().join("mine.csv");
    fs::write(&mine, "mine").unwrap();
    let file = mine.to_str().unwrap();
    let source = format!("{shop}-source01");
    let days = ["--from", "2026-05-01", "--to", "2026-05-02"];
    let compare = ["reconcile", "--source", &source, "--csv", file];
    let journal = ["journal", "export", "--subscription", &shop];
    let output = ["--output", file];
    for command in [
        [&compare[..], &days].concat(),
        [&journal[..], &output].concat(),
    ] {
        let ended = wynos.run(command).unwrap();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let message = ended.result["message"].as_str().unwrap();
        let words = "mine.csv is there already and stays as it is";
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    let whom = ["--customer", "200001352", "--of", "shop"];
    let erase = [&["erase", "--subscription", &shop][..], &whom].concat();
    for (code, outcome) in [(3, "nothing_found"), (0, "erased_before")] {
        let ended = wynos.run(erase.clone()).unwrap();
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert_eq!(ended.result["outcome"], outcome, "{ended:?}");
    }
    let told = wynos.run(["journal", "list", "--subscription", &shop]);
    let told = told.unwrap().result;
    let entries = told["entries"].as_array().unwrap().iter();
    let codes: Vec<_> = entries.filter_map(|entry| entry["code"].as_str()).collect();
    let count = |code: &str| codes.iter().filter(|told| **told == code).count();
    assert_eq!(count("retention.erasure-asked"), 2, "{codes:?}");
    assert_eq!(count("retention.erased-nothing"), 1, "{codes:?}");
    assert_eq!(count("retention.erased"), 0, "{codes:?}");
}

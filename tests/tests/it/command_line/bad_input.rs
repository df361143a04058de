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

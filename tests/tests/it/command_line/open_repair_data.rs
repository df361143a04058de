use std::path::{Path, PathBuf};

use wynos_tests::{
    program::{Backend, Installation},
    project,
};

use super::{after_header, assert_valid, csv_rows, xlsx_rows};

/// Real repairs that the Open Repair Alliance published, where a copy lies beside the project.
const FILES: [&str; 2] = ["RepairCafeDenmark_202507.csv", "RepairCafeWales_202507.csv"];

/// Where the published file of this name lies, if there is a copy.
pub(crate) fn published(name: &str) -> Option<PathBuf> {
    let path = project::root().join("../shared/data/openrepair").join(name);
    path.is_file().then_some(path)
}

fn records(path: &Path) -> Vec<csv::ByteRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(path)
        .unwrap();
    reader.byte_records().map(Result::unwrap).collect()
}

#[tokio::test]
async fn published_repairs_go_in_and_out_and_move_without_a_loss() {
    for backend in Backend::ALL {
        for name in FILES {
            let Some(file) = published(name) else {
                println!("skipped: {name} is not beside the project");
                continue;
            };
            go_through(backend, &file).await;
        }
    }
}

async fn go_through(backend: Backend, file: &Path) {
    let wynos = Installation::new(backend).await.unwrap();
    let first = wynos.subscription("First", "owner@example.com").unwrap();
    let second = wynos.subscription("Second", "owner@example.com").unwrap();
    let original = records(file);
    let repairs = original.len() - 1;

    let imported = wynos
        .run([
            "import",
            file.to_str().unwrap(),
            "--subscription",
            &first,
            "--format",
            "ords",
        ])
        .unwrap();
    assert!(matches!(imported.code, Some(0 | 3)), "{imported:?}");
    assert_eq!(
        imported.result["counts"]["repairs"]["new"], repairs,
        "{backend:?}: {imported:?}"
    );

    let export = |subscription: &str, name: &str, more: &[&str]| {
        let path = wynos.folder().join(name);
        let arguments = [
            "export",
            "--subscription",
            subscription,
            "--output",
            path.to_str().unwrap(),
        ];
        wynos.done(arguments.iter().chain(more)).unwrap();
        path
    };
    let back = export(&first, "back.csv", &["--format", "ords"]);
    let mut back = records(&back);
    let mut original = original;
    back.sort_by(|left, right| left.iter().cmp(right.iter()));
    original.sort_by(|left, right| left.iter().cmp(right.iter()));
    assert!(back == original, "{backend:?}: the file comes back changed");

    let list = export(
        &first,
        "repairs.csv",
        &["--format", "csv", "--table", "repairs", "--locale", "pl"],
    );
    assert_eq!(csv_rows(&list), repairs);
    let sheet = export(
        &first,
        "repairs.xlsx",
        &["--format", "xlsx", "--table", "repairs", "--locale", "pl"],
    );
    assert_eq!(xlsx_rows(&sheet), repairs);

    let left = export(&first, "left.xml", &["--format", "xml"]);
    assert_valid(&left);
    wynos
        .done(["import", left.to_str().unwrap(), "--subscription", &second])
        .unwrap();
    let right = export(&second, "right.xml", &["--format", "xml"]);
    assert!(
        after_header(&left) == after_header(&right),
        "{backend:?}: the moved shop differs"
    );
}

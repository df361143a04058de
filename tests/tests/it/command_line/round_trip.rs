use wynos_tests::program::{Backend, Installation};

use super::{after_header, assert_valid, sample_file};

#[tokio::test]
async fn invariant_11_a_full_file_imports_back_equal_and_again_changes_nothing() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        let file = sample_file(wynos.folder(), 60);
        let path = file.to_str().unwrap();
        let first = wynos.subscription("First", "owner@example.com").unwrap();
        let second = wynos.subscription("Second", "owner@example.com").unwrap();

        let imported = wynos
            .done(["import", path, "--subscription", &first])
            .unwrap();
        assert_eq!(
            imported["counts"]["customers"]["new"], 60,
            "{backend:?}: {imported}"
        );
        let again = wynos
            .done(["import", path, "--subscription", &first])
            .unwrap();
        assert_eq!(
            again["counts"]["customers"]["unchanged"], 60,
            "{backend:?}: {again}"
        );
        assert_eq!(
            again["counts"]["customers"]["new"], 0,
            "{backend:?}: {again}"
        );

        let (left, right) = (
            wynos.folder().join("left.xml"),
            wynos.folder().join("right.xml"),
        );
        let export = |subscription: &str, to: &std::path::Path| {
            let to = to.to_str().unwrap().to_owned();
            let exported = wynos
                .done([
                    "export",
                    "--subscription",
                    subscription,
                    "--format",
                    "xml",
                    "--output",
                    &to,
                ])
                .unwrap();
            assert_eq!(
                exported["counts"]["customers"], 60,
                "{backend:?}: {exported}"
            );
        };
        export(&first, &left);
        assert_valid(&left);
        assert_eq!(after_header(&left), after_header(&file), "{backend:?}");

        wynos
            .done(["import", left.to_str().unwrap(), "--subscription", &second])
            .unwrap();
        export(&second, &right);
        assert_eq!(after_header(&left), after_header(&right), "{backend:?}");
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_would_happen_and_changes_nothing() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        let file = sample_file(wynos.folder(), 20);
        let path = file.to_str().unwrap();
        let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
        let tried = wynos
            .done(["import", path, "--subscription", &shop, "--dry-run"])
            .unwrap();
        assert_eq!(
            tried["counts"]["customers"]["new"], 20,
            "{backend:?}: {tried}"
        );
        let imported = wynos
            .done(["import", path, "--subscription", &shop])
            .unwrap();
        assert_eq!(
            imported["counts"]["customers"]["new"], 20,
            "{backend:?}: {imported}"
        );
    }
}

#[tokio::test]
async fn lists_and_the_database_file_hold_every_row() {
    for backend in Backend::ALL {
        let wynos = Installation::new(backend).await.unwrap();
        let file = sample_file(wynos.folder(), 40);
        let shop = wynos.subscription("Shop", "owner@example.com").unwrap();
        wynos
            .done(["import", file.to_str().unwrap(), "--subscription", &shop])
            .unwrap();

        let csv = wynos.folder().join("customers.csv");
        let arguments = [
            "export",
            "--subscription",
            &shop,
            "--format",
            "csv",
            "--table",
            "customers",
        ];
        let to = ["--locale", "plain", "--output", csv.to_str().unwrap()];
        wynos.done(arguments.into_iter().chain(to)).unwrap();
        let rows = csv::Reader::from_path(&csv)
            .unwrap()
            .into_records()
            .map(Result::unwrap)
            .count();
        assert_eq!(rows, 40, "{backend:?}");

        let narrow = [
            "--columns",
            "phone,id",
            "--where",
            "type=BUSINESS",
            "--locale",
            "plain",
            "--output",
            csv.to_str().unwrap(),
        ];
        let narrowed = wynos.done(arguments.into_iter().chain(narrow)).unwrap();
        let rows: Vec<_> = csv::Reader::from_path(&csv)
            .unwrap()
            .into_records()
            .map(Result::unwrap)
            .collect();
        assert!((1..40).contains(&rows.len()), "{backend:?}: {narrowed}");
        assert!(
            rows.iter()
                .all(|row| row.len() == 2 && row[1].starts_with("sampleorigin:c")),
            "{backend:?}: {rows:?}"
        );

        let database = wynos.folder().join("shop.sqlite");
        let to = ["--format", "sqlite", "--output", database.to_str().unwrap()];
        wynos
            .done(["export", "--subscription", &shop].into_iter().chain(to))
            .unwrap();
        let database = rusqlite::Connection::open(&database).unwrap();
        let count = |sql: &str| {
            database
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!(count("SELECT count(*) FROM repairs"), 60, "{backend:?}");
        assert_eq!(count("SELECT count(*) FROM customers"), 40, "{backend:?}");
    }
}
